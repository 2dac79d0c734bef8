/** SQL of import jobs: their rows change state in the database transaction that gives the LedgerTx its place, so a crash neither loses nor
 *  repeats a row. */
import { and, asc, eq, inArray } from 'drizzle-orm';
import type postgres from 'postgres';
import { jobRows, jobs } from '#drizzle/schema/index.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
import type { ImportProgress } from '#server/trpc/views.ts';
import type { RefusedRow } from './list-rows.schema.ts';

type Sql = postgres.Sql | postgres.TransactionSql;

export type JobState = 'queued' | 'running' | 'paused' | 'finished' | 'failed' | 'canceled';
export type JobRecord = {
  readonly job_id: string;
  readonly acct: string;
  readonly reference_id: string;
  readonly kind: 'item_classes' | 'mints';
  readonly game_id: string;
  readonly state: JobState;
  readonly total: number;
};
export type JobRow = { readonly row_no: number; readonly row_ref: string; readonly body: unknown; readonly units: number };
export type NewJobRow = {
  readonly rowRef: string;
  readonly body: unknown;
  readonly units: number;
  readonly state: 'waiting' | 'same' | 'refused';
  readonly code: string | null;
};

export async function insertJob(
  sql: Sql,
  job: {
    readonly jobId: string;
    readonly acct: string;
    readonly referenceId: string;
    readonly kind: string;
    readonly gameId: string;
    readonly at: Instant;
  },
  rows: readonly NewJobRow[],
): Promise<void> {
  await sql`
    insert into studio.jobs (job_id, acct, reference_id, kind, game_id, state, total, created_at)
    values (${job.jobId}, ${job.acct}, ${job.referenceId}, ${job.kind}, ${job.gameId}, 'queued', ${rows.length}, ${new Date(job.at)})`;
  for (let from = 0; from < rows.length; from += 5000) {
    const part = rows.slice(from, from + 5000);
    await sql`
      insert into studio.job_rows (job_id, row_no, row_ref, body, units, state, code)
      select ${job.jobId}, row_no, row_ref, body::jsonb, units, state, code from unnest(
        ${part.map((_, index) => from + index)}::int[], ${part.map((row) => row.rowRef)}::text[], ${part.map((row) => JSON.stringify(row.body))}::text[],
        ${part.map((row) => row.units)}::int[], ${part.map((row) => row.state)}::text[], ${part.map((row) => row.code)}::text[]
      ) as given (row_no, row_ref, body, units, state, code)`;
  }
}

const JOB_RECORD = {
  job_id: jobs.jobId,
  acct: jobs.acct,
  reference_id: jobs.referenceId,
  kind: jobs.kind,
  game_id: jobs.gameId,
  state: jobs.state,
  total: jobs.total,
};

export async function findJob(sql: Sql, acct: string | null, jobId: string): Promise<JobRecord | null> {
  const rows = await orm(sql)
    .select(JOB_RECORD)
    .from(jobs)
    .where(and(eq(jobs.jobId, jobId), acct === null ? undefined : eq(jobs.acct, acct)));
  return rows[0] ?? null;
}

/** The job to work on next: one at a time, oldest first. */
export async function findRunnableJob(sql: Sql): Promise<JobRecord | null> {
  const rows = await orm(sql)
    .select(JOB_RECORD)
    .from(jobs)
    .where(inArray(jobs.state, ['queued', 'running']))
    .orderBy(asc(jobs.createdAt), asc(jobs.jobId))
    .limit(1);
  return rows[0] ?? null;
}

export async function listWaitingRows(sql: Sql, jobId: string, limit: number): Promise<readonly JobRow[]> {
  return orm(sql)
    .select({ row_no: jobRows.rowNo, row_ref: jobRows.rowRef, body: jobRows.body, units: jobRows.units })
    .from(jobRows)
    .where(and(eq(jobRows.jobId, jobId), eq(jobRows.state, 'waiting')))
    .orderBy(asc(jobRows.rowNo))
    .limit(limit);
}

export async function setJobState(
  sql: Sql,
  jobId: string,
  from: readonly JobState[],
  to: JobState,
  at: Instant,
  reason: string | null = null,
): Promise<boolean> {
  const rows = await sql`
    update studio.jobs set state = ${to}, reason = ${reason},
      started_at = case when ${to} = 'running' then coalesce(started_at, ${new Date(at)}) else started_at end,
      ended_at = case when ${to} in ('finished', 'failed', 'canceled') then ${new Date(at)}::timestamptz else null end
    where job_id = ${jobId} and state = any(${[...from]}) returning job_id`;
  return rows.length === 1;
}

export async function markRows(
  sql: Sql,
  jobId: string,
  rows: readonly {
    readonly rowNo: number;
    readonly state: 'sequenced' | 'refused';
    readonly code: string | null;
    readonly txId: Uint8Array | null;
  }[],
): Promise<void> {
  await sql`
    update studio.job_rows r set state = given.state, code = given.code, tx_id = decode(given.tx_id, 'hex')
    from unnest(${rows.map((row) => row.rowNo)}::int[], ${rows.map((row) => row.state)}::text[], ${rows.map((row) => row.code)}::text[],
      ${rows.map((row) => (row.txId === null ? null : toHex(row.txId)))}::text[]) as given (row_no, state, code, tx_id)
    where r.job_id = ${jobId} and r.row_no = given.row_no and r.state = 'waiting'`;
}

