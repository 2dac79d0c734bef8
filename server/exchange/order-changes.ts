/** What becomes of an order: it is kept, holds money or items, fills, ends. */
import { encodeSignedOrder } from '#ledger/codec/order.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { ClassId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { potOf, transferEntry } from '#server/journal/journal.ts';
import type { Group } from '#server/settlement/group.ts';
import type { ItemRow, OrderRow } from '#server/settlement/model.ts';
import { ended, standingStep } from '#server/settlement/offer-thread.ts';
import { settleTrade, type TradePlan } from '#server/settlement/settle-trade.ts';
import { countFill, reserveInside } from './inside.ts';
import { isOfferStep } from './offers/refuse-offer.ts';
import { type ExchangeGround, isSamePrice, type PlacedTrade, type Placement, placedTrade } from './placement.ts';

export function settle(group: Group, ground: ExchangeGround, plan: TradePlan): PlacedTrade {
  settleTrade(group, ground, plan);
  fillBoth(group, ground, plan);
  return placedTrade(plan, 'settled');
}

/** Both sides have what they agreed on, though it may wait for its publicity. */
export function fillBoth(group: Group, { experiments }: Pick<ExchangeGround, 'experiments'>, plan: TradePlan): void {
  fill(group, plan.sell, plan.items.length);
  fill(group, plan.buy, plan.items.length);
  countFill(experiments, plan);
}

function fill(group: Group, order: OrderRow, quantity: number): void {
  order.filled += quantity;
  assert(order.filled <= order.quantity, 'no order fills beyond its quantity');
  group.changedOrders.add(order);
  if (order.filled < order.quantity) {
    order.state = 'partially_filled';
    return;
  }
  order.state = 'filled';
  order.endedAt = group.now;
  countOpen(group, order, -1);
}

/** Ends what is open of an order and frees what it held. */
export function endOrder(group: Group, order: OrderRow, state: 'canceled' | 'expired', reason: string | null): void {
  assert(order.endedAt === null, 'an order ends once');
  order.state = state;
  order.reason = reason;
  order.endedAt = group.now;
  group.changedOrders.add(order);
  countOpen(group, order, -1);
  if (isOfferStep(order.intent)) leaveThread(group, order);
  releaseItems(group, order);
  releaseMoney(group, order, order.priceFen * BigInt(order.quantity - order.filled));
}

/** A step that stood ends its thread, whoever ended it; one that was answered no longer stands. */
function leaveThread(group: Group, { orderId, state, reason }: OrderRow): void {
  const thread = group.offerOf(orderId);
  if (thread === null || standingStep(thread)?.orderId !== orderId) return;
  const as = state === 'expired' ? 'expired' : reason === null ? 'withdrawn' : 'ended';
  group.setOffer(ended(thread, { state: as, reason, now: group.now }));
}

function releaseItems(group: Group, order: OrderRow): void {
  if (order.side !== 'sell') return;
  for (const held of order.items) {
    const item = group.loaded.items.get(held.itemId);
    if (item !== undefined) item.heldBy = null;
    group.endedItemHolds.push({ orderId: order.orderId, itemId: held.itemId, state: 'released' });
  }
  order.items = [];
}

/** Part of the hold may wait for a trade in publicity: only what the open rest had set aside is freed. */
export function releaseMoney(group: Group, order: OrderRow, amountFen: bigint): void {
  const free = amountFen < order.holdLeftFen ? amountFen : order.holdLeftFen;
  if (order.side !== 'buy' || free === 0n) return;
  order.holdLeftFen -= free;
  group.heldOrders.add(order);
  group.addAvailable(order.acct, free);
  group.entries.push(
    transferEntry(
      'release',
      group.now,
      { orderId: order.orderId },
      { from: potOf('held', order.acct), to: potOf('available', order.acct), amountFen: free },
    ),
  );
}

export function holdMoney(group: Group, order: OrderRow, amountFen: bigint): void {
  order.holdLeftFen = amountFen;
  group.newHolds.push({ order, amountFen });
  group.addAvailable(order.acct, -amountFen);
  group.entries.push(
    transferEntry(
      'hold',
      group.now,
      { orderId: order.orderId },
      { from: potOf('available', order.acct), to: potOf('held', order.acct), amountFen },
    ),
  );
}

export function holdItems(group: Group, order: OrderRow, items: readonly ItemRow[]): void {
  for (const item of items) {
    item.heldBy = order.orderId;
    group.newItemHolds.push({ orderId: order.orderId, itemId: item.itemId, state: 'active' });
  }
}

function countOpen(group: Group, { acct, intent }: OrderRow, by: number): void {
  const { openOrders, openOffers } = group.loaded;
  const counts = isOfferStep(intent) ? openOffers : openOrders;
  counts.set(acct, (counts.get(acct) ?? 0) + by);
}

export function addOrder(placement: Placement, facts: { readonly liveFrom: Instant }): OrderRow {
  const order = keepOrder(placement.group, draftOrder(placement, facts));
  reserveInside(placement.ground.experiments, order);
  return order;
}

export function keepOrder(group: Group, order: OrderRow): OrderRow {
  group.newOrders.push(order);
  group.loaded.orders.set(order.orderId, order);
  countOpen(group, order, 1);
  return order;
}

export function draftOrder(
  { group, ground, command, itemClass, items, replaced }: Placement,
  facts: { readonly liveFrom: Instant },
): OrderRow {
  const { quote, input, player } = command;
  const classId: ClassId = itemClass.classId;
  const seq = ground.nextSeq();
  return {
    orderId: command.orderId,
    seq,
    priority: replaced?.keepsPlace === true ? replaced.order.priority : seq,
    pricedAt: replaced !== null && isSamePrice(replaced, quote.priceFen) ? replaced.order.pricedAt : group.now,
    replaces: replaced?.order.orderId ?? null,
    acct: player.acct,
    referenceId: command.referenceId,
    intent: input.intent,
    side: quote.side,
    mechanism: quote.mechanism,
    classId,
    priceFen: BigInt(quote.priceFen),
    quantity: quote.quantity,
    filled: 0,
    state: 'new',
    reason: null,
    timeInForce: quote.timeInForce,
    experimentId: quote.experimentId,
    targetOrderId: input.targetOrderId,
    feeBps: quote.feeBps,
    royaltyBps: quote.royaltyBps,
    liveFrom: facts.liveFrom,
    placedAt: group.now,
    expiresAt: instant(Number(command.order.notAfter)),
    endedAt: null,
    signedOrder: encodeSignedOrder(command.signed),
    terms: input.terms,
    quote: input.quote,
    expression: quote.expression,
    smallestFill: quote.smallestFill,
    items: quote.side === 'sell' ? items.map((item) => ({ itemId: item.itemId, serial: item.serial, ver: item.ver })) : [],
    holdLeftFen: 0n,
  };
}
