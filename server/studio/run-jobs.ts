/** Works off import jobs, one batch after the other; pause, cancel and a crash take effect between batches. */
import type { TransactionSql } from 'postgres';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { planClasses, sequenceClasses, txOfClass } from './declare-classes.ts';
import { findJob, findRunnableJob, type JobRecord, type JobRow, listWaitingRows, markRows, setJobState } from './jobs.repo.ts';
import { planMints, sequenceMints, txsOfRow } from './mint-items.ts';
import type { StudioPorts } from './ports.ts';
import { classRow, mintRow } from './rows.schema.ts';
import { type RowResult, SequencingRefused } from './write-plan.ts';

const ROWS_PER_BATCH = 400;
/** A kind may be used for a Mint once it is certified: blocks come every quarter of a second. */
const WAIT_MS = 100;

export type BatchOutcome = 'idle' | 'worked' | 'waiting';

/** One batch of the oldest runnable job. */
export async function runBatch(ports: StudioPorts): Promise<BatchOutcome> {
  const job = await findRunnableJob(ports.sql);
  if (job === null) return 'idle';
  const outcome = await runBatchOf(ports, job);
  if (outcome === 'worked') ports.onJobsMoved([job.job_id]);
  return outcome;
}

async function runBatchOf(ports: StudioPorts, job: JobRecord): Promise<BatchOutcome> {
  if (job.state === 'queued') await setJobState(ports.sql, job.job_id, ['queued'], 'running', ports.now());
  const rows = await listWaitingRows(ports.sql, job.job_id, ROWS_PER_BATCH);
  if (rows.length === 0) {
    await setJobState(ports.sql, job.job_id, ['running'], 'finished', ports.now());
    return 'worked';
  }
  try {
    return job.kind === 'item_classes' ? await declareBatch(ports, job, rows) : await mintBatch(ports, job, rows);
  } catch (error) {
    if (!(error instanceof SequencingRefused)) throw error;
    await setJobState(ports.sql, job.job_id, ['running', 'queued'], 'failed', ports.now(), error.code);
    return 'worked';
  }
}

async function declareBatch(ports: StudioPorts, job: JobRecord, rows: readonly JobRow[]): Promise<BatchOutcome> {
  const acct = parseAccountId(job.acct);
  const parsed = rows.map((row) => classRow.parse(row.body));
  const plan = await planClasses(ports, acct, job.game_id, job.reference_id, parsed);
  const envs = signedOrPaused(ports, acct, plan.bodies);
  if (envs === null) return pauseUnsigned(ports, job);
  const place = acceptedPlaces(plan.results);
  const mark = (sql: TransactionSql, txIds: readonly string[]) =>
    markRows(
      sql,
      job.job_id,
      plan.results.map((result, index) => markOf(result, rows[index], txIds[txOfClass(place.get(index) ?? 0)])),
    );
  if (envs.length === 0) await ports.sql.begin((sql) => mark(sql, []));
  else await sequenceClasses(ports, { acct, gameId: job.game_id, referenceId: job.reference_id, rows: parsed, plan }, envs, mark);
  return 'worked';
}

async function mintBatch(ports: StudioPorts, job: JobRecord, rows: readonly JobRow[]): Promise<BatchOutcome> {
  const acct = parseAccountId(job.acct);
  const plan = await planMints(
    ports,
    acct,
    job.game_id,
    job.reference_id,
    rows.map((row) => mintRow.parse(row.body)),
    rows.map((row) => row.row_no),
  );
  if (plan.results.some((result) => result.state === 'rejected' && result.code === 'class_not_certified')) return 'waiting';
  const envs = signedOrPaused(ports, acct, plan.bodies);
  if (envs === null) return pauseUnsigned(ports, job);
  const mark = (sql: TransactionSql, txIds: readonly string[]) =>
    markRows(
      sql,
      job.job_id,
      // A row that spans two LedgerTx counts as certified with the later one.
      plan.results.map((result, index) => markOf(result, rows[index], txIds[txsOfRow(plan, index).at(-1) ?? 0])),
    );
  if (envs.length === 0) await ports.sql.begin((sql) => mark(sql, []));
  else await sequenceMints(ports, { acct, referenceId: job.reference_id, plan }, envs, mark);
  return 'worked';
}

function signedOrPaused(ports: StudioPorts, acct: AccountId, bodies: Parameters<StudioPorts['signHosted']>[1]) {
  return bodies.length === 0 ? [] : ports.signHosted(acct, bodies);
}

/** Without a hosted key a job cannot go on; the studio issues by signed batches then. */
async function pauseUnsigned(ports: StudioPorts, job: JobRecord): Promise<BatchOutcome> {
  await setJobState(ports.sql, job.job_id, ['running'], 'paused', ports.now(), 'issuing_key_not_hosted');
  return 'worked';
}

function acceptedPlaces(results: readonly RowResult[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const result of results) if (result.state === 'accepted') places.set(result.row, places.size);
  return places;
}

function markOf(result: RowResult, row: JobRow | undefined, txId: string | undefined) {
  const rowNo = row?.row_no ?? result.row;
  if (result.state === 'rejected') return { rowNo, state: 'refused' as const, code: result.code, txId: null };
  return { rowNo, state: 'sequenced' as const, code: null, txId: txId === undefined ? null : fromHex(txId) };
}

/** Runs until stopped; `wake` ends a sleep, the next one if it comes during a batch, which may have looked before it. A fault of a batch is
 *  reported and tried again after a pause: nothing of it was written. */
export function startJobRunner(ports: StudioPorts, report: (error: unknown) => void): { wake(): void; stop(): Promise<void> } {
  let isStopped = false;
  let isWoken = false;
  let endSleep: () => void = () => undefined;
  const wake = () => {
    isWoken = true;
    endSleep();
  };
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      if (isWoken) return resolve();
      const timer = setTimeout(resolve, ms);
      endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      let outcome: BatchOutcome | 'failed';
      isWoken = false;
      try {
        outcome = await runBatch(ports);
      } catch (error) {
        report(error);
        outcome = 'failed';
      }
      if (outcome === 'idle') await sleep(5000);
      if (outcome === 'waiting') await sleep(WAIT_MS);
      if (outcome === 'failed') await sleep(1000);
    }
  };
  const running = loop();
  return {
    wake,
    stop: async () => {
      isStopped = true;
      wake();
      await running;
    },
  };
}

export async function actOnJob(
  ports: StudioPorts,
  acct: string | null,
  jobId: string,
  act: 'pause' | 'resume' | 'cancel',
): Promise<'done' | 'job_unknown' | 'job_ended'> {
  const job = await findJob(ports.sql, acct, jobId);
  if (job === null) return 'job_unknown';
  const steps = {
    pause: { from: ['queued', 'running', 'paused'], to: 'paused' },
    resume: { from: ['paused', 'queued', 'running'], to: 'running' },
    cancel: { from: ['queued', 'running', 'paused', 'canceled'], to: 'canceled' },
  } as const;
  const { from, to } = steps[act];
  if (!(await setJobState(ports.sql, jobId, from, to, ports.now()))) return 'job_ended';
  ports.onJobsMoved([jobId]);
  return 'done';
}
