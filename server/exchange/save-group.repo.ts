/** Writes a group: every table in one statement, all in the caller's database transaction. */
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { bytea, insertRows, isoOrNull, query, updateRows } from '#server/journal/rows.repo.ts';
import type { AssessmentWrite, Group, SettledWrite } from '#server/settlement/group.ts';
import type { OrderRow, TradeRow } from '#server/settlement/model.ts';
import { inputDocument } from '#server/settlement/settle-trade.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer } from '#server/trpc/views.ts';
import { insertDecisions } from './decisions.repo.ts';
import { referenceKey } from './load-group.repo.ts';

export type SettledTx = { readonly settled: SettledWrite; readonly txId: Bytes };
export type ReferenceWrite = {
  readonly acct: AccountId;
  readonly referenceId: string;
  readonly bodySm3: Bytes;
  readonly answer: PlaceOrderAnswer | CancelOrderAnswer;
};

/** Trades are numbered in the order of settlement. */
export async function saveGroup(
  tx: Tx,
  group: Group,
  facts: { readonly settled: readonly SettledTx[]; readonly references: readonly ReferenceWrite[]; readonly firstTradeSeq: bigint },
): Promise<void> {
  // Statements of one transaction run in the order in which they are sent; parents stand before their children.
  await Promise.all([
    saveOrders(tx, group),
    insertRows(
      tx,
      'market.references',
      facts.references.map((reference) => ({
        acct: reference.acct,
        reference_id: reference.referenceId,
        body_sm3: bytea(reference.bodySm3),
        answer: reference.answer,
        at: toIso(group.now),
      })),
    ),
    insertDecisions(tx, decisionRows(group, facts.references)),
    saveEntries(tx, group.entries),
    saveHolds(tx, group),
    saveItemHolds(tx, group),
    saveTrades(tx, group, facts.settled, facts.firstTradeSeq),
    saveAssessments(tx, group),
  ]);
}

/** Each attempt with what its player was answered. */
function decisionRows(group: Group, references: readonly ReferenceWrite[]) {
  const answers = new Map(references.map(({ acct, referenceId, answer }) => [referenceKey(acct, referenceId), answer]));
  return group.decisions.map((write) => {
    const answer = answers.get(referenceKey(write.acct, write.referenceId));
    assert(answer !== undefined, 'every decided attempt is answered in its group');
    return { ...write, outcome: answer.kind === 'rejected' ? answer.code : answer.kind };
  });
}

async function saveOrders(tx: Tx, group: Group): Promise<void> {
  const fresh = new Set(group.newOrders);
  await Promise.all([
    insertRows(
      tx,
      'market.orders',
      group.newOrders.map((order) => ({
        order_id: order.orderId,
        seq: String(order.seq),
        acct: order.acct,
        reference_id: order.referenceId,
        intent: order.intent,
        side: order.side,
        mechanism: order.mechanism,
        class_id: order.classId,
        price_fen: String(order.priceFen),
        quantity: order.quantity,
        filled: order.filled,
        state: order.state,
        reason: order.reason,
        time_in_force: order.timeInForce,
        experiment_id: order.experimentId,
        target_order_id: order.targetOrderId,
        fee_bps: order.feeBps,
        royalty_bps: order.royaltyBps,
        live_from: toIso(order.liveFrom),
        placed_at: toIso(order.placedAt),
        expires_at: toIso(order.expiresAt),
        ended_at: isoOrNull(order.endedAt),
        signed_order: bytea(order.signedOrder),
        terms: order.terms,
        quote: order.quote,
      })),
    ),
    insertRows(tx, 'market.order_items', group.newOrders.flatMap(orderItems)),
    updateRows(
      tx,
      'market.orders',
      ['order_id'],
      [...group.changedOrders]
        .filter((order) => !fresh.has(order))
        .map((order) => ({
          order_id: order.orderId,
          filled: order.filled,
          state: order.state,
          reason: order.reason,
          ended_at: isoOrNull(order.endedAt),
        })),
    ),
  ]);
}

/** What a sell order named, sold at once or not; `order.items` has only what is left. */
function orderItems(order: OrderRow) {
  if (order.side !== 'sell') return [];
  return order.quote.document.items.map((item) => ({
    order_id: order.orderId,
    item_id: item.itemId,
    ledger_serial: item.serial,
    ver: item.ver,
  }));
}

async function saveHolds(tx: Tx, group: Group): Promise<void> {
  const fresh = new Set(group.newHolds.map(({ order }) => order));
  await Promise.all([
    insertRows(
      tx,
      'journal.holds',
      group.newHolds.map(({ order, amountFen }) => ({
        order_id: order.orderId,
        acct: order.acct,
        amount_fen: String(amountFen),
        left_fen: String(order.holdLeftFen),
        state: holdState(order),
      })),
    ),
    updateRows(
      tx,
      'journal.holds',
      ['order_id'],
      [...group.heldOrders]
        .filter((order) => !fresh.has(order))
        .map((order) => ({ order_id: order.orderId, left_fen: String(order.holdLeftFen), state: holdState(order) })),
    ),
  ]);
}

function holdState(order: OrderRow): string {
  if (order.holdLeftFen > 0n) return 'open';
  return order.state === 'filled' ? 'spent' : 'released';
}

