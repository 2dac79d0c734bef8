/**
 * Buying with payment from outside (product P-21): item and price are promised to one buyer for a quarter of an hour. The listing stays
 * open, so that it is for sale again by itself when no payment comes; the money is held for the buyer's order in the moment in which the
 * institution says that it is there.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Group } from '#server/settlement/group.ts';
import type { OrderRow, Reservation } from '#server/settlement/model.ts';
import { tradeOf } from '#server/settlement/settle-trade.ts';
import { releaseInside } from './inside.ts';
import { addOrder, endOrder } from './order-changes.ts';
import { type ExchangeGround, grossOf, type Outcome, type Placement, placedTrade, planOf, refuse } from './placement.ts';
import { refuseCount } from './refuse-placement.ts';

/** Product 1.6. */
export const PAYMENT_MS = 15 * 60_000;
/** A trade needs this much of both orders' time when it is sequenced (`ledger.md` 6.1, `stallMs`), and a minute to get there. */
const SETTLE_MS = 2 * 60_000;

/** Everything but the money has been checked. */
export function reserveListing(placement: Placement, target: OrderRow): Outcome {
  const { group, command, items } = placement;
  const refused = refuseCount(placement);
  if (refused !== null) return refused;
  const until: Instant = instant(group.now + PAYMENT_MS);
  if (target.expiresAt < until + SETTLE_MS) return refuse('listing_ends_soon', { until: toIso(target.expiresAt) });
  const order = addOrder(placement, { liveFrom: group.now });
  const plan = planOf(placement, { sell: target, buy: order, items, unitPriceFen: target.priceFen, payFrom: 'held' });
  const trade = tradeOf(plan, 'reserved');
  const reservation: Reservation = {
    tradeId: plan.tradeId,
    sellOrderId: target.orderId,
    buyOrderId: order.orderId,
    transferId: plan.tradeId.replace(/^trd_/, 'pay_'),
    until,
    payment: 'outstanding',
    reason: null,
  };
  group.waiting.push({ trade, until });
  group.purchases.push({ reservation, acct: order.acct, amountFen: grossOf(command) });
  for (const orderId of [target.orderId, order.orderId]) group.loaded.reservations.set(orderId, reservation);
  group.changedOrders.add(target);
  return { kind: 'placed', order, trades: [placedTrade(plan, 'reserved')] };
}

/** The buyer's order ends, what has come in is free, and the listing can be bought again. A payment that comes later goes back. */
export function failReservation(
  group: Group,
  { experiments }: Pick<ExchangeGround, 'experiments'>,
  reservation: Reservation,
  reason: string,
): void {
  const [sell, buy] = ordersOf(group, reservation);
  group.failed.push({ trade: { tradeId: reservation.tradeId, seller: sell.acct, buyer: buy.acct }, from: 'reserved', reason });
  if (reservation.payment === 'outstanding') group.givenUp.push(reservation.transferId);
  releaseInside(experiments, buy);
  endOrder(group, buy, 'canceled', reason);
  group.changedOrders.add(sell);
  for (const { orderId } of [sell, buy]) group.loaded.reservations.delete(orderId);
}

export function ordersOf(group: Group, { sellOrderId, buyOrderId }: Reservation): readonly [OrderRow, OrderRow] {
  const sell = group.loaded.orders.get(sellOrderId);
  const buy = group.loaded.orders.get(buyOrderId);
  assert(sell !== undefined && buy !== undefined, 'a trade has its two orders');
  return [sell, buy];
}
