/** SQL of who is a minor, and of the small deposits that were read before. */
import type { PaymentFact } from '#sandbox/surveillance/facts.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

/** `bornAfter`: the birth date of whoever comes of age today. */
export async function listMinors(sql: Queryable, accts: readonly string[], bornAfter: string): Promise<readonly string[]> {
  if (accts.length === 0) return [];
  const rows = await query<{ acct: string }>(
    sql,
    "select acct from identity.players where acct = any($1) and to_char(birth_date, 'YYYY-MM-DD') > $2 order by acct",
    [accts, bornAfter],
  );
  return rows.map(({ acct }) => acct);
}

export async function listDeposits(
  sql: Queryable,
  deposits: readonly PaymentFact[],
  { mostFen, since }: { readonly mostFen: bigint; readonly since: number },
): Promise<readonly { readonly to: string; readonly at: number }[]> {
  if (deposits.length === 0) return [];
  const rows = await query<{ ref: string; at: Date }>(
    sql,
    `select body->>'to' as ref, at from surveillance.facts
     where kind = 'payment' and at > $2 and body->>'to' = any($1) and (body->>'amountFen')::numeric <= $3`,
    [deposits.map(({ to }) => to), new Date(since).toISOString(), String(mostFen)],
  );
  return rows.map(({ ref, at }) => ({ to: ref, at: at.getTime() }));
}
