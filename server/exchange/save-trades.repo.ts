/** Writes a group's trades: new ones, those that waited, their states, the buyers' cost lots. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, isoOrNull, query, updateRows } from '#server/journal/rows.repo.ts';
import type { Group, SettledWrite } from '#server/settlement/group.ts';
import type { TradeRow } from '#server/settlement/model.ts';

export type SettledTx = { readonly settled: SettledWrite; readonly txId: Bytes };

export async function saveTrades(tx: Tx, group: Group, settled: readonly SettledTx[], firstSeq: bigint): Promise<void> {
  const fresh = settled.filter((each) => each.settled.isNew);
  const waited = settled.filter((each) => !each.settled.isNew);
  let seq = firstSeq;
  const newRows = [
    ...fresh.map((each) => ({ ...tradeColumns(each.settled.trade, seq++), ...settledColumns(group, each), state: 'settled' })),
    ...group.waiting.map(({ trade, until }) => ({
      ...tradeColumns(trade, seq++),
      ...UNSETTLED,
      state: trade.state,
      state_since: toIso(group.now),
      deadline_at: toIso(until),
    })),
  ];
  await Promise.all([
    insertRows(tx, 'market.trades', newRows),
    insertRows(
      tx,
      'market.trade_items',
      [...fresh.map((each) => each.settled.trade), ...group.waiting.map(({ trade }) => trade)].flatMap((trade) =>
        trade.items.map((item) => ({
          trade_id: trade.tradeId,
          item_id: item.itemId,
          ledger_serial: String(item.serial),
          ver: String(item.ver),
        })),
      ),
    ),
    updateRows(
      tx,
      'market.trades',
      ['trade_id'],
      waited.map((each) => ({ trade_id: each.settled.trade.tradeId, ...settledColumns(group, each), state: 'settled' })),
    ),
    updateRows(
      tx,
      'market.trades',
      ['trade_id'],
      group.failed.map(({ trade, reason }) => ({
        trade_id: trade.tradeId,
        state: 'failed',
        state_since: toIso(group.now),
        deadline_at: null,
        reason,
      })),
    ),
    insertStates(
      tx,
      [
        ...fresh.flatMap(({ settled: { trade } }) => [
          { tradeId: trade.tradeId, step: 1, state: 'reserved' },
          { tradeId: trade.tradeId, step: 2, state: 'settled' },
        ]),
        ...group.waiting.flatMap(({ trade }) => [
          { tradeId: trade.tradeId, step: 1, state: 'reserved' },
          ...(trade.state === 'reserved' ? [] : [{ tradeId: trade.tradeId, step: 2, state: trade.state }]),
        ]),
      ],
      group,
    ),
    addStates(
      tx,
      [
        ...waited.map(({ settled: { trade } }) => ({ tradeId: trade.tradeId, state: 'settled' })),
        ...group.failed.map(({ trade }) => ({ tradeId: trade.tradeId, state: 'failed' })),
      ],
      group.now,
    ),
    holdEarlier(tx, group),
    saveLots(tx, group, settled),
    updateRows(
      tx,
      'custody.items',
      ['item_id'],
      group.publicity
        .filter((item) => item.publicityUntil !== null)
        .map((item) => ({ item_id: item.itemId, publicity_until: isoOrNull(item.publicityUntil) })),
    ),
  ]);
}

/** What the clock has not paid out yet; a trade of this very group among them. */
async function holdEarlier(tx: Tx, { heldEarlier }: Group): Promise<void> {
  if (heldEarlier.length === 0) return;
  await query(
    tx,
    `update market.trades t set payout_hold = 'new_instrument', payout_at = t.payout_at + k.days * interval '1 day',
       deadline_at = case when t.state = 'protected' then t.deadline_at + k.days * interval '1 day' else t.deadline_at end
     from unnest($1::text[], $2::int[]) as k(trade_id, days)
     where t.trade_id = k.trade_id and t.payout_hold is null and t.state in ('settled', 'certified', 'protected', 'disputed')`,
    [heldEarlier.map(({ tradeId }) => tradeId), heldEarlier.map(({ days }) => days)],
  );
}

const UNSETTLED = {
  tx_id: null,
  reason: null,
  settled_at: null,
  certified_at: null,
  payout_at: null,
  payout_hold: null,
  quick_items: 0,
  transferable_from: null,
  pay: null,
};

function tradeColumns(trade: TradeRow, seq: bigint) {
  return {
    trade_id: trade.tradeId,
    seq: String(seq),
    class_id: trade.classId,
    sell_order_id: trade.sellOrderId,
    buy_order_id: trade.buyOrderId,
    seller: trade.seller,
    buyer: trade.buyer,
    mechanism: trade.mechanism,
    experiment_id: trade.experimentId,
    quantity: trade.quantity,
    price_fen: String(trade.priceFen),
    gross_fen: String(trade.grossFen),
    fee_fen: String(trade.feeFen),
    royalty_fen: String(trade.royaltyFen),
    net_fen: String(trade.netFen),
    ordered_at: toIso(trade.orderedAt),
  };
}

function settledColumns(group: Group, { settled, txId }: SettledTx) {
  return {
    // An experiment may have paused while the trade waited.
    experiment_id: settled.trade.experimentId,
    tx_id: bytea(txId),
    reason: null,
    settled_at: toIso(group.now),
    certified_at: null,
    payout_at: toIso(settled.payoutAt),
    payout_hold: settled.payoutHold,
    quick_items: settled.quickItems,
    transferable_from: toIso(settled.transferableFrom),
    pay: settled.pay,
    state_since: toIso(group.now),
    deadline_at: null,
  };
}

export async function insertStates(
  tx: Tx,
  states: readonly { readonly tradeId: TradeId; readonly step: number; readonly state: string }[],
  { now }: Pick<Group, 'now'>,
): Promise<void> {
  await insertRows(
    tx,
    'market.trade_states',
    states.map(({ tradeId, step, state }) => ({ trade_id: tradeId, step, state, at: toIso(now) })),
  );
}

/** The next step of each of these trades. */
export async function addStates(
  tx: Tx,
  states: readonly { readonly tradeId: TradeId; readonly state: string }[],
  now: Instant,
): Promise<void> {
  if (states.length === 0) return;
  await query(
    tx,
    `insert into market.trade_states (trade_id, step, state, at)
     select k.trade_id, (select coalesce(max(step), 0) + 1 from market.trade_states s where s.trade_id = k.trade_id), k.state, $3
     from unnest($1::text[], $2::text[]) as k(trade_id, state)`,
    [states.map(({ tradeId }) => tradeId), states.map(({ state }) => state), new Date(now)],
  );
}

async function saveLots(tx: Tx, group: Group, settled: readonly SettledTx[]): Promise<void> {
  await insertRows(
    tx,
    'custody.lots',
    settled.flatMap(({ settled: { trade, costs } }) =>
      costs.map(({ item, costFen }) => ({
        item_id: item.itemId,
        ver: String(item.ver + 1n),
        acct: trade.buyer,
        class_id: trade.classId,
        acquired_at: toIso(group.now),
        cost_fen: String(costFen),
        source: 'bought_here',
      })),
    ),
  );
}
