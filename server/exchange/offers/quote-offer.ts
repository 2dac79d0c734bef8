/** The part of a quote that a step of an offer adds: who the other side is, until when it may answer, and why there is none. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { Player } from '#server/identity/identity.ts';
import type { ClassRow, ItemRow, OrderRow } from '#server/settlement/model.ts';
import { OFFER_HOURS, OFFER_HOURS_MAX, smallestOffer, standingStep } from '#server/settlement/offer-thread.ts';
import type { QuoteDocument } from '#server/trpc/views.ts';
import type { ExchangeCode } from '../codes.ts';
import type { QuoteRequest, Refused } from '../market.ts';
import { countOpenOffers, readOfferGround } from './offers.repo.ts';
import { isOfferIntent, isOfferStep, type OfferFacts, refuseOffer } from './refuse-offer.ts';

const HOUR_MS = 3_600_000;
/** A trade needs some of both orders' time when it is sequenced (`ledger.md` 6.1, `stallMs`), also after a yes in the last minute. */
const SETTLE_MS = 10 * 60_000;
/** Where a trade waits for publicity, room for its settlement after that. */
const WAIT_MS = 24 * HOUR_MS;

/** Null: not about one item. */
export type QuotedOffer = Omit<OfferFacts, 'priceFen'> | { readonly item: null };

type QuotedFacts = {
  readonly request: QuoteRequest;
  readonly offer: QuotedOffer | null;
  readonly ground: { readonly now: Instant };
  readonly itemClass: Pick<ClassRow, 'smallestOfferBps'>;
  readonly replaced: OrderRow | null;
};

export async function readQuotedOffer(
  ground: { readonly sql: Sql; readonly now: Instant },
  { acct }: Player,
  facts: { readonly request: QuoteRequest; readonly items: readonly ItemRow[]; readonly targets: readonly OrderRow[] },
): Promise<QuotedOffer | null> {
  const { request, items, targets } = facts;
  if (!isOfferIntent(request.intent)) return null;
  const [item] = items;
  if (item === undefined || items.length !== 1 || request.quantity !== 1) return { item: null };
  const target = targets.find(({ orderId }) => orderId === request.targetOrderId) ?? null;
  const [read, openOffers] = await Promise.all([
    readOfferGround(ground.sql, { items, orderIds: target === null ? [] : [target.orderId] }),
    countOpenOffers(ground.sql, acct),
  ]);
  const listing = read.listings.find(
    ({ orderId, acct: seller, endedAt }) => orderId === item.heldBy && seller === item.owner && endedAt === null,
  );
  return {
    now: ground.now,
    acct,
    intent: request.intent,
    item,
    targetOrderId: request.targetOrderId,
    target,
    thread: read.threads.find(({ rounds }) => rounds.some(({ orderId }) => orderId === target?.orderId)) ?? null,
    ownThread: read.threads.find((each) => each.itemId === item.itemId && each.buyer === acct && standingStep(each) !== null) ?? null,
    listing: listing ?? null,
    reservation: listing === undefined ? null : (read.reservations.get(listing.orderId) ?? null),
    takesOffers: read.open.has(item.owner),
    openOffers,
  };
}

export function refuseQuotedOffer({ request, offer }: QuotedFacts): Refused | null {
  if (offer === null || offer.item === null) return refuse('quantity_out_of_range');
  const hours = request.lifeHours ?? OFFER_HOURS;
  if (isOfferStep(request.intent) && (hours < 1 || hours > OFFER_HOURS_MAX)) return refuse('offer_life_out_of_range');
  if (request.payFrom === 'outside') return refuse('order_malformed');
  const refusal = refuseOffer({ ...offer, priceFen: request.priceFen });
  return refusal === null ? null : refuse(refusal.code, refusal.facts);
}

/** A listing's own smallest offer, where it may have one. */
export function refuseSmallest({ request }: Pick<QuotedFacts, 'request'>): Refused | null {
  const { smallestOfferFen: smallest, intent, priceFen } = request;
  if (smallest === undefined) return null;
  if (intent !== 'listing') return refuse('order_malformed');
  return smallest < 1n || smallest > priceFen ? refuse('smallest_offer_out_of_range', { priceFen: String(priceFen) }) : null;
}

type OfferFields = Pick<QuoteDocument, 'namedBuyer' | 'namedSeller' | 'offerUntil' | 'smallestOfferFen'>;

/** Fields of the quote's document; what an order has not is left out of its bytes. */
export function offerFields({ request, offer, ground, itemClass, replaced }: QuotedFacts): Partial<OfferFields> {
  if (request.intent === 'listing') return { smallestOfferFen: String(smallestFor(request, itemClass.smallestOfferBps, replaced)) };
  if (offer === null || offer.item === null) return {};
  const until = isOfferStep(request.intent) ? { offerUntil: toIso(standsUntil(ground.now, request)) } : {};
  const isHolder = request.intent === 'counter' || request.intent === 'accept_offer';
  const other: AccountId | undefined = isHolder ? offer.thread?.buyer : offer.item.owner;
  if (other === undefined) return until;
  return { ...until, ...(isHolder ? { namedBuyer: other } : { namedSeller: other }) };
}

/** An edit keeps it, as far as the new price lets it. */
function smallestFor({ smallestOfferFen, priceFen }: QuoteRequest, shareBps: number, replaced: OrderRow | null): bigint {
  if (smallestOfferFen !== undefined) return smallestOfferFen;
  const before = replaced?.quote.document.smallestOfferFen;
  if (before === undefined) return smallestOffer(priceFen, shareBps);
  return BigInt(before) < priceFen ? BigInt(before) : priceFen;
}

function standsUntil(now: Instant, { lifeHours = OFFER_HOURS }: QuoteRequest): Instant {
  return instant(now + lifeHours * HOUR_MS);
}

/** Until when the order may settle that an offer or a counter is. */
export function offerWindow(now: Instant, request: QuoteRequest, publicityMs: number): Instant {
  return instant(standsUntil(now, request) + (publicityMs === 0 ? SETTLE_MS : publicityMs + WAIT_MS));
}

function refuse(code: ExchangeCode, facts: Readonly<Record<string, string>> = {}): Refused {
  return { kind: 'rejected', code, facts };
}
