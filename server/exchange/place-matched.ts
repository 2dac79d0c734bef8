/** Orders of the matched book, inside a running experiment only: caps before matching, then price and time. */
import { assert } from '#ledger/primitives/assert.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { parseOrderId } from '#ledger/primitives/ids.ts';
import { worstUnitFen } from '#sandbox/experiments/cap-counter.ts';
import type { Group } from '#server/settlement/group.ts';
import type { ItemRow, OrderRow } from '#server/settlement/model.ts';
import type { Book } from './books.ts';
import { placeCommand } from './books.ts';
import { exchangeCode } from './codes.ts';
import type { Running } from './experiments.ts';
import { fullCap } from './inside.ts';
import { draftOrder, endOrder, holdItems, holdMoney, keepOrder, settle } from './order-changes.ts';
import { BUY_QUANTITY_MAX } from './place-resting.ts';
import { grossOf, type Outcome, type PlacedTrade, type Placement, planOf, refuse } from './placement.ts';
import { faultOfOrder, refuseCount, refuseFunds, refuseMeeting, refuseOffered, refusePerson } from './refuse-placement.ts';

export function placeMatched(placement: Placement): Outcome {
  const { group, ground, command, itemClass, items } = placement;
  const { quote, player } = command;
  const running = ground.experiments.ofClass(itemClass.classId);
  if (running === null || quote.experimentId !== running.experiment.id) return refuse('mechanism_not_granted');
  if (!itemClass.isInterchangeable) return refuse('not_interchangeable');
  if (quote.side === 'buy' && (quote.quantity < 1 || quote.quantity > BUY_QUANTITY_MAX || items.length > 0)) {
    return refuse('quantity_out_of_range');
  }
  const refused = refusePerson(placement) ?? (quote.side === 'sell' ? refuseOffered(placement) : null) ?? refuseCount(placement);
  if (refused !== null) return refused;
  if (quote.side === 'buy') {
    const unfunded = refuseFunds(group, player.acct, grossOf(command));
    if (unfunded !== null) return unfunded;
  }
  const book = ground.books.find(itemClass.classId);
  assert(book !== null, 'a book is built before its orders are worked on');
  return matchInside(placement, running, book);
}

function matchInside(placement: Placement, running: Running, book: Book): Outcome {
  const { group, ground, command, itemClass, items } = placement;
  const { quote, player } = command;
  const limit = fen(BigInt(quote.priceFen));
  if (group.isFinalityLate && wouldTrade(book, quote.side, limit)) return refuse('finality_late');
  const bestBid = book.engine.bestPrice('buy');
  const reserved = running.caps.reserve({
    orderId: command.orderId,
    personRef: player.acct,
    side: quote.side,
    unitFen: worstUnitFen(quote.side, limit, bestBid === null ? null : fen(bestBid)),
    quantity: BigInt(quote.quantity),
    placedAt: group.now,
  });
  if (reserved.kind === 'rejected') {
    return refuse(exchangeCode(reserved.code), fullCap(reserved));
  }
  dropFaulty(placement, running, book, quote.side === 'buy' ? 'sell' : 'buy');
  const oneHand = refuseMeetings(placement, book);
  if (oneHand !== null) {
    running.caps.release(command.orderId);
    return oneHand;
  }
  const draft = draftOrder(placement, { liveFrom: group.now });
  const events = book.engine.apply(placeCommand(draft, quote.timeInForce));
  const rejected = events.find((event) => event.type === 'rejected');
  if (rejected !== undefined) {
    running.caps.release(command.orderId);
    return refuse(exchangeCode(rejected.code));
  }
  const fills = events.filter((event) => event.type === 'fill');
  if (quote.timeInForce === 'fok' && fills.length === 0) {
    running.caps.release(command.orderId);
    return refuse('fill_or_kill');
  }
  const order = keepOrder(group, draft);
  if (order.side === 'sell') holdItems(group, order, items);
  const trades: PlacedTrade[] = [];
  for (const event of fills) {
    const maker = book.rows.get(parseOrderId(event.maker));
    assert(maker !== undefined, 'every resting order has its row');
    const sell = order.side === 'sell' ? order : maker;
    const buy = order.side === 'sell' ? maker : order;
    const sold = oldestFirst(sell.items.map((item) => group.itemOf(item))).slice(0, Number(event.quantity));
    const plan = planOf(placement, {
      sell,
      buy,
      items: sold,
      unitPriceFen: event.price,
      payFrom: order.side === 'buy' ? 'available' : 'held',
    });
    trades.push(settle(group, ground, plan));
    if (maker.endedAt !== null) book.rows.delete(maker.orderId);
  }
  restOrEnd(group, running, book, order);
  assert(itemClass.classId === order.classId, 'an order stands in the book of its kind');
  return { kind: 'placed', order, trades };
}

/** The engine refuses who would meet his own order; his other accounts' orders it does not know. */
function refuseMeetings(placement: Placement, book: Book): Outcome | null {
  const { side, priceFen, quantity } = placement.command.quote;
  const limit = BigInt(priceFen);
  let left = BigInt(quantity);
  for (const resting of book.engine.orders(side === 'buy' ? 'sell' : 'buy')) {
    const maker = book.rows.get(parseOrderId(resting.id));
    if (left <= 0n || maker === undefined || (side === 'buy' ? maker.priceFen > limit : maker.priceFen < limit)) return null;
    left -= resting.leavesQuantity;
    const oneHand = maker.acct === placement.command.player.acct ? null : refuseMeeting(placement, maker.acct);
    if (oneHand !== null) return oneHand;
  }
  return null;
}

/** An order that only rests is taken while the members are late. */
function wouldTrade(book: Book, side: 'buy' | 'sell', limit: bigint): boolean {
  const best = book.engine.bestPrice(side === 'buy' ? 'sell' : 'buy');
  return best !== null && (side === 'buy' ? best <= limit : best >= limit);
}

/** What did not fill rests with its money held, or ends when it may not rest. */
function restOrEnd(group: Group, running: Running, book: Book, order: OrderRow): void {
  if (order.endedAt !== null) return;
  const leaves = order.quantity - order.filled;
  if (order.timeInForce !== 'gtc') {
    running.caps.release(order.orderId);
    endOrder(group, order, 'canceled', 'ioc_remainder');
    return;
  }
  running.caps.trim(order.orderId, fen(order.priceFen));
  if (order.side === 'buy') holdMoney(group, order, order.priceFen * BigInt(leaves));
  book.rows.set(order.orderId, order);
}

/** Resting orders that can no longer trade leave the book before somebody meets them. */
function dropFaulty({ group, itemClass }: Placement, running: Running, book: Book, side: 'buy' | 'sell'): void {
  for (const resting of book.engine.orders(side).slice(0, 8)) {
    const row = book.rows.get(parseOrderId(resting.id));
    assert(row !== undefined, 'every resting order has its row');
    const fault = faultOfOrder(group, row, itemClass);
    if (fault === null) continue;
    book.engine.apply({ type: 'cancel', id: resting.id });
    book.rows.delete(row.orderId);
    running.caps.release(row.orderId);
    endOrder(group, row, fault === 'order_expired' ? 'expired' : 'canceled', fault);
  }
}

export function oldestFirst(items: readonly ItemRow[]): readonly ItemRow[] {
  return items.toSorted((a, b) => a.acquiredAt - b.acquiredAt || (a.serial < b.serial ? -1 : 1));
}
