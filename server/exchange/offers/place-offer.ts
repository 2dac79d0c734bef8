/**
 * Steps of an offer (product P-24) as the one writer carries them out. An offer stands as a funded buy order for one item, a counter as a
 * sell order for one person; a step that is answered ends, and its money is free. An acceptance is the order that meets the one that
 * stands: the trade is settled like every other.
 */
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { ItemRow, OrderRow } from '#server/settlement/model.ts';
import {
  accepted,
  COUNTERED,
  countered,
  type NewStep,
  type OfferThread,
  openThread,
  SOLD_BY_OFFER,
} from '#server/settlement/offer-thread.ts';
import { isGiftId } from '#server/settlement/sale-id.ts';
import { tradeOf } from '#server/settlement/settle-trade.ts';
import { releaseInside } from '../inside.ts';
import { addOrder, endOrder, fillBoth, holdItems, holdMoney, settle } from '../order-changes.ts';
import { openPublicity } from '../place-resting.ts';
import { grossOf, type Outcome, type Placement, placedTrade, planOf, refuse, targetOf } from '../placement.ts';
import { refuseItem } from '../refuse-items.ts';
import { faultOfOrder, hasEstimateChanged, refuseFunds, refuseMeeting, refuseOfferedItem, refusePerson } from '../refuse-placement.ts';
import { type OfferFacts, type OfferIntent, refuseOffer } from './refuse-offer.ts';

/** What a step works on, once nothing speaks against it. */
type Ground = {
  readonly item: ItemRow;
  readonly target: OrderRow | null;
  readonly thread: OfferThread | null;
  readonly listing: OrderRow | null;
};
type Ready = { readonly ground: Ground; readonly refused: null } | { readonly ground: null; readonly refused: Outcome };

export function placeOffer(placement: Placement): Outcome {
  const { group, command } = placement;
  const { ground, refused } = readStep(placement, 'offer');
  if (ground === null) return refused;
  const unfunded = refuseFunds(group, command.player.acct, grossOf(command));
  if (unfunded !== null) return unfunded;
  const { item, target, thread, listing } = ground;
  const order = addOrder(placement, { liveFrom: group.now });
  const step = stepOf(placement, order);
  if (thread !== null && target !== null) {
    answer(placement, thread, { step, target });
  } else {
    const { itemId, classId, serial, ver, owner } = item;
    const facts = { itemId, classId, ver, buyer: order.acct, holder: owner, ledgerSerial: serial, isListed: listing !== null };
    group.setOffer(openThread(facts, step));
  }
  holdMoney(group, order, grossOf(command));
  return { kind: 'placed', order, trades: [] };
}

export function placeCounter(placement: Placement): Outcome {
  const { ground, refused } = readStep(placement, 'counter');
  if (ground === null) return refused;
  const { target, thread } = ground;
  if (target === null || thread === null) return refuse('offer_gone');
  const order = addOrder(placement, { liveFrom: placement.group.now });
  // It names the item and holds it no more than the listing does.
  order.items = [];
  answer(placement, thread, { step: stepOf(placement, order), target });
  return { kind: 'placed', order, trades: [] };
}

/** The holder's yes to the buyer's price. */
export function acceptOffer(placement: Placement): Outcome {
  const { group, command, items, itemClass } = placement;
  const { ground, refused } = readStep(placement, 'accept_offer');
  if (ground === null) return refused;
  const { target, thread, listing } = ground;
  if (target === null || thread === null || faultOfOrder(group, target, itemClass) !== null) return refuse('offer_gone');
  if (target.priceFen !== BigInt(command.quote.priceFen) || hasEstimateChanged(placement)) return refuse('quote_changed');
  if (group.isFinalityLate) return refuse('finality_late');
  leaveListing(placement, listing);
  const liveFrom = openPublicity(placement);
  const order = addOrder(placement, { liveFrom });
  const plan = planOf(placement, { sell: order, buy: target, items, unitPriceFen: target.priceFen, payFrom: 'held' });
  return conclude(placement, { plan, thread, listing, liveFrom });
}

/** The buyer's yes to the holder's price: paid like a listing that is taken. */
export function acceptCounter(placement: Placement): Outcome {
  const { group, command, items, itemClass } = placement;
  const { ground, refused } = readStep(placement, 'accept_counter');
  if (ground === null) return refused;
  const { item, target, thread, listing } = ground;
  if (target === null || thread === null || faultOfOrder(group, target, itemClass) !== null) return refuse('offer_gone');
  const signed = { itemId: item.itemId, serial: item.serial, ver: BigInt(target.quote.document.items[0]?.ver ?? '0') };
  const fault = refuseItem(group.pending, signed, target.acct, BigInt(group.now));
  if (fault !== null) return refuse(fault === 'not_owner' || fault === 'version_conflict' ? 'offer_gone' : fault, { itemId: item.itemId });
  if (target.priceFen !== BigInt(command.quote.priceFen)) return refuse('quote_changed');
  if (group.isFinalityLate) return refuse('finality_late');
  const unfunded = refuseFunds(group, command.player.acct, grossOf(command));
  if (unfunded !== null) return unfunded;
  leaveListing(placement, listing);
  const liveFrom = openPublicity(placement);
  const order = addOrder(placement, { liveFrom: group.now });
  if (liveFrom > group.now) holdMoney(group, order, grossOf(command));
  const plan = planOf(placement, { sell: target, buy: order, items, unitPriceFen: target.priceFen, payFrom: 'available' });
  return conclude(placement, { plan, thread, listing, liveFrom });
}

