/** SQL of what became of reports at their authorities. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { AuthorityAnswer, FilingReason } from './report-authority.ts';
import type { Filing } from './reports.ts';

/** Each scheduled report has one filing from the moment it is seen; the oldest come first. */
export async function listUnfiled(
  sql: Queryable,
  kinds: readonly string[],
): Promise<readonly { readonly reportId: string; readonly kind: string; readonly period: string }[]> {
  const rows = await query<{ report_id: string; kind: string; period: string }>(
    sql,
    `select report_id, kind, period from reports.reports r where kind = any($1) and not exists (select 1 from reports.filings f where f.report_id = r.report_id)
     order by at, report_id limit 100`,
    [[...kinds]],
  );
  return rows.map((row) => ({ reportId: row.report_id, kind: row.kind, period: row.period }));
}

export async function insertFiling(
  sql: Queryable,
  filing: { readonly reportId: string; readonly authority: string; readonly dueOn: string; readonly at: Instant },
): Promise<void> {
  await query(
    sql,
    `insert into reports.filings (report_id, authority, due_on, state, attempts, next_at) values ($1, $2, $3, 'waiting', 0, $4) on conflict do nothing`,
    [filing.reportId, filing.authority, filing.dueOn, new Date(filing.at)],
  );
}

export async function listDueFilings(
  sql: Queryable,
  now: Instant,
): Promise<readonly { readonly reportId: string; readonly state: 'waiting' | 'handed'; readonly attempts: number }[]> {
  const rows = await query<{ report_id: string; state: 'waiting' | 'handed'; attempts: number }>(
    sql,
    `select report_id, state, attempts from reports.filings join reports.reports using (report_id)
     where answered_at is null and next_at <= $1 order by kind, period, version limit 100`,
    [new Date(now)],
  );
  return rows.map((row) => ({ reportId: row.report_id, state: row.state, attempts: row.attempts }));
}

export async function moveFiling(
  sql: Queryable,
  reportId: string,
  move: { readonly handedAt: Instant | null; readonly nextAt: Instant; readonly isAttempt: boolean },
): Promise<void> {
  await query(
    sql,
    `update reports.filings set attempts = attempts + $2, next_at = $3, handed_at = coalesce(handed_at, $4),
       state = case when coalesce(handed_at, $4) is null then 'waiting' else 'handed' end where report_id = $1 and answered_at is null`,
    [reportId, move.isAttempt ? 1 : 0, new Date(move.nextAt), move.handedAt === null ? null : new Date(move.handedAt)],
  );
}

export async function endFiling(sql: Queryable, reportId: string, answer: AuthorityAnswer): Promise<void> {
  const isAccepted = answer.outcome === 'accepted';
  await query(
    sql,
    `update reports.filings set state = $2, answered_at = $3, receipt_no = $4, is_late = $5, reason = $6 where report_id = $1 and answered_at is null`,
    [
      reportId,
      answer.outcome,
      new Date(answer.at),
      isAccepted ? answer.receiptNo : null,
      isAccepted ? answer.isLate : null,
      isAccepted ? null : answer.reason,
    ],
  );
}

export async function listFilings(sql: Queryable, reportIds: readonly string[]): Promise<ReadonlyMap<string, Filing>> {
  type Row = {
    readonly report_id: string;
    readonly authority: string;
    readonly due_on: string;
    readonly state: Filing['state'];
    readonly attempts: number;
    readonly handed_at: Date | null;
    readonly answered_at: Date | null;
    readonly receipt_no: string | null;
    readonly is_late: boolean | null;
    readonly reason: FilingReason | null;
  };
  const rows = await query<Row>(
    sql,
    `select report_id, authority, due_on::text, state, attempts, handed_at, answered_at, receipt_no, is_late, reason
     from reports.filings where report_id = any($1)`,
    [[...reportIds]],
  );
  const textOf = (date: Date | null) => (date === null ? null : toIso(at(date)));
  return new Map(
    rows.map((row) => [
      row.report_id,
      {
        authority: row.authority,
        dueOn: row.due_on,
        state: row.state,
        attempts: row.attempts,
        handedAt: textOf(row.handed_at),
        answeredAt: textOf(row.answered_at),
        receiptNo: row.receipt_no,
        isLate: row.is_late,
        reason: row.reason,
      },
    ]),
  );
}

/** Versions of a period, newest first, with what became of each. */
export async function listVersions(
  sql: Queryable,
  kinds: readonly string[],
  since: string,
): Promise<
  readonly { readonly kind: string; readonly period: string; readonly reportId: string; readonly state: Filing['state'] | null }[]
> {
  const rows = await query<{ kind: string; period: string; report_id: string; state: Filing['state'] | null }>(
    sql,
    `select kind, period, report_id, state from reports.reports left join reports.filings using (report_id)
     where kind = any($1) and left(period, 4) >= $2 order by version desc`,
    [[...kinds], since],
  );
  return rows.map(({ report_id: reportId, ...row }) => ({ ...row, reportId }));
}
