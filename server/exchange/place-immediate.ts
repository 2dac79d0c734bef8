/** Orders that meet one named order at once: taking a listing, selling to a buy order. */
import { toIso } from '#ledger/primitives/instant.ts';
import { tradeOf } from '#server/settlement/settle-trade.ts';
import { isFillEnough, isWanted } from '#server/settlement/wanted.ts';
import { addOrder, fillBoth, holdItems, settle } from './order-changes.ts';
import { openPublicity } from './place-resting.ts';
import { grossOf, type Outcome, type Placement, placedTrade, planOf, refuse, targetOf } from './placement.ts';
import { faultOfOrder, hasEstimateChanged, refuseFunds, refuseMeeting, refuseOffered, refusePerson } from './refuse-placement.ts';
import { reserveListing } from './reserve-listing.ts';

export function takeListing(placement: Placement): Outcome {
  const { group, ground, command, items, itemClass } = placement;
  const target = targetOf(placement);
  if (target === null || target.intent !== 'listing' || target.endedAt !== null) return refuse('listing_gone');
  const oneHand = refuseMeeting(placement, target.acct);
  if (oneHand !== null) return oneHand;
  const named = target.quote.document.namedBuyer ?? null;
  if (named !== null && named !== command.player.acct) return refuse('named_buyer_only');
  const refused = refusePerson(placement);
  if (refused !== null) return refused;
  const taken = group.loaded.reservations.get(target.orderId);
  if (taken !== undefined) return refuse('listing_reserved', { until: toIso(taken.until) });
  if (target.liveFrom > group.now) return refuse('listing_in_publicity', { from: new Date(target.liveFrom).toISOString() });
  if (items.length === 0 || items.length !== command.quote.quantity) return refuse('quantity_out_of_range');
  if (items.some((item) => item.heldBy !== target.orderId)) return refuse('listing_gone');
  if (faultOfOrder(group, target, itemClass) !== null) return refuse('listing_gone');
  if (target.priceFen !== BigInt(command.quote.priceFen)) return refuse('quote_changed');
  if (command.quote.payFrom === 'outside') return reserveListing(placement, target);
  if (group.isFinalityLate) return refuse('finality_late');
  const unfunded = refuseFunds(group, command.player.acct, grossOf(command));
  if (unfunded !== null) return unfunded;
  const order = addOrder(placement, { liveFrom: group.now });
  const plan = planOf(placement, { sell: target, buy: order, items, unitPriceFen: target.priceFen, payFrom: 'available' });
  return { kind: 'placed', order, trades: [settle(group, ground, plan)] };
}

export function serveBuyOrder(placement: Placement): Outcome {
  const { group, ground, command, items, itemClass } = placement;
  const target = targetOf(placement);
  if (target === null || target.intent !== 'buy_order' || target.endedAt !== null) return refuse('buy_order_gone');
  const oneHand = refuseMeeting(placement, target.acct);
  if (oneHand !== null) return oneHand;
  const refused = refusePerson(placement) ?? refuseOffered(placement);
  if (refused !== null) return refused;
  if (!isWanted(target, itemClass)) return refuse('order_item_mismatch');
  if (target.quantity - target.filled < items.length) return refuse('buy_order_gone');
  if (!isFillEnough(target, items.length)) return refuse('fill_too_small', { smallestFill: String(target.smallestFill) });
  if (faultOfOrder(group, target, itemClass) !== null) return refuse('buy_order_gone');
  if (target.priceFen !== BigInt(command.quote.priceFen)) return refuse('quote_changed');
  if (hasEstimateChanged(placement)) return refuse('quote_changed');
  if (group.isFinalityLate) return refuse('finality_late');
  const liveFrom = openPublicity(placement);
  const order = addOrder(placement, { liveFrom });
  const plan = planOf(placement, { sell: order, buy: target, items, unitPriceFen: target.priceFen, payFrom: 'held' });
  if (liveFrom <= group.now) return { kind: 'placed', order, trades: [settle(group, ground, plan)] };
  holdItems(group, order, items);
  const trade = tradeOf(plan, 'publicity');
  group.waiting.push({ trade, until: liveFrom });
  fillBoth(group, ground, plan);
  return { kind: 'placed', order, trades: [placedTrade(plan, 'publicity')] };
}