type Conclusion = {
  readonly plan: ReturnType<typeof planOf>;
  readonly thread: OfferThread;
  readonly listing: OrderRow | null;
  readonly liveFrom: Instant;
};

/** Settled at once, or after the publicity that the kind asks for. */
function conclude({ group, ground, command }: Placement, { plan, thread, listing, liveFrom }: Conclusion): Outcome {
  group.setOffer(accepted(thread, { tradeId: plan.tradeId, listingOrderId: listing?.orderId ?? null, now: group.now }));
  const order = command.input.intent === 'accept_offer' ? plan.sell : plan.buy;
  if (liveFrom <= group.now) return { kind: 'placed', order, trades: [settle(group, ground, plan)] };
  holdItems(group, plan.sell, plan.items);
  group.waiting.push({ trade: tradeOf(plan, 'publicity'), until: liveFrom });
  fillBoth(group, ground, plan);
  return { kind: 'placed', order, trades: [placedTrade(plan, 'publicity')] };
}

/** The version that the listing names is about to be spent, so it cannot stand; whatever else it offers is free again. */
function leaveListing({ group, ground }: Placement, listing: OrderRow | null): void {
  if (listing === null) return;
  releaseInside(ground.experiments, listing);
  endOrder(group, listing, 'canceled', SOLD_BY_OFFER);
}

/** The thread first: what ends here has been answered, not withdrawn. */
function answer(
  { group, ground }: Placement,
  thread: OfferThread,
  { step, target }: { readonly step: NewStep; readonly target: OrderRow },
): void {
  group.setOffer(countered(thread, step));
  releaseInside(ground.experiments, target);
  endOrder(group, target, 'canceled', COUNTERED);
}

function stepOf({ group, command }: Placement, order: OrderRow): NewStep {
  const until = command.quote.offerUntil;
  return {
    orderId: order.orderId,
    priceFen: order.priceFen,
    placedAt: group.now,
    expiresAt: until === undefined ? order.expiresAt : instant(Date.parse(until)),
  };
}

function readStep(placement: Placement, intent: OfferIntent): Ready {
  const ground = groundOf(placement);
  if (ground === null) return { ground: null, refused: refuse('quantity_out_of_range') };
  const isHolder = intent === 'counter' || intent === 'accept_offer';
  const { acct } = placement.command.player;
  const other = isHolder ? ground.thread?.buyer : ground.item.owner;
  const oneHand = other === undefined || other === acct ? null : refuseMeeting(placement, other);
  const refused = oneHand ?? refusePerson(placement) ?? (isHolder ? refuseOfferedItem(placement) : null);
  if (refused !== null) return { ground: null, refused };
  const refusal = refuseOffer(factsOf(placement, ground, intent));
  return refusal === null ? { ground, refused: null } : { ground: null, refused: refuse(refusal.code, refusal.facts) };
}

function groundOf(placement: Placement): Ground | null {
  const { group, items, command } = placement;
  const [item] = items;
  if (item === undefined || items.length !== 1 || command.quote.quantity !== 1) return null;
  const target = targetOf(placement);
  const holding = item.heldBy === null || isGiftId(item.heldBy) ? undefined : group.loaded.orders.get(item.heldBy);
  const isListing = holding?.intent === 'listing' && holding.endedAt === null && holding.acct === item.owner;
  return { item, target, thread: target === null ? null : group.offerOf(target.orderId), listing: isListing ? holding : null };
}

function factsOf({ group, command }: Placement, ground: Ground, intent: OfferIntent): OfferFacts {
  const { item, listing } = ground;
  const { acct } = command.player;
  return {
    ...ground,
    now: group.now,
    acct,
    intent,
    targetOrderId: command.input.targetOrderId,
    priceFen: BigInt(command.quote.priceFen),
    ownThread: group.openOfferOn(item.itemId, acct),
    reservation: listing === null ? null : (group.loaded.reservations.get(listing.orderId) ?? null),
    takesOffers: group.loaded.takesOffers.has(item.owner),
    openOffers: group.loaded.openOffers.get(acct) ?? 0,
  };
}
