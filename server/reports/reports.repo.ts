/** SQL of reports and of the jobs that make them. */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Tx } from '#server/db.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ReportFile } from './report-file.ts';
import type { ReportJob, ReportSummary } from './reports.ts';

type JobRow = {
  readonly job_id: string;
  readonly kind: string;
  readonly period: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly state: ReportJob['state'];
  readonly reason: string | null;
  readonly report_id: string | null;
  readonly ended_at: Date | null;
};
const jobOf = (row: JobRow): ReportJob => ({
  jobId: row.job_id,
  kind: row.kind,
  period: row.period,
  requestedBy: row.requested_by,
  requestedAt: at(row.requested_at),
  state: row.state,
  reason: row.reason,
  reportId: row.report_id,
});
const JOB = 'job_id, kind, period, requested_by, requested_at, state, reason, report_id, ended_at';

/** The same job asked for twice stays one. */
export async function insertJob(
  sql: Queryable,
  job: { readonly jobId: string; readonly kind: string; readonly period: string; readonly requestedBy: string; readonly at: Date },
): Promise<ReportJob> {
  await query(
    sql,
    "insert into reports.jobs (job_id, kind, period, requested_by, requested_at, state) values ($1, $2, $3, $4, $5, 'queued') on conflict do nothing",
    [job.jobId, job.kind, job.period, job.requestedBy, job.at],
  );
  const [row] = await query<JobRow>(sql, `select ${JOB} from reports.jobs where job_id = $1`, [job.jobId]);
  if (row === undefined) throw new Error(`the job ${job.jobId} is missing`);
  return jobOf(row);
}

/** A job that a crash left running is as good as queued: it makes the same bytes again. */
export async function findOpenJob(sql: Queryable): Promise<ReportJob | null> {
  const [row] = await query<JobRow>(sql, `select ${JOB} from reports.jobs where ended_at is null order by requested_at, job_id limit 1`);
  return row === undefined ? null : jobOf(row);
}

export async function startJob(sql: Queryable, jobId: string): Promise<void> {
  await query(sql, "update reports.jobs set state = 'running' where job_id = $1 and ended_at is null", [jobId]);
}

export async function endJob(
  sql: Queryable,
  jobId: string,
  outcome: { readonly reportId: string | null; readonly reason: string | null; readonly at: Date },
): Promise<void> {
  await query(
    sql,
    `update reports.jobs set state = case when $2::text is null then 'failed' else 'finished' end, report_id = $2, reason = $3, ended_at = $4
     where job_id = $1 and ended_at is null`,
    [jobId, outcome.reportId, outcome.reason, outcome.at],
  );
}

export async function listJobs(sql: Queryable, kinds: readonly string[]): Promise<readonly ReportJob[]> {
  const rows = await query<JobRow>(
    sql,
    `select ${JOB} from reports.jobs where kind = any($1) and (ended_at is null or state = 'failed') order by requested_at desc limit 20`,
    [[...kinds]],
  );
  return rows.map(jobOf);
}

type ReportRow = {
  readonly report_id: string;
  readonly kind: string;
  readonly period: string;
  readonly version: number;
  readonly amends: string | null;
  readonly height: string;
  readonly at: Date;
  readonly manifest: string;
  readonly sm3: Uint8Array;
  readonly key_id: string;
  readonly sig: Uint8Array;
  readonly tx_id: Uint8Array;
};
const REPORT = 'report_id, kind, period, version, amends, height::text, at, manifest, sm3, key_id, sig, tx_id';
const reportOf = (row: ReportRow): ReportSummary => ({
  reportId: row.report_id,
  kind: row.kind,
  period: row.period,
  version: row.version,
  amends: row.amends,
  height: row.height,
  at: at(row.at),
  manifest: row.manifest,
  sm3: toHex(row.sm3),
  keyId: row.key_id,
  sig: toHex(row.sig),
  txId: toHex(row.tx_id),
});

export async function findLatest(sql: Queryable, kind: string, period: string): Promise<ReportSummary | null> {
  const [row] = await query<ReportRow>(
    sql,
    `select ${REPORT} from reports.reports where kind = $1 and period = $2 order by version desc limit 1`,
    [kind, period],
  );
  return row === undefined ? null : reportOf(row);
}

export async function findReport(sql: Queryable, reportId: string): Promise<ReportSummary | null> {
  const [row] = await query<ReportRow>(sql, `select ${REPORT} from reports.reports where report_id = $1`, [reportId]);
  return row === undefined ? null : reportOf(row);
}

export async function listReports(sql: Queryable, kinds: readonly string[], limit: number): Promise<readonly ReportSummary[]> {
  const rows = await query<ReportRow>(
    sql,
    `select ${REPORT} from reports.reports where kind = any($1) order by at desc, report_id limit $2`,
    [[...kinds], limit],
  );
  return rows.map(reportOf);
}

export async function insertReport(
  tx: Tx,
  report: ReportSummary,
  files: readonly (ReportFile & { readonly sm3: Uint8Array })[],
): Promise<void> {
  await insertRows(tx, 'reports.reports', [
    {
      report_id: report.reportId,
      kind: report.kind,
      period: report.period,
      version: report.version,
      amends: report.amends,
      height: report.height,
      at: new Date(report.at).toISOString(),
      manifest: report.manifest,
      sm3: `\\x${report.sm3}`,
      key_id: report.keyId,
      sig: `\\x${report.sig}`,
      tx_id: `\\x${report.txId}`,
    },
  ]);
  await insertRows(
    tx,
    'reports.files',
    files.map(({ name, mediaType, content, sm3 }) => ({
      report_id: report.reportId,
      name,
      media_type: mediaType,
      sm3: bytea(sm3),
      content: bytea(content),
    })),
  );
}

export async function findFile(
  sql: Queryable,
  reportId: string,
  name: string,
): Promise<{ readonly mediaType: string; readonly content: Uint8Array } | null> {
  const [row] = await query<{ media_type: string; content: Uint8Array }>(
    sql,
    'select media_type, content from reports.files where report_id = $1 and name = $2',
    [reportId, name],
  );
  return row === undefined ? null : { mediaType: row.media_type, content: row.content };
}

export async function listFiles(
  sql: Queryable,
  reportId: string,
): Promise<readonly { readonly name: string; readonly content: Uint8Array }[]> {
  return query<{ name: string; content: Uint8Array }>(sql, 'select name, content from reports.files where report_id = $1 order by name', [
    reportId,
  ]);
}
