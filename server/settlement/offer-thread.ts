/**
 * The thread of an offer (product P-24): who steps when, and for how long a step stands. Pure: the time comes in, and what a step does to
 * money and items is the business of the signed order that it is. One step stands at a time; buyer and holder take turns, the buyer first.
 */
import type { AccountId, ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { OfferParty, OfferRoundState, OfferState } from '#server/trpc/views.ts';

/** Product 1.6. */
export const OFFER_HOURS = 24;
export const OFFER_HOURS_MAX = 72;
export const OFFER_ROUNDS_MAX = 5;
export const OPEN_OFFERS_MAX = 50;
export const WITHDRAW_AFTER_MS = 30 * 60_000;
/** Of the price, where neither the listing nor its kind says otherwise. */
export const SMALLEST_OFFER_BPS = 5_000;
const BPS = 10_000n;

/** What a listing has moved to without a cancel of its holder's: the version of the item that it names is spent. */
export const SOLD_BY_OFFER = 'sold_by_offer';
/** A step that was answered with another price. */
export const COUNTERED = 'countered';

export type OfferRound = {
  readonly round: number;
  readonly orderId: OrderId;
  readonly by: OfferParty;
  readonly priceFen: bigint;
  readonly placedAt: Instant;
  /** Not any more at this moment. */
  readonly expiresAt: Instant;
  readonly state: OfferRoundState;
  readonly endedAt: Instant | null;
};

export type OfferThread = {
  readonly offerId: string;
  readonly itemId: ItemId;
  readonly classId: ClassId;
  readonly ledgerSerial: bigint;
  readonly ver: bigint;
  readonly buyer: AccountId;
  readonly holder: AccountId;
  readonly isListed: boolean;
  readonly openedAt: Instant;
  readonly state: OfferState;
  readonly reason: string | null;
  readonly endedAt: Instant | null;
  readonly tradeId: TradeId | null;
  readonly listingOrderId: OrderId | null;
  /** Oldest first. */
  readonly rounds: readonly OfferRound[];
};

export type NewStep = Pick<OfferRound, 'orderId' | 'priceFen' | 'placedAt' | 'expiresAt'>;
export type StepCode = 'offer_not_yours' | 'offer_gone' | 'offer_not_your_turn' | 'offer_rounds_used' | 'offer_withdraw_early';
export type StepRefusal = { readonly code: StepCode; readonly facts: Readonly<Record<string, string>> };
export type StepWish = { readonly acct: AccountId; readonly orderId: OrderId; readonly now: Instant };

const refuse = (code: StepCode, facts: Readonly<Record<string, string>> = {}): StepRefusal => ({ code, facts });

export function offerIdOf(first: OrderId): string {
  return first.replace(/^ord_/, 'off_');
}

/** Unless the listing says otherwise: its kind's share of the price, rounded up, and never less than a fen. */
export function smallestOffer(priceFen: bigint, shareBps: number = SMALLEST_OFFER_BPS): bigint {
  const share = (priceFen * BigInt(shareBps) + BPS - 1n) / BPS;
  return share < 1n ? 1n : share;
}

export function openThread(
  facts: Omit<OfferThread, 'offerId' | 'state' | 'reason' | 'endedAt' | 'tradeId' | 'listingOrderId' | 'rounds' | 'openedAt'>,
  step: NewStep,
): OfferThread {
  return {
    ...facts,
    offerId: offerIdOf(step.orderId),
    openedAt: step.placedAt,
    state: 'open',
    reason: null,
    endedAt: null,
    tradeId: null,
    listingOrderId: null,
    rounds: [{ ...step, round: 1, by: 'buyer', state: 'open', endedAt: null }],
  };
}

/** The step that stands, whether or not its time is over; null: the thread has ended. */
export function standingStep({ rounds }: OfferThread): OfferRound | null {
  return rounds.find(({ state }) => state === 'open') ?? null;
}

export function partyOf({ buyer, holder }: Pick<OfferThread, 'buyer' | 'holder'>, acct: AccountId): OfferParty | null {
  if (acct === buyer) return 'buyer';
  return acct === holder ? 'holder' : null;
}

/** Another price, or yes: the turn of whoever has not made the step that stands. */
export function refuseAnswer(thread: OfferThread, wish: StepWish): StepRefusal | null {
  const found = stepFor(thread, wish);
  if (found.kind === 'refused') return found.refusal;
  return found.step.by === found.by ? refuse('offer_not_your_turn') : null;
}

export function refuseCounter(thread: OfferThread, wish: StepWish): StepRefusal | null {
  const refused = refuseAnswer(thread, wish);
  if (refused !== null) return refused;
  return thread.rounds.length >= OFFER_ROUNDS_MAX ? refuse('offer_rounds_used', { rounds: String(OFFER_ROUNDS_MAX) }) : null;
}

export function refuseWithdraw(thread: OfferThread, wish: StepWish): StepRefusal | null {
  const found = stepFor(thread, wish);
  if (found.kind === 'refused') return found.refusal;
  if (found.step.by !== found.by) return refuse('offer_not_your_turn');
  const from = withdrawFrom(found.step);
  return wish.now < from ? refuse('offer_withdraw_early', { from: toIso(from) }) : null;
}

export function withdrawFrom({ placedAt }: Pick<OfferRound, 'placedAt'>): Instant {
  return instant(placedAt + WITHDRAW_AFTER_MS);
}

type Found =
  | { readonly kind: 'found'; readonly step: OfferRound; readonly by: OfferParty }
  | { readonly kind: 'refused'; readonly refusal: StepRefusal };

function stepFor(thread: OfferThread, { acct, orderId, now }: StepWish): Found {
  const by = partyOf(thread, acct);
  if (by === null) return { kind: 'refused', refusal: refuse('offer_not_yours') };
  const step = standingStep(thread);
  const isStanding = step !== null && step.orderId === orderId && step.expiresAt > now;
  return isStanding ? { kind: 'found', step, by } : { kind: 'refused', refusal: refuse('offer_gone') };
}

/** Another price in the place of the one that stands. */
export function countered(thread: OfferThread, step: NewStep): OfferThread {
  const before = closed(thread, COUNTERED, step.placedAt);
  const by = before.at(-1)?.by === 'buyer' ? 'holder' : 'buyer';
  return { ...thread, rounds: [...before, { ...step, round: before.length + 1, by, state: 'open', endedAt: null }] };
}

export function accepted(
  thread: OfferThread,
  facts: { readonly tradeId: TradeId; readonly listingOrderId: OrderId | null; readonly now: Instant },
): OfferThread {
  const { tradeId, listingOrderId, now } = facts;
  return { ...thread, state: 'accepted', tradeId, listingOrderId, endedAt: now, rounds: closed(thread, 'accepted', now) };
}

/** `reason` says why it ended by itself. */
export function ended(
  thread: OfferThread,
  { state, reason, now }: { readonly state: 'withdrawn' | 'expired' | 'ended'; readonly reason: string | null; readonly now: Instant },
): OfferThread {
  return { ...thread, state, reason, endedAt: now, rounds: closed(thread, state, now) };
}

function closed({ rounds }: OfferThread, state: OfferRoundState, now: Instant): readonly OfferRound[] {
  return rounds.map((round) => (round.state === 'open' ? { ...round, state, endedAt: now } : round));
}
