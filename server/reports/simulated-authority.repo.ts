/** SQL of the simulated authorities' own books; nothing else reads or writes them. */
import type { Instant } from '#ledger/primitives/instant.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { AuthorityAnswer, FilingReason } from './report-authority.ts';

export type IntakeHead = { readonly reportId: string; readonly kind: string; readonly period: string; readonly version: number };
export type IntakeVerdict =
  | { readonly outcome: 'accepted'; readonly receiptNo: string; readonly isLate: boolean }
  | { readonly outcome: 'rejected'; readonly reason: FilingReason };

/** @returns how often this report has been handed in, this time included */
export async function knock(sql: Queryable, { reportId, kind, period, version }: IntakeHead): Promise<number> {
  const [row] = await query<{ knocks: number }>(
    sql,
    `insert into simulated_authority.intake (report_id, kind, period, version, knocks) values ($1, $2, $3, $4, 1)
     on conflict (report_id) do update set knocks = intake.knocks + 1 returning knocks`,
    [reportId, kind, period, version],
  );
  return row?.knocks ?? 1;
}

/** The highest version that was taken in, whatever became of it. */
export async function findVersionTaken(sql: Queryable, { kind, period, reportId }: IntakeHead): Promise<number> {
  const [row] = await query<{ version: number | null }>(
    sql,
    'select max(version) as version from simulated_authority.intake where kind = $1 and period = $2 and report_id <> $3 and taken_at is not null',
    [kind, period, reportId],
  );
  return row?.version ?? 0;
}

export async function take(
  sql: Queryable,
  reportId: string,
  verdict: IntakeVerdict,
  { takenAt, answerAt }: { readonly takenAt: Instant; readonly answerAt: Instant },
): Promise<void> {
  const isAccepted = verdict.outcome === 'accepted';
  await query(
    sql,
    `update simulated_authority.intake set taken_at = $2, answer_at = $3, outcome = $4, reason = $5, receipt_no = $6, is_late = $7
     where report_id = $1 and taken_at is null`,
    [
      reportId,
      new Date(takenAt),
      new Date(answerAt),
      verdict.outcome,
      isAccepted ? null : verdict.reason,
      isAccepted ? verdict.receiptNo : null,
      isAccepted ? verdict.isLate : null,
    ],
  );
}

export async function findAnswer(sql: Queryable, reportId: string, now: Instant): Promise<AuthorityAnswer | null> {
  type Row = {
    readonly answer_at: Date;
    readonly outcome: 'accepted' | 'rejected';
    readonly reason: FilingReason | null;
    readonly receipt_no: string | null;
    readonly is_late: boolean | null;
  };
  const [row] = await query<Row>(
    sql,
    'select answer_at, outcome, reason, receipt_no, is_late from simulated_authority.intake where report_id = $1 and answer_at <= $2',
    [reportId, new Date(now)],
  );
  if (row === undefined) return null;
  const answeredAt = at(row.answer_at);
  if (row.outcome === 'accepted' && row.receipt_no !== null)
    return { outcome: 'accepted', receiptNo: row.receipt_no, isLate: row.is_late === true, at: answeredAt };
  return { outcome: 'rejected', reason: row.reason ?? 'file_damaged', at: answeredAt };
}
