/** One placement on the group's working set: decide → reserve → match → settle. Refusals come before the first change. */

import { encodeSignedOrder } from '#ledger/codec/order.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { type AccountId, type ClassId, parseClassId, parseOrderId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { worstUnitFen } from '#sandbox/experiments/cap-counter.ts';
import { isSameWindow } from '#sandbox/tax/windows.ts';
import { potOf, transferEntry } from '#server/journal/journal.ts';
import type { Group } from '#server/settlement/group.ts';
import type { ClassRow, ItemRow, OrderRow, PlaceCommand } from '#server/settlement/model.ts';
import { drawTradeId, type SettleGround, settleTrade, type TradePlan, tradeOf } from '#server/settlement/settle-trade.ts';
import type { TradeState } from '#server/trpc/views.ts';
import type { Book, Books } from './books.ts';
import { placeCommand } from './books.ts';
import { type ExchangeCode, exchangeCode } from './codes.ts';
import { decideOrder } from './decide-order.ts';
import { estimateSale } from './estimate.ts';
import type { Experiments, Running } from './experiments.ts';
import { faultOf, refuseAccount, refuseItem, refuseKind } from './refuse-items.ts';

export const OPEN_ORDERS_MAX = 300;
const BUY_QUANTITY_MAX = 100;
const PRICE_CHANGE_MS = 5 * 60_000;
const PUBLICITY_COUNTS_MS = 30 * 86_400_000;
const HOUR_MS = 3_600_000;

export type ExchangeGround = SettleGround & {
  readonly books: Books;
  readonly experiments: Experiments;
  /** Numbers orders by arrival. */
  nextSeq(): bigint;
};
export type PlacedTrade = { readonly tradeId: TradeId; readonly priceFen: bigint; readonly quantity: number; readonly state: TradeState };
export type Outcome =
  | { readonly kind: 'placed'; readonly order: OrderRow; readonly trades: readonly PlacedTrade[] }
  | { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly facts: Readonly<Record<string, string>> };

const refuse = (code: ExchangeCode, facts: Readonly<Record<string, string>> = {}): Outcome => ({ kind: 'rejected', code, facts });

type Placement = {
  readonly group: Group;
  readonly ground: ExchangeGround;
  readonly command: PlaceCommand;
  readonly itemClass: ClassRow;
  /** Items named by a sell order, in the order of their serials; wanted ones of a buy order. */
  readonly items: readonly ItemRow[];
};

export function executePlace(group: Group, ground: ExchangeGround, command: PlaceCommand): Outcome {
  const itemClass = group.loaded.classes.get(parseClassId(command.quote.classId));
  if (itemClass === undefined || itemClass.serial !== command.order.cls) return refuse('class_unknown');
  const items = command.order.items.map(({ serial }) => group.itemBySerial(serial));
  if (items.some((item) => item === null)) return refuse('item_unknown');
  const placement = { group, ground, command, itemClass, items: items.filter((item) => item !== null) };
  if (group.loaded.orders.has(command.orderId)) return refuse('reference_conflict');
  switch (command.input.intent) {
    case 'listing':
      return placeListing(placement);
    case 'buy_order':
      return placeBuyOrder(placement);
    case 'take_listing':
      return takeListing(placement);
    case 'serve_buy_order':
      return serveBuyOrder(placement);
    case 'matched':
      return placeMatched(placement);
  }
}

/** Person, kind and mechanism, the same for every intent. */
function refusePerson({ group, command, itemClass, ground, items }: Placement): Outcome | null {
  const { player, quote } = command;
  const now = BigInt(group.now);
  if (!player.hasRecovery) return refuse('recovery_required');
  const code = refuseAccount(group.pending, player.acct, now) ?? refuseKind(group.pending, itemClass, now);
  if (code !== null) return refuse(code);
  const running = quote.intent === 'matched' ? ground.experiments.ofClass(itemClass.classId) : null;
  const decision = decideOrder({
    at: group.now,
    pack: group.pack,
    player,
    itemClass,
    side: quote.side,
    mechanism: quote.mechanism,
    unitPriceFen: BigInt(quote.priceFen),
    quantity: quote.quantity,
    items: quote.side === 'sell' ? items : [],
    dayTurnoverFen: group.window(player.acct).turnoverFen,
    participation: running === null ? null : ground.experiments.participation(running, player, itemClass, group.pack, group.now),
  });
  const reason = decision.reasons.find(({ weight }) => weight === 'deny');
  if (reason !== undefined) return refuse(exchangeCode(reason.code), reason.facts);
  const hold = quote.side === 'sell' ? player.holds.find(({ code: held, until }) => held.includes('sale') && until > group.now) : undefined;
  return hold === undefined ? null : refuse('sale_on_hold');
}

