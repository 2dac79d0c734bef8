/** Why a step of an offer is refused, for its quote and for its placement alike: the same facts, the same order of refusals. Pure. */
import type { AccountId, OrderId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { ItemRow, OrderRow, Reservation } from '#server/settlement/model.ts';
import { type OfferThread, OPEN_OFFERS_MAX, refuseAnswer, refuseCounter, smallestOffer } from '#server/settlement/offer-thread.ts';
import type { OrderIntent } from '#server/trpc/views.ts';
import type { ExchangeCode } from '../codes.ts';

export type OfferIntent = 'offer' | 'counter' | 'accept_offer' | 'accept_counter';

/** What stands until the other side answers; an acceptance is a trade at once. */
export function isOfferStep(intent: OrderIntent): intent is 'offer' | 'counter' {
  return intent === 'offer' || intent === 'counter';
}

export function isOfferIntent(intent: OrderIntent): intent is OfferIntent {
  return isOfferStep(intent) || intent === 'accept_offer' || intent === 'accept_counter';
}

export type OfferFacts = {
  readonly now: Instant;
  readonly acct: AccountId;
  readonly intent: OfferIntent;
  readonly priceFen: bigint;
  readonly item: ItemRow;
  /** The step that is answered, or the listing that an offer is made on: as named, and as found. */
  readonly targetOrderId: OrderId | null;
  readonly target: OrderRow | null;
  /** Of the target, where it is a step. */
  readonly thread: OfferThread | null;
  /** This person's open thread about this item. */
  readonly ownThread: OfferThread | null;
  /** The holder's open listing of the item. */
  readonly listing: OrderRow | null;
  readonly reservation: Reservation | null;
  readonly takesOffers: boolean;
  /** Steps of this person that stand. */
  readonly openOffers: number;
};

export type OfferRefusal = { readonly code: ExchangeCode; readonly facts: Readonly<Record<string, string>> };
const refuse = (code: ExchangeCode, facts: Readonly<Record<string, string>> = {}): OfferRefusal => ({ code, facts });

export function refuseOffer(facts: OfferFacts): OfferRefusal | null {
  const isOpening = facts.intent === 'offer' && (facts.targetOrderId === null || facts.target?.intent === 'listing');
  const refused = isOpening ? refuseOpening(facts) : refuseStep(facts);
  if (refused !== null) return refused;
  if (facts.intent !== 'offer' && facts.item.heldBy !== null && facts.listing === null)
    return refuse('item_held', { itemId: facts.item.itemId });
  if (!isOfferStep(facts.intent)) return refuseReserved(facts);
  if (facts.openOffers >= OPEN_OFFERS_MAX) return refuse('too_many_offers');
  return facts.intent === 'offer' ? refusePrice(facts) : null;
}

function refuseOpening({ acct, item, target, listing, ownThread, takesOffers }: OfferFacts): OfferRefusal | null {
  if (item.owner === acct) return refuse('self_trade');
  if (target !== null && listing?.orderId !== target.orderId) return refuse('listing_gone');
  if (listing === null) {
    if (item.heldBy !== null) return refuse('item_held', { itemId: item.itemId });
    if (!takesOffers) return refuse('offers_closed');
  }
  const named = listing?.quote.document.namedBuyer ?? null;
  if (named !== null && named !== acct) return refuse('named_buyer_only');
  return ownThread === null ? null : refuse('offer_exists', { offerId: ownThread.offerId });
}

const ANSWERED: Readonly<Record<OfferIntent, OrderRow['intent']>> = {
  offer: 'counter',
  accept_counter: 'counter',
  counter: 'offer',
  accept_offer: 'offer',
};

function refuseStep({ acct, intent, now, item, target, thread }: OfferFacts): OfferRefusal | null {
  if (target === null || thread === null) return refuse('offer_gone');
  const wish = { acct, orderId: target.orderId, now };
  const refused = isOfferStep(intent) ? refuseCounter(thread, wish) : refuseAnswer(thread, wish);
  if (refused !== null) return refused;
  if (target.intent !== ANSWERED[intent]) return refuse('order_malformed');
  if (item.itemId !== thread.itemId) return refuse('order_item_mismatch');
  return item.owner !== thread.holder || item.ver !== thread.ver ? refuse('offer_gone') : null;
}

/** What is promised to a buyer who pays from outside cannot be sold here. */
function refuseReserved({ reservation }: OfferFacts): OfferRefusal | null {
  return reservation === null ? null : refuse('listing_reserved', { until: toIso(reservation.until) });
}

function refusePrice({ priceFen, listing }: OfferFacts): OfferRefusal | null {
  if (listing === null) return null;
  const smallestFen = smallestOf(listing);
  return priceFen < smallestFen ? refuse('offer_too_low', { smallestFen: String(smallestFen) }) : null;
}

export function smallestOf(listing: Pick<OrderRow, 'priceFen' | 'quote'>): bigint {
  const own = listing.quote.document.smallestOfferFen;
  return own === undefined ? smallestOffer(listing.priceFen) : BigInt(own);
}
