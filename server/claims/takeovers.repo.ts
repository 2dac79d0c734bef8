/** Rows of declared takeovers, and what of the account they are about. */
import { type AccountId, type OrderId, parseAccountId, parseOrderId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { type GiftId, parseGiftId } from '#server/settlement/sale-id.ts';

export type TakeoverRow = {
  readonly takeoverId: string;
  readonly acct: AccountId;
  readonly text: string;
  readonly at: Date;
  readonly until: Date;
  readonly document: CaseDocument;
  readonly signature: Uint8Array;
  readonly proof: Readonly<Record<string, string>>;
  readonly canceled: number;
  readonly doneAt: Date | null;
};
type Columns = Omit<TakeoverRow, 'acct' | 'signature'> & { readonly acct: string; readonly signature: Uint8Array };
const SELECT = `select takeover_id as "takeoverId", acct, text, at, until, document, signature, proof, canceled, done_at as "doneAt" from cases.takeovers`;
const rowOf = (row: Columns): TakeoverRow => ({ ...row, acct: parseAccountId(row.acct), signature: new Uint8Array(row.signature) });

export async function findTakeover(sql: Queryable, takeoverId: string): Promise<TakeoverRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where takeover_id = $1`, [takeoverId]);
  return row === undefined ? null : rowOf(row);
}
/** Whose cool-down still lasts. */
export async function findRunning(sql: Queryable, acct: AccountId, now: Instant): Promise<TakeoverRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where acct = $1 and until > $2 order by at desc limit 1`, [acct, toIso(now)]);
  return row === undefined ? null : rowOf(row);
}
export async function listTakeoversToDo(sql: Queryable, limit: number): Promise<readonly TakeoverRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where done_at is null order by at limit $1::int`, [String(limit)]);
  return rows.map(rowOf);
}

export async function insertTakeover(
  tx: Tx,
  row: {
    readonly takeoverId: string;
    readonly acct: AccountId;
    readonly text: string;
    readonly at: Instant;
    readonly until: Instant;
    readonly document: CaseDocument;
    readonly signature: Uint8Array;
    readonly proof: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { takeoverId, acct, text, document, proof } = row;
  const facts = { takeover_id: takeoverId, acct, text, document, proof, canceled: 0 };
  const times = { at: toIso(row.at), until: toIso(row.until), done_at: null };
  await insertRows(tx, 'cases.takeovers', [{ ...facts, ...times, signature: bytea(row.signature) }]);
}
export async function addCanceled(sql: Queryable, takeoverId: string, count: number): Promise<void> {
  await query(sql, 'update cases.takeovers set canceled = canceled + $2::int where takeover_id = $1', [takeoverId, String(count)]);
}
export async function endTakeover(sql: Queryable, takeoverId: string, at: Instant): Promise<void> {
  await query(sql, 'update cases.takeovers set done_at = $2 where takeover_id = $1 and done_at is null', [takeoverId, toIso(at)]);
}
export async function countClaims(sql: Queryable, takeoverId: string): Promise<number> {
  const [row] = await query<{ count: number }>(sql, 'select count(*)::int as count from cases.claims where takeover_id = $1', [takeoverId]);
  return row?.count ?? 0;
}

/** Placed before the declaration: what is bought afterwards is the owner's own. */
export async function listOpenOrders(sql: Queryable, acct: AccountId, at: Date): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    'select order_id from market.orders where acct = $1 and ended_at is null and placed_at <= $2 order by order_id limit 400',
    [acct, at],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}
export async function listOpenGifts(sql: Queryable, acct: AccountId): Promise<readonly GiftId[]> {
  const rows = await query<{ gift_id: string }>(sql, "select gift_id from market.gifts where giver = $1 and state = 'open' limit 400", [
    acct,
  ]);
  return rows.map((row) => parseGiftId(row.gift_id));
}

/** Of the days before the declaration, on either side, whose money or item can still go back. `waiting`: not certified yet. */
export async function listTradesToClaim(
  sql: Queryable,
  acct: AccountId,
  from: Date,
  to: Date,
): Promise<{ readonly ready: readonly TradeId[]; readonly waiting: number }> {
  const rows = await query<{ trade_id: string; is_ready: boolean }>(
    sql,
    `select t.trade_id, t.state = 'protected' and t.tx_id in (select e.tx_id from ledger.entries e) as is_ready from market.trades t
     where (t.seller = $1 or t.buyer = $1) and t.ordered_at >= $2 and t.ordered_at <= $3
       and t.state in ('reserved', 'publicity', 'settled', 'certified', 'protected')
       and not exists (select from cases.claims c where c.trade_id = t.trade_id and (c.claimant = $1 or c.state <> 'closed'))
     order by t.seq limit 200`,
    [acct, from, to],
  );
  const ready = rows.filter((row) => row.is_ready).map((row) => parseTradeId(row.trade_id));
  return { ready, waiting: rows.length - ready.length };
}