function refuseOffered({ group, command, items, itemClass }: Placement): Outcome | null {
  const now = BigInt(group.now);
  if (items.length !== command.quote.quantity || items.length === 0) return refuse('quantity_out_of_range');
  for (const [index, item] of items.entries()) {
    const ver = command.order.items[index]?.ver ?? 0n;
    if (item.classId !== itemClass.classId) return refuse('order_malformed');
    const code = refuseItem(group.pending, { itemId: item.itemId, serial: item.serial, ver }, command.player.acct, now);
    if (code !== null) return refuse(code, { itemId: item.itemId });
    if (item.heldBy !== null) return refuse('item_held', { itemId: item.itemId, orderId: item.heldBy });
  }
  return null;
}

function refuseCount({ group, command }: Placement): Outcome | null {
  return (group.loaded.openOrders.get(command.player.acct) ?? 0) >= OPEN_ORDERS_MAX ? refuse('too_many_orders') : null;
}

function placeListing(placement: Placement): Outcome {
  const { group, items } = placement;
  const refused = refusePerson(placement) ?? refuseOffered(placement) ?? refuseCount(placement);
  if (refused !== null) return refused;
  for (const item of items) {
    const before = group.loaded.listedAt.get(item.itemId);
    if (before !== undefined && group.now - before < PRICE_CHANGE_MS) {
      return refuse('price_change_too_soon', { from: new Date(before + PRICE_CHANGE_MS).toISOString() });
    }
  }
  const liveFrom = openPublicity(placement);
  const order = addOrder(placement, { liveFrom });
  for (const item of items) group.loaded.listedAt.set(item.itemId, group.now);
  holdItems(group, order, items);
  return { kind: 'placed', order, trades: [] };
}

/** Publicity runs once for an owner within 30 days; where it has run or runs, its end stands. */
function openPublicity({ group, items, itemClass }: Placement): Instant {
  if (itemClass.publicityHours === 0) return group.now;
  let liveFrom = group.now;
  for (const item of items) {
    const counts = item.publicityUntil !== null && item.publicityUntil + PUBLICITY_COUNTS_MS > group.now;
    if (!counts) {
      item.publicityUntil = instant(group.now + itemClass.publicityHours * HOUR_MS);
      group.publicity.push(item);
    }
    if (item.publicityUntil !== null && item.publicityUntil > liveFrom) liveFrom = item.publicityUntil;
  }
  return liveFrom;
}

function placeBuyOrder(placement: Placement): Outcome {
  const { group, command } = placement;
  const { quantity } = command.quote;
  if (quantity < 1 || quantity > BUY_QUANTITY_MAX || command.order.items.length > 0) return refuse('quantity_out_of_range');
  const refused = refusePerson(placement) ?? refuseCount(placement) ?? refuseFunds(group, command.player.acct, grossOf(command));
  if (refused !== null) return refused;
  const order = addOrder(placement, { liveFrom: group.now });
  holdMoney(group, order, grossOf(command));
  return { kind: 'placed', order, trades: [] };
}

