/** Writes a group: every table in one statement, all in the caller's database transaction. */
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ItemId, OrderId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { bytea, insertRows, isoOrNull, updateRows } from '#server/journal/rows.repo.ts';
import type { Group } from '#server/settlement/group.ts';
import type { OrderRow } from '#server/settlement/model.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer, ReplaceOrderAnswer } from '#server/trpc/views.ts';
import { insertDecisions } from './decisions.repo.ts';
import { referenceKey } from './load-group.repo.ts';
import { saveThreads } from './offers/offers.repo.ts';
import { saveReservations } from './reservations.repo.ts';
import { saveAssessments } from './save-assessments.repo.ts';
import { type SettledTx, saveTrades } from './save-trades.repo.ts';

export type ReferenceWrite = {
  readonly acct: AccountId;
  readonly referenceId: string;
  readonly bodySm3: Bytes;
  readonly answer: PlaceOrderAnswer | CancelOrderAnswer | ReplaceOrderAnswer;
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
    saveReservations(tx, group),
    saveThreads(tx, changedThreads(group)),
    saveAssessments(tx, group),
  ]);
}

function changedThreads({ changedOffers, loaded }: Group) {
  return [...changedOffers].flatMap((offerId) => loaded.offers.get(offerId) ?? []);
}

/** Each attempt with what its player was answered. */
function decisionRows(group: Group, references: readonly ReferenceWrite[]) {
  const answers = new Map(references.map(({ acct, referenceId, answer }) => [referenceKey(acct, referenceId), answer]));
  return group.decisions.map((write) => {
    const answer = answers.get(referenceKey(write.acct, write.referenceId));
    assert(answer !== undefined, 'every decided attempt is answered in its group');
    return { ...write, outcome: answer.kind === 'rejected' ? answer.code : answer.kind === 'replaced' ? 'placed' : answer.kind };
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
        priority: String(order.priority),
        priced_at: toIso(order.pricedAt),
        replaces: order.replaces,
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
        expression: order.expression === '' ? null : order.expression,
        smallest_fill: order.smallestFill,
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
