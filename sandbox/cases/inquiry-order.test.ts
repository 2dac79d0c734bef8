import { expect, test } from 'vitest';
import { INQUIRY_PARTIES, mayBeDue, mayExtendTo, wouldTipOff } from './inquiry-order.ts';

test('in a case about laundering, or for that reason, only the operator is asked: a question would tell of the case', () => {
  const rows = INQUIRY_PARTIES.map((party) => [
    party,
    wouldTipOff(party, { topic: 'abuse', reasonCode: 'market_abuse' }),
    wouldTipOff(party, { topic: 'laundering', reasonCode: 'other' }),
    wouldTipOff(party, { topic: 'abuse', reasonCode: 'laundering' }),
  ]);
  expect(rows).toEqual([
    ['player', false, true, true],
    ['studio', false, true, true],
    ['operator', false, false, false],
  ]);
});

test('an answer is due in the future, at most 90 days ahead', () => {
  const day = 86_400_000;
  expect([0, 1, 90 * day, 90 * day + 1].map((due) => mayBeDue(due, 0, 90 * day))).toEqual([false, true, true, false]);
});

test('more time counts from the date that stands, or from now where that is past, and never back', () => {
  const day = 86_400_000;
  const at = (now: number, standing: number) =>
    [standing, standing + day, now + 30 * day, standing + 30 * day + 1].map((due) => mayExtendTo(due, now, standing, 30 * day));
  expect(at(0, 7 * day)).toEqual([false, true, true, false]);
  expect(at(9 * day, 7 * day)).toEqual([false, false, true, true]);
});