function takeListing(placement: Placement): Outcome {
  const { group, ground, command, items } = placement;
  const target = targetOf(placement);
  if (target === null || target.intent !== 'listing' || target.endedAt !== null) return refuse('listing_gone');
  if (target.acct === command.player.acct) return refuse('self_trade');
  const refused = refusePerson(placement);
  if (refused !== null) return refused;
  if (target.liveFrom > group.now) return refuse('listing_in_publicity', { from: new Date(target.liveFrom).toISOString() });
  if (items.length === 0 || items.length !== command.quote.quantity) return refuse('quantity_out_of_range');
  if (items.some((item) => item.heldBy !== target.orderId)) return refuse('listing_gone');
  if (faultOfOrder(group, target) !== null) return refuse('listing_gone');
  if (target.priceFen !== BigInt(command.quote.priceFen)) return refuse('quote_changed');
  const unfunded = refuseFunds(group, command.player.acct, grossOf(command));
  if (unfunded !== null) return unfunded;
  const order = addOrder(placement, { liveFrom: group.now });
  const plan = planOf(placement, { sell: target, buy: order, items, unitPriceFen: target.priceFen, payFrom: 'available' });
  return { kind: 'placed', order, trades: [settle(group, ground, plan)] };
}

function serveBuyOrder(placement: Placement): Outcome {
  const { group, ground, command, items, itemClass } = placement;
  const target = targetOf(placement);
  if (target === null || target.intent !== 'buy_order' || target.endedAt !== null) return refuse('buy_order_gone');
  if (target.acct === command.player.acct) return refuse('self_trade');
  const refused = refusePerson(placement) ?? refuseOffered(placement);
  if (refused !== null) return refused;
  if (target.classId !== itemClass.classId || target.quantity - target.filled < items.length) return refuse('buy_order_gone');
  if (faultOfOrder(group, target) !== null) return refuse('buy_order_gone');
  if (target.priceFen !== BigInt(command.quote.priceFen)) return refuse('quote_changed');
  if (hasEstimateChanged(placement)) return refuse('quote_changed');
  const liveFrom = openPublicity(placement);
  const order = addOrder(placement, { liveFrom });
  const plan = planOf(placement, { sell: order, buy: target, items, unitPriceFen: target.priceFen, payFrom: 'held' });
  if (liveFrom <= group.now) return { kind: 'placed', order, trades: [settle(group, ground, plan)] };
  holdItems(group, order, items);
  const trade = tradeOf(plan, 'publicity');
  group.reserved.push({ trade, until: liveFrom });
  fill(group, order, items.length);
  fill(group, target, items.length);
  return { kind: 'placed', order, trades: [placedTrade(plan, 'publicity')] };
}

/** A sale at once is honoured as quoted, its estimated tax lines included (P-18). */
function hasEstimateChanged({ group, command, itemClass, items }: Placement): boolean {
  const { quote } = command;
  if (!isSameWindow(group.pack, instant(Date.parse(quote.issuedAt)), group.now)) return true;
  const estimate = estimateSale({
    pack: group.pack,
    at: group.now,
    itemClass,
    items,
    unitPriceFen: BigInt(quote.priceFen),
    window: group.window(command.player.acct),
    dayTradeIds: [],
  });
  return estimate.kind === 'rejected' || String(estimate.terms.estimatedTaxFen) !== quote.estimatedTaxFen;
}

