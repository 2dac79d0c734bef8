/** My offers (product P-24): threads that I have a side in, with what I may do about each. */
import type { AccountId, ItemId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { listThreadsOf, readOfferGround, takesOffers } from '#server/exchange/offers/offers.repo.ts';
import { smallestOf } from '#server/exchange/offers/refuse-offer.ts';
import { listItems, listOrders } from '#server/exchange/rows.repo.ts';
import { orderView } from '#server/exchange/views.ts';
import type { ItemRow, OrderRow } from '#server/settlement/model.ts';
import {
  OFFER_ROUNDS_MAX,
  type OfferRound,
  type OfferThread,
  OPEN_OFFERS_MAX,
  partyOf,
  refuseAnswer,
  refuseCounter,
  standingStep,
  withdrawFrom,
} from '#server/settlement/offer-thread.ts';
import { isGiftId } from '#server/settlement/sale-id.ts';
import type { ClassCard, ItemOffers, OfferList, OfferRoundView, OfferThreadView } from '#server/trpc/views.ts';
import { listCards } from './cards.repo.ts';
import { displayNames, type NameOf } from './names.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const SHOWN = 100;
const ENDED_SHOWN = 50;

export async function listOffers(ground: ReadGround, snapshot: Snapshot, acct: AccountId): Promise<OfferList> {
  const { tx, height } = snapshot;
  const [open, past, isTaking] = await Promise.all([
    listThreadsOf(tx, acct, { open: true, limit: 2 * SHOWN }),
    listThreadsOf(tx, acct, { open: false, limit: ENDED_SHOWN }),
    takesOffers(tx, acct),
  ]);
  const threads = [...open, ...past];
  const own = threads.flatMap((thread) => standingOf(thread, acct) ?? []);
  const [cards, items, orders, nameOf] = await Promise.all([
    listCards(snapshot, [...new Set(threads.map(({ classId }) => classId))]),
    listItems(tx, [...new Set(threads.map(({ itemId }) => itemId))]),
    listOrders(
      tx,
      own.map(({ orderId }) => orderId),
    ),
    displayNames(
      ground,
      snapshot,
      threads.flatMap(({ buyer, holder }) => [buyer, holder]),
    ),
  ]);
  const { listings } = await readOfferGround(tx, { items, orderIds: [] });
  const facts: ViewFacts = {
    acct,
    now: snapshot.now,
    nameOf,
    cards: new Map(cards.map((card) => [card.classId, card])),
    items: new Map(items.map((item) => [item.itemId, item])),
    listings: new Map(listings.map((listing) => [listing.orderId, listing])),
    orders: new Map(orders.map((order) => [order.orderId, order])),
  };
  return {
    rows: threads.flatMap((thread) => threadView(thread, facts) ?? []),
    open: own.length,
    openMax: OPEN_OFFERS_MAX,
    takesOffers: isTaking,
    height,
  };
}

type ViewFacts = {
  readonly acct: AccountId;
  readonly now: Snapshot['now'];
  readonly nameOf: NameOf;
  readonly cards: ReadonlyMap<ClassCard['classId'], ClassCard>;
  readonly items: ReadonlyMap<ItemId, ItemRow>;
  readonly listings: ReadonlyMap<OrderRow['orderId'], OrderRow>;
  readonly orders: ReadonlyMap<OrderRow['orderId'], OrderRow>;
};

function standingOf(thread: OfferThread, acct: AccountId): OfferRound | null {
  const step = standingStep(thread);
  return step !== null && step.by === partyOf(thread, acct) ? step : null;
}

function threadView(thread: OfferThread, facts: ViewFacts): OfferThreadView | null {
  const { acct, now } = facts;
  const mine = partyOf(thread, acct);
  const card = facts.cards.get(thread.classId);
  const item = facts.items.get(thread.itemId);
  if (mine === null || card === undefined || item === undefined) return null;
  const step = standingStep(thread);
  const own = standingOf(thread, acct);
  const order = own === null ? undefined : facts.orders.get(own.orderId);
  const wish = { acct, now, orderId: step?.orderId };
  const may = (refusal: typeof refuseAnswer): boolean =>
    wish.orderId !== undefined && refusal(thread, { ...wish, orderId: wish.orderId }) === null;
  const listing = item.heldBy === null || isGiftId(item.heldBy) ? undefined : facts.listings.get(item.heldBy);
  const otherRef = mine === 'buyer' ? thread.holder : thread.buyer;
  return {
    offerId: thread.offerId,
    itemId: thread.itemId,
    serialNo: item.unitNo,
    card,
    mine,
    otherRef,
    otherName: facts.nameOf(otherRef),
    state: thread.state,
    reason: thread.reason,
    openedAt: toIso(thread.openedAt),
    endedAt: thread.endedAt === null ? null : toIso(thread.endedAt),
    tradeId: thread.tradeId,
    listingFen: isFor(listing, thread) ? String(listing?.priceFen) : null,
    rounds: thread.rounds.map((round) => roundView(round, mine)),
    roundsMax: OFFER_ROUNDS_MAX,
    canAnswer: may(refuseAnswer),
    canCounter: may(refuseCounter),
    withdrawFrom: own === null ? null : toIso(withdrawFrom(own)),
    order:
      order === undefined
        ? null
        : orderView(order, { classId: order.classId, nameZh: card.names.zh, nameEn: card.names.en, icon: card.icon, rarity: card.rarity }),
  };
}

/** A listing for somebody else is none of the buyer's business. */
function isFor(listing: OrderRow | undefined, { state, buyer }: OfferThread): boolean {
  if (listing === undefined || listing.endedAt !== null || state !== 'open') return false;
  const named = listing.quote.document.namedBuyer ?? null;
  return named === null || named === buyer;
}

function roundView(round: OfferRound, mine: OfferThreadView['mine']): OfferRoundView {
  return {
    round: round.round,
    orderId: round.orderId,
    by: round.by,
    isMine: round.by === mine,
    priceFen: String(round.priceFen),
    placedAt: toIso(round.placedAt),
    expiresAt: toIso(round.expiresAt),
    state: round.state,
    endedAt: round.endedAt === null ? null : toIso(round.endedAt),
  };
}

/** Whether the looker may make an offer for this item, and from what price on. */
export async function offersOfItem({ tx, viewer }: Snapshot, itemId: ItemId): Promise<ItemOffers> {
  const [item] = await listItems(tx, [itemId]);
  if (item === undefined) return { isOpen: false, smallestFen: null, offerId: null };
  const { listings, threads, open } = await readOfferGround(tx, { items: [item], orderIds: [] });
  const listing = listings.find(({ orderId, acct, endedAt }) => orderId === item.heldBy && acct === item.owner && endedAt === null);
  const named = listing?.quote.document.namedBuyer ?? null;
  const isListed = listing !== undefined && (named === null || named === viewer);
  return {
    isOpen: isListed || (item.heldBy === null && open.has(item.owner)),
    smallestFen: isListed ? String(smallestOf(listing)) : null,
    offerId: threads.find(({ buyer }) => buyer === viewer)?.offerId ?? null,
  };
}