/** Follows certification: rows and kinds whose LedgerTx the members have certified. @returns the jobs of these rows */
export async function markCertified(sql: Sql, txIds: readonly Uint8Array[], at: Instant): Promise<readonly string[]> {
  const ids = txIds.map((txId) => toHex(txId));
  const rows = await sql<{ job_id: string }[]>`
    with moved as (
      update studio.job_rows set state = 'certified'
      where state = 'sequenced' and tx_id = any(select decode(id, 'hex') from unnest(${ids}::text[]) as given (id)) returning job_id
    ) select distinct job_id from moved`;
  await sql`update catalogue.item_classes set certified_at = ${new Date(at)} where certified_at is null and tx_id = any(select decode(id, 'hex') from unnest(${ids}::text[]) as given (id))`;
  return rows.map((row) => row.job_id);
}

/** After a start: what was certified while nobody listened. @returns the jobs of these rows */
export async function catchUpCertified(sql: Sql, at: Instant): Promise<readonly string[]> {
  const rows = await sql<{ job_id: string }[]>`
    with moved as (
      update studio.job_rows r set state = 'certified' from ledger.ledger_txs t
      where r.state = 'sequenced' and t.tx_id = r.tx_id and t.status = 'certified' returning r.job_id
    ) select distinct job_id from moved`;
  await sql`
    update catalogue.item_classes c set certified_at = ${new Date(at)} from ledger.ledger_txs t
    where c.certified_at is null and t.tx_id = c.tx_id and t.status = 'certified'`;
  return rows.map((row) => row.job_id);
}

type ProgressRow = {
  readonly job_id: string;
  readonly acct: string;
  readonly kind: string;
  readonly state: JobState;
  readonly total: number;
  readonly done: number;
  readonly certified: number;
  readonly rejected: number;
  readonly units: number;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
};

const counted = (sql: Sql) => sql`
  j.job_id, j.acct, j.kind, j.state, j.total, j.started_at, j.ended_at,
  count(r.*) filter (where r.state <> 'waiting')::int as done,
  count(r.*) filter (where r.state in ('certified', 'same'))::int as certified,
  count(r.*) filter (where r.state = 'refused')::int as rejected,
  coalesce(sum(r.units) filter (where r.state = 'certified'), 0)::int as units`;

/** Of these jobs, with whose they are. */
export async function listProgressOf(
  sql: Sql,
  jobIds: readonly string[],
  now: Instant,
): Promise<readonly { readonly acct: string; readonly progress: ImportProgress }[]> {
  const rows = await sql<ProgressRow[]>`
    select ${counted(sql)} from studio.jobs j left join studio.job_rows r using (job_id)
    where j.job_id = any(${[...jobIds]}) group by j.job_id order by j.created_at, j.job_id`;
  return rows.map((row) => ({ acct: row.acct, progress: progressOf(row, now) }));
}

export async function listProgress(
  sql: Sql,
  filter: { readonly acct?: string; readonly jobId?: string },
  now: Instant,
): Promise<readonly ImportProgress[]> {
  const rows = await sql<ProgressRow[]>`
    select ${counted(sql)} from studio.jobs j left join studio.job_rows r using (job_id)
    where (${filter.acct ?? null}::text is null or j.acct = ${filter.acct ?? null}) and (${filter.jobId ?? null}::text is null or j.job_id = ${filter.jobId ?? null})
    group by j.job_id order by j.created_at desc, j.job_id limit 20`;
  return rows.map((row) => progressOf(row, now));
}

function progressOf(row: ProgressRow, now: Instant): ImportProgress {
  const from = row.started_at?.getTime() ?? now;
  const minutes = Math.max(1, (row.ended_at?.getTime() ?? now) - from) / 60_000;
  const perMinute = row.started_at === null ? 0 : Math.round(row.done / minutes);
  const left = row.total - row.certified - row.rejected;
  return {
    jobId: row.job_id,
    state: row.state === 'canceled' ? 'finished' : row.state,
    done: row.done,
    total: row.total,
    certified: row.certified,
    rejected: row.rejected,
    perMinute,
    etaSeconds: row.state === 'running' && perMinute > 0 ? Math.ceil((left * 60) / perMinute) : null,
    classes: row.kind === 'item_classes' ? row.certified : 0,
    items: row.kind === 'mints' ? row.units : 0,
  };
}

export async function listRefusedRows(sql: Sql, jobId: string): Promise<readonly RefusedRow[]> {
  return sql<RefusedRow[]>`
    select row_no as row, row_ref, code from studio.job_rows where job_id = ${jobId} and state = 'refused' order by row_no limit 1000`;
}
