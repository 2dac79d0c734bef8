/** Why a placement is refused: person, kind and mechanism, the offered items, money, the other side's order. Nothing here changes
 *  anything but the list of decisions: every one is kept, whatever becomes of the order. */
import { fen } from '#ledger/primitives/fen.ts';
import { type AccountId, parseClassId } from '#ledger/primitives/ids.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import { worstUnitFen } from '#sandbox/experiments/cap-counter.ts';
import { isSameWindow } from '#sandbox/tax/windows.ts';
import { mostTrades } from '#server/settlement/cap-facts.ts';
import type { Group } from '#server/settlement/group.ts';
import { holdInGroup } from '#server/settlement/hold-payout.ts';
import type { ClassRow, OrderRow } from '#server/settlement/model.ts';
import { isAffiliate } from './affiliates.ts';
import { type ExchangeCode, exchangeCode, ruleFacts } from './codes.ts';
import { decideOrder } from './decide-order.ts';
import { estimateSale } from './estimate.ts';
import { endedBy, groupCapTotals } from './group-caps.ts';
import { haltFacts } from './halts.ts';
import { fullCap, standingOf } from './inside.ts';
import { refuseOneHand } from './linked-accounts.ts';
import { mayBuyBack } from './may-buy-back.ts';
import { type Outcome, type Placement, refuse, targetOf } from './placement.ts';
import { faultOf, refuseAccount, refuseItem, refuseKind } from './refuse-items.ts';

export const OPEN_ORDERS_MAX = 300;

/** Person, kind and mechanism, the same for every intent. */
export function refusePerson(placement: Placement): Outcome | null {
  const { group, command, itemClass, ground, items } = placement;
  const { player, quote } = command;
  const now = BigInt(group.now);
  const halt = ground.halts.of(itemClass, group.now);
  if (halt !== null) return refuse('market_halted', haltFacts(halt));
  const target = targetOf(placement);
  const held = target?.items.map(({ itemId }) => itemId) ?? [];
  const broken = ground.broken.of([player.acct], [...items.map(({ itemId }) => itemId), ...held]);
  if (broken !== null) return refuse('books_differ', broken);
  const cooling = group.loaded.cooling.get(player.acct)?.get(itemClass.classId);
  if (cooling !== undefined) return refuse('cool_down', { until: toIso(cooling) });
  if (!player.hasRecovery) return refuse('recovery_required');
  const code =
    refuseAccount(group.pending, player.acct, now) ?? refuseKind(group.pending, itemClass, now, quote.side === 'sell' ? player.acct : null);
  if (code !== null) return refuse(code);
  const standing = standingOf(ground.experiments, {
    player,
    itemClass,
    pack: group.pack,
    at: group.now,
    mechanism: quote.mechanism,
    side: quote.side,
    unitPriceFen: BigInt(quote.priceFen),
    quantity: quote.quantity,
    replaces: null,
  });
  if (standing.kind === 'rejected') return refuse(exchangeCode(standing.code), fullCap(standing));
  const { inside } = standing;
  const decided = decideOrder({
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
    worstUnitFen: worstUnitOf(placement),
    mostTrades: mostTrades(quote.intent, quote.quantity),
    capTotals: groupCapTotals(group, player.acct, {
      side: quote.side,
      itemIds: quote.side === 'sell' ? items.map(({ itemId }) => itemId) : [],
      ends: endedBy(quote.intent, items, null),
    }),
    // A price for any kind that fits is measured against none of them.
    referencePriceFen: quote.expression === '' ? (group.referencePrices.get(itemClass.classId) ?? null) : null,
    inside,
  });
  group.decisions.push({
    acct: player.acct,
    stage: 'order',
    referenceId: command.referenceId,
    orderId: command.orderId,
    targetOrderId: command.input.targetOrderId,
    intent: command.input.intent,
    decided,
  });
  const reason = decided.decision.reasons.find(({ weight }) => weight === 'deny');
  if (reason !== undefined) return refuse(exchangeCode(reason.code), ruleFacts(reason));
  // Nobody signs for rules that he was not shown: those of an experiment he has joined or left since, or whose caps have filled.
  if (quote.intent !== 'matched' && quote.experimentId !== (inside?.experiment.id ?? null)) return refuse('quote_changed');
  const hold = quote.side === 'sell' ? player.holds.find(({ code: held, until }) => held.includes('sale') && until > group.now) : undefined;
  return hold === undefined ? null : refuse('sale_on_hold');
}

