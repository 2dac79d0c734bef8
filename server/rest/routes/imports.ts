/** Imports and jobs (product T-14, T-24): a whole file, mapped, checked row by row, worked off in the background. */
import type { z } from 'zod';
import { applyMapping } from '../../studio/apply-mapping.ts';
import { listProgress, listRefusedRows, type NewJobRow } from '../../studio/jobs.repo.ts';
import { classRow, mintRow } from '../../studio/rows.schema.ts';
import { type Answered, importAnswer, jobActAnswer, jobAnswer } from '../answers.schema.ts';
import { Problem } from '../problems.ts';
import { type RouteCall, readRoute, route } from '../router.ts';
import { type PostImport, type PostJobAct, postImport, postJobAct } from '../schemas.ts';
import { startJob } from '../start-job.ts';
import { answerOnce } from '../write.ts';

const IMPORT_BYTES = 50 * 1024 * 1024;

/** A row as the batch call takes it, waiting to be worked off. */
export function waitingRow(body: z.infer<typeof classRow> | z.infer<typeof mintRow>): NewJobRow {
  return { rowRef: body.class_ref, body, units: 'quantity' in body ? body.quantity : 1, state: 'waiting', code: null };
}

/** Each source row as a row of the batch call, or the reason why it is none. */
function readRows({ kind, mapping, rows }: PostImport): readonly NewJobRow[] {
  const schema = kind === 'item_classes' ? classRow : mintRow;
  return rows.map((source, index): NewJobRow => {
    const refused = (body: unknown, code: string): NewJobRow => ({ rowRef: `#${index}`, body, units: 0, state: 'refused', code });
    const mapped = mapping === undefined ? { kind: 'mapped' as const, row: source } : applyMapping(source, mapping);
    if (mapped.kind === 'refused') return refused(source, `${mapped.code}:${mapped.field}`);
    const parsed = schema.safeParse(mapped.row);
    if (!parsed.success) return refused(mapped.row, `row_malformed:${parsed.error.issues[0]?.path.join('.') ?? ''}`);
    return waitingRow(parsed.data);
  });
}

/** Like every write: named once for ever (T-12). A step that is taken and whose answer is lost before it is kept is taken again, and is
 *  harmless: pausing, resuming and ending twice leave what once leaves. */
async function act(call: RouteCall<PostJobAct>, step: 'pause' | 'resume' | 'cancel') {
  const jobId = call.params.id ?? '';
  return answerOnce<PostJobAct, Answered<typeof jobActAnswer>>(call, `POST /jobs/${jobId}/${step}`, async (keep) => {
    const { body: job } = await getJob(call);
    if (call.body.dry_run) return { status: 200, body: { ...job, state: 'dry_run' as const } };
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
    answer: importAnswer,
    maxBytes: IMPORT_BYTES,
    run: (call) => startJob(call, { name: 'POST /imports', kind: call.body.kind, rows: () => readRows(call.body) }),
  }),
  readRoute({ path: '/jobs/{id}', summary: 'Progress of a job', answer: jobAnswer, run: getJob }),
  route({
    method: 'POST',
    path: '/jobs/{id}/pause',
    summary: 'Pause between two batches',
    access: 'write',
    schema: postJobAct,
    answer: jobActAnswer,
    run: (call) => act(call, 'pause'),
  }),
  route({
    method: 'POST',
    path: '/jobs/{id}/resume',
    summary: 'Go on',
    access: 'write',
    schema: postJobAct,
    answer: jobActAnswer,
    run: (call) => act(call, 'resume'),
  }),
  route({
    method: 'POST',
    path: '/jobs/{id}/cancel',
    summary: 'End; what is issued stays issued',
    access: 'write',
    schema: postJobAct,
    answer: jobActAnswer,
    run: (call) => act(call, 'cancel'),
  }),
];
