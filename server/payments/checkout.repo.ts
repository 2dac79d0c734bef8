/** SQL of the simulated institution's payment orders: rows of `psp.requests` of their own kind. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';

export type CheckoutRow = {
  readonly referenceId: string;
  readonly ref: string;
  readonly amountFen: bigint;
  readonly state: 'open' | 'accepted' | 'done' | 'failed';
  readonly reason: string | null;
  readonly purpose: string;
  readonly expiresAt: Instant;
};

type Columns = {
  client_ref: string;
  ref: string;
  amount_fen: string;
  state: CheckoutRow['state'];
  reason: string | null;
  purpose: string | null;
  expires_at: Date;
};
const SELECT =
  "select client_ref, ref, amount_fen, state, reason, purpose, expires_at from psp.requests where kind = 'checkout' and client_ref = $1";

function checkoutOf(row: Columns): CheckoutRow {
  return {
    referenceId: row.client_ref,
    ref: row.ref,
    amountFen: BigInt(row.amount_fen),
    state: row.state,
    reason: row.reason,
    purpose: row.purpose ?? '',
    expiresAt: at(row.expires_at),
  };
}

export async function findCheckout(sql: Queryable, clientRef: string): Promise<CheckoutRow | null> {
  const [row] = await query<Columns>(sql, SELECT, [clientRef]);
  return row === undefined ? null : checkoutOf(row);
}

export async function lockCheckout(tx: Tx, clientRef: string): Promise<CheckoutRow | null> {
  const [row] = await query<Columns>(tx, `${SELECT} for update`, [clientRef]);
  return row === undefined ? null : checkoutOf(row);
}

/** @param refusal what the bank will answer when it is due; null: it pays */
export async function acceptCheckout(tx: Tx, clientRef: string, due: Instant, refusal: string | null): Promise<void> {
  await query(tx, "update psp.requests set state = 'accepted', due_at = $2, reason = $3 where client_ref = $1", [
    clientRef,
    toIso(due),
    refusal,
  ]);
}

/** @returns the orders that nobody paid in time */
export async function expireCheckouts(tx: Tx, now: Instant): Promise<readonly string[]> {
  const rows = await query<{ client_ref: string }>(
    tx,
    `update psp.requests set state = 'failed', reason = 'timeout' where client_ref in (
       select client_ref from psp.requests where state = 'open' and expires_at <= $1 order by expires_at limit 100 for update)
     returning client_ref`,
    [new Date(now)],
  );
  return rows.map((row) => row.client_ref);
}
