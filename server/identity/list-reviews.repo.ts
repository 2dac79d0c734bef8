/** SQL of hits on lists of persons: one that stands per account. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { CaseOutcome } from '#server/trpc/views.ts';

export type ListReview = { readonly reviewNo: string; readonly acct: AccountId; readonly caseId: string | null; readonly occasion: string };

type Columns = { review_no: string; acct: string; case_id: string | null; occasion: string };
const COLUMNS = 'r.review_no::text, r.acct, r.case_id, r.occasion';
const rowOf = ({ review_no: reviewNo, acct, case_id: caseId, occasion }: Columns): ListReview => ({
  ...{ reviewNo, caseId, occasion },
  acct: parseAccountId(acct),
});

/** @returns whether it is new: no other stands, and no person released the account after `releasedSince` */
export async function insertReview(
  tx: Tx,
  hit: { readonly acct: AccountId; readonly at: Instant; readonly occasion: string; readonly provider: string },
  { dueAt, releasedSince }: { readonly dueAt: Instant; readonly releasedSince: Instant },
): Promise<boolean> {
  const rows = await query(
    tx,
    `insert into identity.list_reviews (acct, at, occasion, provider, due_at) select $1, $2, $3, $4, $5
     where not exists (select from identity.list_reviews r where r.acct = $1 and r.state = 'released' and r.decided_at > $6)
     on conflict do nothing returning review_no`,
    [hit.acct, new Date(hit.at), hit.occasion, hit.provider, new Date(dueAt), new Date(releasedSince)],
  );
  return rows.length > 0;
}

/** The list no longer names a person who was reported. @returns whether there was one */
export async function endReported(tx: Tx, acct: AccountId, at: Instant): Promise<boolean> {
  const rows = await query(
    tx,
    "update identity.list_reviews set state = 'released', decided_at = $2 where acct = $1 and state = 'reported' returning review_no",
    [acct, new Date(at)],
  );
  return rows.length > 0;
}

export async function findLastScreening(sql: Queryable, acct: AccountId): Promise<{ readonly at: Instant } | null> {
  const [row] = await query<{ at: Date }>(sql, 'select at from identity.screenings where acct = $1 order by at desc limit 1', [acct]);
  return row === undefined ? null : { at: instant(row.at.getTime()) };
}

export async function listWithoutCase(tx: Tx): Promise<readonly ListReview[]> {
  const text = `select ${COLUMNS} from identity.list_reviews r where r.state = 'held' and r.case_id is null order by r.review_no limit 100 for update`;
  return (await query<Columns>(tx, text)).map(rowOf);
}

export async function setCase(tx: Tx, { reviewNo }: ListReview, caseId: string): Promise<void> {
  await query(tx, 'update identity.list_reviews set case_id = $2 where review_no = $1::bigint', [reviewNo, caseId]);
}

/** Held ones whose case a person has closed. */
export async function listDecided(tx: Tx): Promise<readonly (ListReview & { readonly outcome: CaseOutcome })[]> {
  const rows = await query<Columns & { outcome: CaseOutcome }>(
    tx,
    `select ${COLUMNS}, c.outcome from identity.list_reviews r join cases.cases c using (case_id)
     where r.state = 'held' and c.state = 'closed' order by r.review_no limit 100 for update of r`,
  );
  return rows.map((row) => ({ ...rowOf(row), outcome: row.outcome }));
}

export async function decide(tx: Tx, { reviewNo }: ListReview, state: 'released' | 'reported', at: Instant): Promise<void> {
  await query(tx, 'update identity.list_reviews set state = $2, decided_at = $3 where review_no = $1::bigint', [
    reviewNo,
    state,
    new Date(at),
  ]);
}

/** Whose hold ends now although nothing has ended it. */
export async function listRunningOut(tx: Tx, now: Instant): Promise<readonly (ListReview & { readonly isHeld: boolean })[]> {
  const rows = await query<Columns & { is_held: boolean }>(
    tx,
    `select ${COLUMNS}, r.state = 'held' as is_held from identity.list_reviews r where r.state <> 'released' and r.due_at <= $1
     order by r.review_no limit 100 for update`,
    [new Date(now)],
  );
  return rows.map((row) => ({ ...rowOf(row), isHeld: row.is_held }));
}

export async function moveOn(tx: Tx, { reviewNo }: ListReview, dueAt: Instant): Promise<void> {
  await query(tx, 'update identity.list_reviews set due_at = $2 where review_no = $1::bigint', [reviewNo, new Date(dueAt)]);
}
