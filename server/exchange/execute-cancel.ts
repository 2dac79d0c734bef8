/** Cancels are linear with fills: both pass the one writer, so the answer is `canceled` or `already_filled`, never maybe (P-27). */
import type { TradeId } from '#ledger/primitives/ids.ts';
import type { Group } from '#server/settlement/group.ts';
import type { CancelCommand, OrderRow } from '#server/settlement/model.ts';
import { refuseWithdraw, SOLD_BY_OFFER } from '#server/settlement/offer-thread.ts';
import type { ExchangeCode } from './codes.ts';
import { releaseInside } from './inside.ts';
import { isOfferStep } from './offers/refuse-offer.ts';
import { endOrder } from './order-changes.ts';
import type { ExchangeGround } from './placement.ts';
import { failReservation } from './reserve-listing.ts';

export type CancelOutcome =
  | { readonly kind: 'canceled'; readonly order: OrderRow }
  | { readonly kind: 'already_filled'; readonly order: OrderRow; readonly tradeId: TradeId }
  | { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly facts?: Readonly<Record<string, string>> };

export function executeCancel(group: Group, ground: ExchangeGround, command: CancelCommand): CancelOutcome {
  const order = group.loaded.orders.get(command.orderId);
  if (order === undefined) return { kind: 'rejected', code: 'order_unknown' };
  if (order.acct !== command.player.acct) return { kind: 'rejected', code: 'not_your_order' };
  const tradeId = group.loaded.tradeOfOrder.get(order.orderId) ?? tradeOfGroup(group, order);
  if (order.endedAt !== null) {
    const isSold = order.state === 'filled' || order.reason === SOLD_BY_OFFER;
    if (isSold && tradeId !== undefined) return { kind: 'already_filled', order, tradeId };
    return { kind: 'rejected', code: 'order_closed' };
  }
  const reservation = group.loaded.reservations.get(order.orderId);
  if (reservation !== undefined) {
    // A reserved listing is promised, and a payment that has come is spent: both are as good as filled.
    if (order.side === 'sell' || reservation.payment === 'paid') return { kind: 'already_filled', order, tradeId: reservation.tradeId };
    failReservation(group, ground, reservation, 'canceled_by_buyer');
    group.acts.push({ kind: 'env', env: command.env, orderId: order.orderId });
    return { kind: 'canceled', order };
  }
  const early = isOfferStep(order.intent) ? refuseStep(group, order) : null;
  if (early !== null) return early;
  if (BigInt(order.expiresAt) <= BigInt(group.now)) return { kind: 'rejected', code: 'order_expired' };
  leaveBook(ground, order);
  endOrder(group, order, 'canceled', null);
  group.acts.push({ kind: 'env', env: command.env, orderId: order.orderId });
  return { kind: 'canceled', order };
}

/** A step of an offer stands for half an hour at least: the other side has that long to think. */
function refuseStep(group: Group, { orderId, acct }: OrderRow): CancelOutcome | null {
  const thread = group.offerOf(orderId);
  const refusal = thread === null ? null : refuseWithdraw(thread, { acct, orderId, now: group.now });
  return refusal === null ? null : { kind: 'rejected', ...refusal };
}

export function leaveBook({ books, experiments }: ExchangeGround, order: OrderRow): void {
  releaseInside(experiments, order);
  if (order.intent !== 'matched') return;
  const book = books.find(order.classId);
  book?.engine.apply({ type: 'cancel', id: order.orderId });
  book?.rows.delete(order.orderId);
}

function tradeOfGroup(group: Group, order: OrderRow): TradeId | undefined {
  for (const act of group.acts) {
    if (act.kind === 'trade' && (act.settled.sell === order || act.settled.buy === order)) return act.settled.trade.tradeId;
  }
  const waiting = group.waiting.find(({ trade }) => trade.sellOrderId === order.orderId || trade.buyOrderId === order.orderId);
  if (waiting !== undefined) return waiting.trade.tradeId;
  for (const { listingOrderId, tradeId } of group.loaded.offers.values()) if (listingOrderId === order.orderId) return tradeId ?? undefined;
  return undefined;
}