/** An item may be held, sold and held again in one group: the last word per order and item counts, endings before beginnings. */
async function saveItemHolds(tx: Tx, group: Group): Promise<void> {
  const key = (hold: { readonly orderId: OrderId; readonly itemId: ItemId }) => `${hold.orderId} ${hold.itemId}`;
  const ended = new Map(group.endedItemHolds.map((hold) => [key(hold), hold]));
  const fresh = new Map(group.newItemHolds.map((hold) => [key(hold), { ...hold, state: ended.get(key(hold))?.state ?? hold.state }]));
  const endedBefore = [...ended.values()].filter((hold) => !fresh.has(key(hold)));
  const row = (hold: { readonly orderId: OrderId; readonly itemId: ItemId; readonly state: string }) => ({
    order_id: hold.orderId,
    item_id: hold.itemId,
    state: hold.state,
  });
  await Promise.all([
    updateRows(tx, 'custody.item_holds', ['order_id', 'item_id'], endedBefore.map(row)),
    insertRows(tx, 'custody.item_holds', [...fresh.values()].map(row)),
  ]);
}

async function saveTrades(tx: Tx, group: Group, settled: readonly SettledTx[], firstSeq: bigint): Promise<void> {
  const fresh = settled.filter((each) => each.settled.isNew);
  const waited = settled.filter((each) => !each.settled.isNew);
  let seq = firstSeq;
  const newRows = [
    ...fresh.map((each) => ({ ...tradeColumns(each.settled.trade, seq++), ...settledColumns(group, each), state: 'settled' })),
    ...group.reserved.map(({ trade, until }) => ({
      ...tradeColumns(trade, seq++),
      ...UNSETTLED,
      state: 'publicity',
      state_since: toIso(group.now),
      deadline_at: toIso(until),
    })),
  ];
  await Promise.all([
    insertRows(tx, 'market.trades', newRows),
    insertRows(
      tx,
      'market.trade_items',
      [...fresh.map((each) => each.settled.trade), ...group.reserved.map(({ trade }) => trade)].flatMap((trade) =>
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
        ...group.reserved.flatMap(({ trade }) => [
          { tradeId: trade.tradeId, step: 1, state: 'reserved' },
          { tradeId: trade.tradeId, step: 2, state: 'publicity' },
        ]),
        ...waited.map(({ settled: { trade } }) => ({ tradeId: trade.tradeId, step: 3, state: 'settled' })),
        ...group.failed.map(({ trade }) => ({ tradeId: trade.tradeId, step: 3, state: 'failed' })),
      ],
      group,
    ),
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

const UNSETTLED = {
  tx_id: null,
  reason: null,
  settled_at: null,
  certified_at: null,
  payout_at: null,
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
    tx_id: bytea(txId),
    reason: null,
    settled_at: toIso(group.now),
    certified_at: null,
    payout_at: toIso(settled.payoutAt),
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

async function saveAssessments(tx: Tx, group: Group): Promise<void> {
  const first = group.assessments.filter((write) => write.version !== 'next');
  const again = group.assessments.filter((write) => write.version === 'next');
  await Promise.all([
    insertRows(
      tx,
      'compliance.assessments',
      first.map((write) => assessmentColumns(group, write, 1)),
    ),
    insertRows(
      tx,
      'compliance.windows',
      [...group.changedWindows].map((acct) => {
        const window = group.window(acct);
        return {
          acct,
          day: group.day,
          gross_fen: String(window.grossFen),
          turnover_fen: String(window.turnoverFen),
          is_taxable: window.isTaxable,
        };
      }),
      'on conflict (acct, day) do update set gross_fen = excluded.gross_fen, turnover_fen = excluded.turnover_fen, is_taxable = excluded.is_taxable',
    ),
    insertRows(
      tx,
      'compliance.crossings',
      group.crossings.map((crossing) => ({
        acct: crossing.acct,
        day: crossing.day,
        at: toIso(group.now),
        gross_fen: String(crossing.grossFen),
        sales_fen: String(crossing.salesFen),
        by_trade_id: crossing.byTradeId,
        reassessed: crossing.reassessed,
      })),
    ),
  ]);
  if (again.length === 0) return;
  const versions = await query<{ trade_id: string; version: number }>(
    tx,
    'select trade_id, max(version) as version from compliance.assessments where trade_id = any($1) group by trade_id',
    [again.map((write) => write.tradeId)],
  );
  const latest = new Map<string, number>(versions.map((row) => [row.trade_id, row.version]));
  await insertRows(
    tx,
    'compliance.assessments',
    again.map((write) => {
      const version = (latest.get(write.tradeId) ?? 0) + 1;
      latest.set(write.tradeId, version);
      return assessmentColumns(group, write, version);
    }),
  );
}

function assessmentColumns(group: Group, { tradeId, cause, seller, day, assessment, hash }: AssessmentWrite, version: number) {
  return {
    trade_id: tradeId,
    version,
    at: toIso(group.now),
    cause,
    seller,
    day,
    gross_fen: String(assessment.input.grossFen),
    is_taxable: assessment.isTaxable,
    total_fen: String(assessment.taxTotalFen),
    pack_hash: `\\x${assessment.packHash}`,
    assessment_hash: bytea(hash),
    input: inputDocument(assessment.input),
    lines: assessment.lines.map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
  };
}
