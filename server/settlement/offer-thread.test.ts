import { describe, expect, test } from 'vitest';
import { parseAccountId, parseClassId, parseItemId, parseOrderId, parseTradeId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import {
  accepted,
  countered,
  ended,
  OFFER_ROUNDS_MAX,
  type OfferThread,
  openThread,
  refuseAnswer,
  refuseCounter,
  refuseWithdraw,
  smallestOffer,
  standingStep,
  WITHDRAW_AFTER_MS,
} from './offer-thread.ts';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-11-27T08:00:00Z');
const at = (ms: number): Instant => instant(T0 + ms);
const acct = (digit: string) => parseAccountId(digit.repeat(64));
const [bob, amy, eve] = [acct('b'), acct('a'), acct('e')];
const orderOf = (round: number) => parseOrderId(`ord_${String(round).repeat(64)}`);
const stepOf = (round: number, ms: number) => ({
  orderId: orderOf(round),
  priceFen: BigInt(60_000 + round),
  placedAt: at(ms),
  expiresAt: at(ms + 24 * HOUR),
});

/** A thread of so many steps, a minute apart. */
function thread(rounds = 1): OfferThread {
  const facts = {
    itemId: parseItemId(`itm_${'0'.repeat(32)}`),
    classId: parseClassId(`cls_${'0'.repeat(32)}`),
    ledgerSerial: 7n,
    ver: 1n,
    buyer: bob,
    holder: amy,
    isListed: true,
  };
  let made = openThread(facts, stepOf(1, 0));
  for (let round = 2; round <= rounds; round++) made = countered(made, stepOf(round, (round - 1) * 60_000));
  return made;
}
const asks = (who: typeof bob, round: number, ms: number) => ({ acct: who, orderId: orderOf(round), now: at(ms) });

test('buyer and holder take turns, the buyer first, and one step stands at a time', () => {
  const five = thread(5);
  expect(five.rounds.map(({ round, by, state }) => [round, by, state])).toEqual([
    [1, 'buyer', 'countered'],
    [2, 'holder', 'countered'],
    [3, 'buyer', 'countered'],
    [4, 'holder', 'countered'],
    [5, 'buyer', 'open'],
  ]);
  expect(standingStep(five)?.orderId).toBe(orderOf(5));
  expect(five.rounds[1]?.endedAt).toBe(at(120_000));
  expect(five.offerId).toBe(`off_${'1'.repeat(64)}`);
});

test.each([
  ['the own step is not answered', bob, 1, 1_000, 'offer_not_your_turn'],
  ['a third person has no part in it', eve, 1, 1_000, 'offer_not_yours'],
  ['a step that was never made', amy, 2, 1_000, 'offer_gone'],
  ['a step in the last millisecond', amy, 1, 24 * HOUR - 1, null],
  ['a step whose time is over', amy, 1, 24 * HOUR, 'offer_gone'],
] as const)('%s', (_, who, round, ms, code) => {
  expect(refuseAnswer(thread(), asks(who, round, ms))?.code ?? null).toBe(code);
  expect(refuseCounter(thread(), asks(who, round, ms))?.code ?? null).toBe(code);
});

test('a step that was answered is not answered again', () => {
  expect(refuseAnswer(thread(2), asks(amy, 1, 120_000))?.code).toBe('offer_gone');
  expect(refuseAnswer(thread(2), asks(bob, 2, 120_000))).toBeNull();
});

test('after five prices only yes is left', () => {
  const last = thread(OFFER_ROUNDS_MAX);
  const wish = asks(amy, 5, 300_000);
  expect(refuseCounter(last, wish)).toEqual({ code: 'offer_rounds_used', facts: { rounds: '5' } });
  expect(refuseAnswer(last, wish)).toBeNull();
  expect(refuseCounter(thread(4), asks(bob, 4, 300_000))).toBeNull();
});

describe('withdrawing', () => {
  test('half an hour after the step, not before, and the refusal names the moment', () => {
    const early = refuseWithdraw(thread(), asks(bob, 1, WITHDRAW_AFTER_MS - 1));
    expect(early).toEqual({ code: 'offer_withdraw_early', facts: { from: '2026-11-27T08:30:00.000Z' } });
    expect(refuseWithdraw(thread(), asks(bob, 1, WITHDRAW_AFTER_MS))).toBeNull();
  });

  test('each step has its own half hour', () => {
    expect(refuseWithdraw(thread(2), asks(amy, 2, WITHDRAW_AFTER_MS))?.code).toBe('offer_withdraw_early');
    expect(refuseWithdraw(thread(2), asks(amy, 2, WITHDRAW_AFTER_MS + 60_000))).toBeNull();
  });

  test("the other side's step, an answered one and one that is over are not withdrawn", () => {
    expect(refuseWithdraw(thread(), asks(amy, 1, HOUR))?.code).toBe('offer_not_your_turn');
    expect(refuseWithdraw(thread(2), asks(bob, 1, HOUR))?.code).toBe('offer_gone');
    expect(refuseWithdraw(thread(), asks(bob, 1, 24 * HOUR))?.code).toBe('offer_gone');
  });
});

test('whatever ends a thread ends its step, and nothing follows', () => {
  const tradeId = parseTradeId(`trd_${'1'.repeat(32)}`);
  const now = at(HOUR);
  for (const over of [
    accepted(thread(2), { tradeId, listingOrderId: null, now }),
    ended(thread(2), { state: 'withdrawn', reason: null, now }),
    ended(thread(2), { state: 'expired', reason: 'order_expired', now }),
    ended(thread(2), { state: 'ended', reason: 'item_moved', now }),
  ]) {
    expect(over.endedAt).toBe(now);
    expect(over.rounds.at(-1)).toMatchObject({ state: over.state, endedAt: now });
    expect(standingStep(over)).toBeNull();
    expect(refuseAnswer(over, asks(bob, 2, HOUR))?.code).toBe('offer_gone');
  }
});

test.each([
  [1n, undefined, 1n],
  [2n, undefined, 1n],
  [3n, undefined, 2n],
  [100_001n, undefined, 50_001n],
  [100_001n, 8_000, 80_001n],
  [100_001n, 10_000, 100_001n],
  [100_001n, 0, 1n],
])('the smallest offer for %s fen is, at a share of %s, %s', (price, share, smallest) => {
  expect(smallestOffer(price, share)).toBe(smallest);
});
