/** Orders that stand until somebody comes: listings and buy orders. */
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { addOrder, holdItems, holdMoney } from './order-changes.ts';
import { grossOf, isSamePrice, type Outcome, type Placement, refuse } from './placement.ts';
import { refuseCount, refuseFunds, refuseMeeting, refuseOffered, refusePerson } from './refuse-placement.ts';

export const BUY_QUANTITY_MAX = 100;
const PRICE_CHANGE_MS = 5 * 60_000;
const PUBLICITY_COUNTS_MS = 30 * 86_400_000;
const HOUR_MS = 3_600_000;

export function placeListing(placement: Placement): Outcome {
  const { group, items, command, replaced } = placement;
  const named = command.quote.namedBuyer ?? null;
  const oneHand = named === null ? null : refuseMeeting(placement, named);
  const refused = oneHand ?? refusePerson(placement) ?? refuseOffered(placement) ?? refuseCount(placement);
  if (refused !== null) return refused;
  for (const item of items) {
    // The price stays: nothing of the five minutes is used or renewed.
    if (replaced?.itemIds.has(item.itemId) === true && isSamePrice(replaced, command.quote.priceFen)) continue;
    const before = group.loaded.listedAt.get(item.itemId);
    if (before !== undefined && group.now - before < PRICE_CHANGE_MS) {
      return refuse('price_change_too_soon', { from: new Date(before + PRICE_CHANGE_MS).toISOString() });
    }
  }
  const liveFrom = openPublicity(placement);
  const order = addOrder(placement, { liveFrom });
  for (const item of items) group.loaded.listedAt.set(item.itemId, order.pricedAt);
  holdItems(group, order, items);
  return { kind: 'placed', order, trades: [] };
}

/** Publicity runs once for an owner within 30 days; where it has run or runs, its end stands. */
export function openPublicity({ group, items, itemClass }: Placement): Instant {
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

export function placeBuyOrder(placement: Placement): Outcome {
  const { group, command } = placement;
  const { quantity } = command.quote;
  if (quantity < 1 || quantity > BUY_QUANTITY_MAX || command.order.items.length > 0) return refuse('quantity_out_of_range');
  const refused = refusePerson(placement) ?? refuseCount(placement) ?? refuseFunds(group, command.player.acct, grossOf(command));
  if (refused !== null) return refused;
  const order = addOrder(placement, { liveFrom: group.now });
  holdMoney(group, order, grossOf(command));
  return { kind: 'placed', order, trades: [] };
}
