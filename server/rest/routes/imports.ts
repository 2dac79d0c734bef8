/** Imports and jobs (product T-14, T-24): a whole file, mapped, checked row by row, worked off in the background. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';

import { applyMapping } from '../../studio/apply-mapping.ts';
import { findClassesByRef, findGame } from '../../studio/catalogue.repo.ts';
import { insertJob, listProgress, listRefusedRows, type NewJobRow } from '../../studio/jobs.repo.ts';
import { classRow, mintRow } from '../../studio/rows.schema.ts';
import { Problem } from '../problems.ts';
import { type RestServices, type RouteCall, readRoute, route } from '../router.ts';
import { type PostImport, type PostJobAct, postImport, postJobAct } from '../schemas.ts';
import { answerOnce } from '../write.ts';

const IMPORT_BYTES = 50 * 1024 * 1024;

/** Each source row as a row of the batch call, or the reason why it is none. The same file again changes nothing: a kind that is declared
 *  counts as `same`. */
async function readRows(services: RestServices, body: PostImport): Promise<readonly NewJobRow[]> {
  const schema = body.kind === 'item_classes' ? classRow : mintRow;
  const rows = body.rows.map((source, index): NewJobRow => {
    const mapped = body.mapping === undefined ? { kind: 'mapped' as const, row: source } : applyMapping(source, body.mapping);
    if (mapped.kind === 'refused')
      return { rowRef: `#${index}`, body: source, units: 0, state: 'refused', code: `${mapped.code}:${mapped.field}` };
    const parsed = schema.safeParse(mapped.row);
    if (!parsed.success) {
      return {
        rowRef: `#${index}`,
        body: mapped.row,
        units: 0,
        state: 'refused',
        code: `row_malformed:${parsed.error.issues[0]?.path.join('.') ?? ''}`,
      };
    }
    return {
      rowRef: parsed.data.class_ref,
      body: parsed.data,
      units: 'quantity' in parsed.data ? parsed.data.quantity : 1,
      state: 'waiting',
      code: null,
    };
  });
  if (body.kind === 'mints') return rows;
  const declared = await findClassesByRef(
    services.sql,
    body.game_id,
    rows.map((row) => row.rowRef),
  );
  return rows.map((row) => (row.state === 'waiting' && declared.has(row.rowRef) ? { ...row, state: 'same' as const } : row));
}

function countsOf(rows: readonly NewJobRow[]) {
  const count = (state: NewJobRow['state']) => rows.filter((row) => row.state === state).length;
  return { total: rows.length, new: count('waiting'), same: count('same'), refused: count('refused') };
}

function refusedOf(rows: readonly NewJobRow[]) {
  return rows
    .flatMap((row, index) => (row.state === 'refused' ? [{ row: index, row_ref: row.rowRef, code: row.code }] : []))
    .slice(0, 1000);
}

/** Like every write: named once for ever (T-12). A step that is taken and whose answer is lost before it is kept is taken again, and is
 *  harmless: pausing, resuming and ending twice leave what once leaves. */
async function act(call: RouteCall<PostJobAct>, step: 'pause' | 'resume' | 'cancel') {
  const jobId = call.params.id ?? '';
  return answerOnce(call, `POST /jobs/${jobId}/${step}`, async (keep) => {
    const { body: job } = await getJob(call);
    if (call.body.dry_run) return { status: 200, body: { ...job, state: 'dry_run' } };
    const outcome = await call.services.studio.actOnJob(call.caller.acct, jobId, step);
    if (outcome !== 'done') throw new Problem(outcome);
    const { status, body } = await getJob(call);
    const answer = { status, body: { ...body, replayed: false } };
    await call.services.sql.begin((sql) => keep(sql, answer));
    return answer;
  });
}

async function getJob(call: RouteCall<unknown>) {
  const jobId = call.params.id ?? '';
  const [progress] = await listProgress(call.services.sql, { acct: call.caller.acct, jobId }, call.services.clock.now());
  if (progress === undefined) throw new Problem('job_unknown');
  return {
    status: 200,
    body: {
      job_id: progress.jobId,
      state: progress.state,
      total: progress.total,
      done: progress.done,
      certified: progress.certified,
      refused: progress.rejected,
      per_minute: progress.perMinute,
      eta_seconds: progress.etaSeconds,
      refused_rows: await listRefusedRows(call.services.sql, jobId),
    },
  };
}

export const importRoutes = [
  route({
    method: 'POST',
    path: '/imports',
    summary: 'Import a file of kinds or of items to issue',
    access: 'write',
    schema: postImport,
    maxBytes: IMPORT_BYTES,
    run: (call) =>
      // A file is kept as the rows of its job; its reference holds only what tells two files apart.
      answerOnce(
        { ...call, body: { ...call.body, rows: [], file_rows: call.body.rows.length, file_sm3: fileDigest(call.body.rows) } },
        'POST /imports',
        async (keep) => {
          const { body, caller, services } = call;
          const game = await findGame(services.sql, caller.acct, body.game_id);
          if (game === null) throw new Problem('game_unknown');
          if (game.approval_no === null) throw new Problem('approval_missing');
          const rows = await readRows(services, body);
          const counts = countsOf(rows);
          if (body.dry_run) return { status: 200, body: { state: 'dry_run', counts, refused_rows: refusedOf(rows) } };
          const jobId = `job_${toHex(services.random.bytes(16))}`;
          const answer = { status: 202, body: { job_id: jobId, state: 'queued', counts, replayed: false } };
          await services.sql.begin(async (sql) => {
            await insertJob(
              sql,
              { jobId, acct: caller.acct, referenceId: body.reference_id, kind: body.kind, gameId: body.game_id, at: services.clock.now() },
              rows,
            );
            await keep(sql, answer);
          });
          services.studio.wakeJobs();
          return answer;
        },
      ),
  }),
  readRoute({ path: '/jobs/{id}', summary: 'Progress of a job', run: getJob }),
  route({
    method: 'POST',
    path: '/jobs/{id}/pause',
    summary: 'Pause between two batches',
    access: 'write',
    schema: postJobAct,
    run: (call) => act(call, 'pause'),
  }),
  route({
    method: 'POST',
    path: '/jobs/{id}/resume',
    summary: 'Go on',
    access: 'write',
    schema: postJobAct,
    run: (call) => act(call, 'resume'),
  }),
  route({
    method: 'POST',
    path: '/jobs/{id}/cancel',
    summary: 'End; what is issued stays issued',
    access: 'write',
    schema: postJobAct,
    run: (call) => act(call, 'cancel'),
  }),
];

function fileDigest(rows: readonly unknown[]): string {
  return toHex(sm3(utf8(JSON.stringify(rows))));
}
