import { expect, test } from 'vitest';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { clocksOf } from '../packs/clocks.ts';
import { documentHash, freezeDocument, signedDocument, termOf } from './case-order.ts';

const TERMS = clocksOf(null);
const { temporaryFreezeMs: TEMPORARY_MS, longestFreezeMs: LONGEST_MS } = TERMS;

const ORDER = {
  actId: '0'.repeat(32),
  caseId: `cas_${'1'.repeat(32)}`,
  scope: 'item',
  targetId: `itm_${'2'.repeat(32)}`,
  reasonCode: 'stolen_item',
  reason: 'The item was taken with a stolen key.',
  until: '2026-12-01T00:00:00.000Z',
} as const;

test.each([
  ['48 hours to the millisecond', TEMPORARY_MS, 0, 'temporary'],
  ['a millisecond more', TEMPORARY_MS + 1, 0, 'long'],
  ['90 days', LONGEST_MS, 0, 'long'],
  ['a millisecond above 90 days', LONGEST_MS + 1, 0, 'freeze_term'],
  ['an end that is over', 0, 0, 'freeze_term'],
  // One temporary freeze after the other would never need a second person: the first start counts.
  ['48 hours more after a first 48', 2 * TEMPORARY_MS, TEMPORARY_MS, 'long'],
])('term of %s', (_, until, now, term) => {
  expect(termOf(until, now, 0, TERMS)).toBe(term);
});

test.each(Object.keys(ORDER))('another %s is another order, and another signature', (field) => {
  const [before, after] = [freezeDocument(ORDER), { ...freezeDocument(ORDER), [field]: 'x' }];
  expect(equalBytes(documentHash(before), documentHash(after))).toBe(false);
  expect(equalBytes(signedDocument(before, 'c', 's'), signedDocument(after, 'c', 's'))).toBe(false);
});
