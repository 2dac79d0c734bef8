/** Rows of objections, and what can be objected to. */
import { type AccountId, type OrderId, parseAccountId, parseOrderId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type ObjectionRow = {
  readonly objectionId: string;
  readonly subjectId: string;
  readonly objector: AccountId;
  readonly text: string;
};
type Columns = Omit<ObjectionRow, 'objector'> & { readonly objector: string };
const SELECT = 'select objection_id as "objectionId", subject_id as "subjectId", objector, text from cases.objections';
const rowOf = (row: Columns): ObjectionRow => ({ ...row, objector: parseAccountId(row.objector) });

export async function findObjection(sql: Queryable, objectionId: string): Promise<ObjectionRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where objection_id = $1`, [objectionId]);
  return row === undefined ? null : rowOf(row);
}

type Public = { readonly endsAt: Date; readonly parties: readonly AccountId[] } & (
  | { readonly kind: 'trade'; readonly tradeId: TradeId }
  | { readonly kind: 'listing'; readonly orderId: OrderId }
);
/** In publicity now. */
export async function findPublic(sql: Queryable, subjectId: string, now: Instant): Promise<Public | null> {
  const [trade] = await query<{ seller: string; buyer: string; ends: Date }>(
    sql,
    "select seller, buyer, deadline_at as ends from market.trades where trade_id = $1 and state = 'publicity' and deadline_at > $2",
    [subjectId, toIso(now)],
  );
  if (trade !== undefined) {
    const parties = [parseAccountId(trade.seller), parseAccountId(trade.buyer)];
    return { kind: 'trade', tradeId: parseTradeId(subjectId), endsAt: trade.ends, parties };
  }
  const [listing] = await query<{ acct: string; ends: Date }>(
    sql,
    `select acct, live_from as ends from market.orders
     where order_id = $1 and side = 'sell' and intent = 'listing' and ended_at is null and live_from > $2`,
    [subjectId, toIso(now)],
  );
  if (listing === undefined) return null;
  return { kind: 'listing', orderId: parseOrderId(subjectId), endsAt: listing.ends, parties: [parseAccountId(listing.acct)] };
}

/** @returns false: this person has objected to this already */
export async function insertObjection(tx: Tx, row: ObjectionRow & { readonly at: Instant; readonly dueAt: Instant }): Promise<boolean> {
  const facts = { objection_id: row.objectionId, subject_id: row.subjectId, objector: row.objector, text: row.text };
  const times = { at: toIso(row.at), due_at: toIso(row.dueAt) };
  return (await insertRows(tx, 'cases.objections', [{ ...facts, ...times }], 'on conflict do nothing')) === 1;
}

export async function closeObjection(tx: Tx, objectionId: string, outcome: string, at: Instant): Promise<void> {
  await query(tx, 'update cases.objections set closed_at = $2, outcome = $3 where objection_id = $1 and closed_at is null', [
    objectionId,
    toIso(at),
    outcome,
  ]);
}

export async function listOverObjections(tx: Tx, now: Instant): Promise<readonly ObjectionRow[]> {
  const rows = await query<Columns>(
    tx,
    `${SELECT} o where closed_at is null and (due_at <= $1
       or not (exists (select from market.trades t where t.trade_id = o.subject_id and t.state = 'publicity')
         or exists (select from market.orders r where r.order_id = o.subject_id and r.ended_at is null)))
     order by due_at limit 200 for update`,
    [toIso(now)],
  );
  return rows.map(rowOf);
}
