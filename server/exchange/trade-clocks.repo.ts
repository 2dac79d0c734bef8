/** Reads and moves trades whose time has come. */
import { type AccountId, type OrderId, parseAccountId, parseOrderId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, insertRows, type Queryable, query, updateRows } from '#server/journal/rows.repo.ts';
import type { Mechanism, TradeState } from '#server/trpc/views.ts';

import { addStates } from './save-trades.repo.ts';

export type DueTrade = {
  readonly tradeId: TradeId;
  readonly sellOrderId: OrderId;
  readonly buyOrderId: OrderId;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly classId: string;
  readonly grossFen: bigint;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
  readonly netFen: bigint;
  readonly priceFen: bigint;
  readonly mechanism: Mechanism;
  readonly experimentId: string | null;
  readonly orderedAt: Instant;
  readonly settledAt: Instant | null;
  readonly state: TradeState;
  readonly studioAcct: AccountId;
  readonly itemIds: readonly string[];
  readonly refusedCode: string | null;
};

type Columns = {
  trade_id: string;
  sell_order_id: string;
  buy_order_id: string;
  seller: string;
  buyer: string;
  class_id: string;
  gross_fen: string;
  fee_fen: string;
  royalty_fen: string;
  net_fen: string;
  price_fen: string;
  mechanism: Mechanism;
  experiment_id: string | null;
  ordered_at: Date;
  settled_at: Date | null;
  state: TradeState;
  studio_acct: string;
  item_ids: string[];
  refused_code: string | null;
};

const SELECT = `select t.trade_id, t.sell_order_id, t.buy_order_id, t.seller, t.buyer, t.class_id, t.gross_fen, t.fee_fen, t.royalty_fen, t.net_fen,
    t.price_fen, t.mechanism, t.experiment_id, t.ordered_at, t.settled_at, t.state, c.studio_acct,
    (select array_agg(i.item_id order by i.ledger_serial) from market.trade_items i where i.trade_id = t.trade_id) as item_ids`;
const FROM = 'from market.trades t join catalogue.item_classes c on c.class_id = t.class_id';

function tradeOf(row: Columns): DueTrade {
  return {
    tradeId: parseTradeId(row.trade_id),
    sellOrderId: parseOrderId(row.sell_order_id),
    buyOrderId: parseOrderId(row.buy_order_id),
    seller: parseAccountId(row.seller),
    buyer: parseAccountId(row.buyer),
    classId: row.class_id,
    grossFen: BigInt(row.gross_fen),
    feeFen: BigInt(row.fee_fen),
    royaltyFen: BigInt(row.royalty_fen),
    netFen: BigInt(row.net_fen),
    priceFen: BigInt(row.price_fen),
    mechanism: row.mechanism,
    experimentId: row.experiment_id,
    orderedAt: at(row.ordered_at),
    settledAt: row.settled_at === null ? null : at(row.settled_at),
    state: row.state,
    studioAcct: parseAccountId(row.studio_acct),
    itemIds: row.item_ids,
    refusedCode: row.refused_code,
  };
}

/** Trades whose publicity is over. */
export async function listPublicityOver(sql: Queryable, now: Instant, limit: number): Promise<readonly DueTrade[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT}, null as refused_code ${FROM} where t.state = 'publicity' and t.deadline_at <= $1 order by t.seq limit ${String(limit)}`,
    [new Date(now)],
  );
  return rows.map(tradeOf);
}

export async function listDueTrades(sql: Queryable, tradeIds: readonly TradeId[]): Promise<readonly DueTrade[]> {
  if (tradeIds.length === 0) return [];
  const rows = await query<Columns>(sql, `${SELECT}, null as refused_code ${FROM} where t.trade_id = any($1) order by t.seq`, [tradeIds]);
  return rows.map(tradeOf);
}

/** Trades whose protection is over; none is paid out before the members have certified it, or to whom a freeze restricts. */
export async function listPayouts(sql: Queryable, now: Instant, limit: number): Promise<readonly DueTrade[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT}, null as refused_code ${FROM} where t.state = 'protected' and t.deadline_at <= $1
       and not exists (select from cases.freezes f where f.target_id = t.seller and f.scope in ('account', 'payout') and f.state = 'active' and f.until > $1)
     order by t.deadline_at, t.seq limit ${String(limit)}`,
    [new Date(now)],
  );
  return rows.map(tradeOf);
}