function placeMatched(placement: Placement): Outcome {
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
    return refuse(exchangeCode(reserved.code), {
      limitFen: String(reserved.limitFen),
      takenFen: String(reserved.takenFen),
      wantedFen: String(reserved.wantedFen),
    });
  }
  dropFaulty(group, running, book, quote.side === 'buy' ? 'sell' : 'buy');
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
    running.caps.fill({
      tradeId: plan.tradeId,
      buyOrderId: buy.orderId,
      sellOrderId: sell.orderId,
      priceFen: fen(event.price),
      quantity: event.quantity,
    });
    trades.push(settle(group, ground, { ...plan, experimentId: running.experiment.id }));
    if (maker.endedAt !== null) book.rows.delete(maker.orderId);
  }
  restOrEnd(group, running, book, order);
  assert(itemClass.classId === order.classId, 'an order stands in the book of its kind');
  return { kind: 'placed', order, trades };
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
function dropFaulty(group: Group, running: Running, book: Book, side: 'buy' | 'sell'): void {
  for (const resting of book.engine.orders(side).slice(0, 8)) {
    const row = book.rows.get(parseOrderId(resting.id));
    assert(row !== undefined, 'every resting order has its row');
    const fault = faultOfOrder(group, row);
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

function faultOfOrder(group: Group, order: OrderRow): ExchangeCode | null {
  return faultOf(group.pending, order, BigInt(group.now), order.quote.document.keyEpoch);
}

function targetOf({ group, command }: Placement): OrderRow | null {
  const { targetOrderId } = command.input;
  return targetOrderId === null ? null : (group.loaded.orders.get(targetOrderId) ?? null);
}

function grossOf(command: PlaceCommand): bigint {
  return BigInt(command.quote.priceFen) * BigInt(command.quote.quantity);
}

function refuseFunds(group: Group, acct: AccountId, neededFen: bigint): Outcome | null {
  const available = group.available(acct);
  return available >= neededFen ? null : refuse('insufficient_funds', { availableFen: String(available), neededFen: String(neededFen) });
}

type PlanParts = Pick<TradePlan, 'sell' | 'buy' | 'items' | 'unitPriceFen' | 'payFrom'>;

function planOf({ group, ground, command }: Placement, parts: PlanParts): TradePlan {
  return {
    ...parts,
    tradeId: drawTradeId(ground.random),
    mechanism: command.quote.mechanism,
    experimentId: null,
    orderedAt: group.now,
    isNew: true,
  };
}

function settle(group: Group, ground: ExchangeGround, plan: TradePlan): PlacedTrade {
  settleTrade(group, ground, plan);
  fill(group, plan.sell, plan.items.length);
  fill(group, plan.buy, plan.items.length);
  return placedTrade(plan, 'settled');
}

function placedTrade(plan: TradePlan, state: TradeState): PlacedTrade {
  return { tradeId: plan.tradeId, priceFen: plan.unitPriceFen, quantity: plan.items.length, state };
}

export function fill(group: Group, order: OrderRow, quantity: number): void {
  order.filled += quantity;
  assert(order.filled <= order.quantity, 'no order fills beyond its quantity');
  group.changedOrders.add(order);
  if (order.filled < order.quantity) {
    order.state = 'partially_filled';
    return;
  }
  order.state = 'filled';
  order.endedAt = group.now;
  countOpen(group, order.acct, -1);
}

/** Ends what is open of an order and frees what it held. */
export function endOrder(group: Group, order: OrderRow, state: 'canceled' | 'expired', reason: string | null): void {
  assert(order.endedAt === null, 'an order ends once');
  order.state = state;
  order.reason = reason;
  order.endedAt = group.now;
  group.changedOrders.add(order);
  countOpen(group, order.acct, -1);
  releaseItems(group, order);
  releaseMoney(group, order, order.priceFen * BigInt(order.quantity - order.filled));
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

function holdMoney(group: Group, order: OrderRow, amountFen: bigint): void {
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

function holdItems(group: Group, order: OrderRow, items: readonly ItemRow[]): void {
  for (const item of items) {
    item.heldBy = order.orderId;
    group.newItemHolds.push({ orderId: order.orderId, itemId: item.itemId, state: 'active' });
  }
}

function countOpen(group: Group, acct: AccountId, by: number): void {
  group.loaded.openOrders.set(acct, (group.loaded.openOrders.get(acct) ?? 0) + by);
}

function addOrder(placement: Placement, facts: { readonly liveFrom: Instant }): OrderRow {
  return keepOrder(placement.group, draftOrder(placement, facts));
}

function keepOrder(group: Group, order: OrderRow): OrderRow {
  group.newOrders.push(order);
  group.loaded.orders.set(order.orderId, order);
  countOpen(group, order.acct, 1);
  return order;
}

function draftOrder({ group, ground, command, itemClass, items }: Placement, facts: { readonly liveFrom: Instant }): OrderRow {
  const { quote, input, player } = command;
  const classId: ClassId = itemClass.classId;
  return {
    orderId: command.orderId,
    seq: ground.nextSeq(),
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
    experimentId: input.intent === 'matched' ? quote.experimentId : null,
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
    items: quote.side === 'sell' ? items.map((item) => ({ itemId: item.itemId, serial: item.serial, ver: item.ver })) : [],
    holdLeftFen: 0n,
  };
}
