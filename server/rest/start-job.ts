/** A write that is too long for one answer: its rows become a job that is worked off in the background (product T-14, T-24). */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { findClassesByRef, findGame } from '../studio/catalogue.repo.ts';
import { insertJob, type NewJobRow } from '../studio/jobs.repo.ts';
import type { Answered, importAnswer, queuedJob, triedJob } from './answers.schema.ts';
import { Problem } from './problems.ts';
import type { RestServices, RouteAnswer, RouteCall } from './router.ts';
import { answerOnce, type WriteBody } from './write.ts';

export type JobKind = 'item_classes' | 'mints';
type LongWrite = WriteBody & { readonly game_id: string; readonly rows: readonly unknown[] };

/**
 * `rows`: as the job will work them off, the refused ones among them. The same file again changes nothing: a kind that is declared counts as
 * `same`. What is sent is kept as the rows of the job; the reference holds only what tells two files apart.
 * @throws {Problem} `game_unknown`, `approval_missing`
 */
export function startJob<Body extends LongWrite>(
  call: RouteCall<Body>,
  facts: { readonly name: string; readonly kind: JobKind; readonly rows: () => readonly NewJobRow[] },
): Promise<RouteAnswer<Answered<typeof importAnswer>>> {
  const { body, caller, services } = call;
  const kept = { ...call, body: { ...body, rows: [], file_rows: body.rows.length, file_sm3: digestOf(body.rows) } };
  return answerOnce<typeof kept.body, Answered<typeof queuedJob> | Answered<typeof triedJob>>(kept, facts.name, async (keep) => {
    const game = await findGame(services.sql, caller.acct, body.game_id);
    if (game === null) throw new Problem('game_unknown');
    if (game.approval_no === null) throw new Problem('approval_missing');
    const rows = facts.kind === 'mints' ? facts.rows() : await markSame(services, body.game_id, facts.rows());
    const counts = countsOf(rows);
    if (body.dry_run) return { status: 200, body: { state: 'dry_run' as const, counts, refused_rows: refusedOf(rows) } };
    const jobId = `job_${toHex(services.random.bytes(16))}`;
    const answer = { status: 202, body: { job_id: jobId, state: 'queued' as const, counts, replayed: false } };
    const { acct } = caller;
    const job = { jobId, acct, referenceId: body.reference_id, kind: facts.kind, gameId: body.game_id, at: services.clock.now() };
    await services.sql.begin(async (sql) => {
      await insertJob(sql, job, rows);
      await keep(sql, answer);
    });
    services.studio.wakeJobs();
    return answer;
  });
}

async function markSame(services: RestServices, gameId: string, rows: readonly NewJobRow[]): Promise<readonly NewJobRow[]> {
  const refs = rows.map((row) => row.rowRef);
  const declared = await findClassesByRef(services.sql, gameId, refs);
  return rows.map((row) => (row.state === 'waiting' && declared.has(row.rowRef) ? { ...row, state: 'same' as const } : row));
}

function countsOf(rows: readonly NewJobRow[]) {
  const count = (state: NewJobRow['state']) => rows.filter((row) => row.state === state).length;
  return { total: rows.length, new: count('waiting'), same: count('same'), refused: count('refused') };
}

function refusedOf(rows: readonly NewJobRow[]) {
  return rows
    .flatMap((row, index) => (row.state === 'refused' ? [{ row: index, row_ref: row.rowRef, code: row.code ?? '' }] : []))
    .slice(0, 1000);
}

function digestOf(rows: readonly unknown[]): string {
  return toHex(sm3(utf8(JSON.stringify(rows))));
}