/** Settled trades that the members refused, newest first: what builds on a trade goes before it. */
export async function listRefused(sql: Queryable, limit: number): Promise<readonly DueTrade[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT}, l.refused_code ${FROM} join ledger.ledger_txs l on l.tx_id = t.tx_id
     where t.state = 'settled' and l.status = 'refused'
       and not exists (select from ledger.ledger_txs n where n.tx_id = l.tx_id and n.seq > l.seq) order by t.seq desc limit ${String(limit)}`,
  );
  return rows.map(tradeOf);
}

export type Certified = {
  readonly tradeId: TradeId;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly settledAt: Instant;
};

/** `settled` → `certified` → `protected`, both at once: the receipt exists and the window has begun at settlement. */
export async function markCertified(tx: Tx, now: Instant): Promise<readonly Certified[]> {
  const rows = await query<{ trade_id: string; seller: string; buyer: string; settled_at: Date; steps: number }>(
    tx,
    `update market.trades t set state = 'protected', state_since = $1, certified_at = $1, deadline_at = t.payout_at
     from ledger.ledger_txs l where l.tx_id = t.tx_id and l.status = 'certified' and t.state = 'settled'
     returning t.trade_id, t.seller, t.buyer, t.settled_at, (select count(*)::int from market.trade_states s where s.trade_id = t.trade_id) as steps`,
    [new Date(now)],
  );
  await insertRows(
    tx,
    'market.trade_states',
    rows.flatMap((row) => [
      { trade_id: row.trade_id, step: row.steps + 1, state: 'certified', at: toIso(now) },
      { trade_id: row.trade_id, step: row.steps + 2, state: 'protected', at: toIso(now) },
    ]),
  );
  return rows.map((row) => ({
    tradeId: parseTradeId(row.trade_id),
    seller: parseAccountId(row.seller),
    buyer: parseAccountId(row.buyer),
    settledAt: at(row.settled_at),
  }));
}

export async function moveTrades(
  tx: Tx,
  trades: readonly DueTrade[],
  to: { readonly state: TradeState; readonly reason: string | null; readonly at: Instant },
): Promise<void> {
  await updateRows(
    tx,
    'market.trades',
    ['trade_id'],
    trades.map((trade) => ({ trade_id: trade.tradeId, state: to.state, state_since: toIso(to.at), deadline_at: null, reason: to.reason })),
  );
  await addStates(
    tx,
    trades.map(({ tradeId }) => ({ tradeId, state: to.state })),
    to.at,
  );
}

/** Custody goes back to what it was before a trade that the ledger does not have: the only rows that ever lose a version. */
export async function returnItems(tx: Tx, trade: DueTrade): Promise<void> {
  await tx`select set_config('daoju.refused_trade', 'on', true)`;
  await query(
    tx,
    `update custody.items i set owner = $2, ver = ti.ver, protected_until = null,
       acquired_at = coalesce((select p.at from custody.hops p where p.item_id = i.item_id and p.ver <= ti.ver order by p.ver desc limit 1), i.acquired_at)
     from market.trade_items ti where ti.trade_id = $1 and ti.item_id = i.item_id`,
    [trade.tradeId, trade.seller],
  );
  await query(
    tx,
    'delete from custody.hops p using market.trade_items ti where ti.trade_id = $1 and p.item_id = ti.item_id and p.ver > ti.ver',
    [trade.tradeId],
  );
  await query(
    tx,
    'delete from custody.lots l using market.trade_items ti where ti.trade_id = $1 and l.item_id = ti.item_id and l.ver > ti.ver',
    [trade.tradeId],
  );
  await tx`select set_config('daoju.refused_trade', 'off', true)`;
}

export async function entryOfTrade(tx: Tx, tradeId: TradeId): Promise<bigint | null> {
  const [row] = await query<{ entry_id: string }>(
    tx,
    "select entry_id from journal.entries where trade_id = $1 and kind = 'trade' order by entry_id desc limit 1",
    [tradeId],
  );
  return row === undefined ? null : BigInt(row.entry_id);
}
