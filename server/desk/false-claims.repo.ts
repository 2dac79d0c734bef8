/** Rows of findings that a claim was false. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { insertRows, query } from '#server/journal/rows.repo.ts';

export async function countFalse(tx: Tx, acct: AccountId): Promise<number> {
  const [row] = await query<{ count: number }>(tx, 'select count(*)::int as count from cases.false_claims where acct = $1', [acct]);
  return row?.count ?? 0;
}
export async function findBar(tx: Tx, acct: AccountId, now: Instant): Promise<Date | null> {
  const [row] = await query<{ until: Date | null }>(
    tx,
    'select max(until) as until from cases.false_claims where acct = $1 and until > $2',
    [acct, toIso(now)],
  );
  return row?.until ?? null;
}
export async function insertFalse(
  tx: Tx,
  row: { readonly subjectId: string; readonly acct: AccountId; readonly at: Instant; readonly until: Instant },
): Promise<void> {
  const facts = { subject_id: row.subjectId, acct: row.acct, at: toIso(row.at), until: toIso(row.until) };
  await insertRows(tx, 'cases.false_claims', [facts]);
}