/** Who meets himself, under one account or two. */
export function refuseMeeting({ group, command }: Placement, other: AccountId): Outcome | null {
  const { player, quote, input } = command;
  const code = refuseOneHand(group.loaded.hands, player.acct, other);
  if (code === null) return null;
  group.oneHand.push({ acct: player.acct, other, classId: parseClassId(quote.classId), intent: input.intent });
  return refuse(code);
}

/** The book may hold a bid above the limit of who sells into it. */
function worstUnitOf({ ground, command, itemClass }: Placement): bigint {
  const { side, intent, priceFen } = command.quote;
  const limit = fen(BigInt(priceFen));
  const bestBid = intent === 'matched' ? (ground.books.find(itemClass.classId)?.engine.bestPrice('buy') ?? null) : null;
  return worstUnitFen(side, limit, bestBid === null ? null : fen(bestBid));
}

export function refuseOffered(placement: Placement): Outcome | null {
  const refused = refuseOfferedItem(placement);
  if (refused !== null) return refused;
  const held = placement.items.find(({ heldBy }) => heldBy !== null);
  return held === undefined ? null : refuse('item_held', { itemId: held.itemId, orderId: held.heldBy ?? '' });
}

/** What his own listing holds the holder may sell by an offer all the same. */
export function refuseOfferedItem({ group, command, items, itemClass }: Placement): Outcome | null {
  const now = BigInt(group.now);
  if (items.length !== command.quote.quantity || items.length === 0) return refuse('quantity_out_of_range');
  for (const [index, item] of items.entries()) {
    const ver = command.order.items[index]?.ver ?? 0n;
    if (item.classId !== itemClass.classId) return refuse('order_malformed');
    const code = refuseItem(group.pending, { itemId: item.itemId, serial: item.serial, ver }, command.player.acct, now);
    if (code !== null) return refuse(code, { itemId: item.itemId });
    if (item.costSource === 'sealed') return refuse('purchase_sealed', { itemId: item.itemId });
  }
  return isHeldUnsaid({ group, command, items, itemClass }) ? refuse('quote_changed') : null;
}

/** Nobody signs a sale whose proceeds wait longer than he was shown. */
function isHeldUnsaid({ group, command, items, itemClass }: Pick<Placement, 'group' | 'command' | 'items' | 'itemClass'>): boolean {
  const { quote, player } = command;
  const sale = { seller: player.acct, classId: itemClass.classId, items, unitPriceFen: BigInt(quote.priceFen) };
  return quote.payoutHold === undefined && holdInGroup(group, sale).hold !== null;
}

export function refuseCount({ group, command }: Placement): Outcome | null {
  return (group.loaded.openOrders.get(command.player.acct) ?? 0) >= OPEN_ORDERS_MAX ? refuse('too_many_orders') : null;
}

/** `itemClass`: whose unit it would trade; an affiliate's order that was placed before the studio named him trades no more. */
export function faultOfOrder(group: Group, order: OrderRow, itemClass: ClassRow): ExchangeCode | null {
  if (isAffiliate(itemClass, order) && !(order.side === 'buy' && mayBuyBack(group.pack))) return 'issuer_refused';
  if (group.loaded.cooling.get(order.acct)?.has(itemClass.classId) === true) return 'cool_down';
  return faultOf(group.pending, order, BigInt(group.now), order.quote.document.keyEpoch);
}

export function refuseFunds(group: Group, acct: AccountId, neededFen: bigint): Outcome | null {
  const available = group.available(acct);
  return available >= neededFen ? null : refuse('insufficient_funds', { availableFen: String(available), neededFen: String(neededFen) });
}

/** A sale at once is honoured as quoted, its estimated tax lines included (P-18). */
export function hasEstimateChanged({ group, command, itemClass, items }: Placement): boolean {
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
