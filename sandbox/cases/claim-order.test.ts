import { expect, test } from 'vitest';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { documentHash } from './case-order.ts';
import { answerDocument, CLAIM_STATES, claimDocument, clockStep, KINDS_OF_SIDE, rulingDocument } from './claim-order.ts';

const NOW = 1_000;

test.each([
  ['open', null, 'answer_missed'],
  ['deciding', null, 'desk_silent'],
  ['decided', 'upheld', 'final'],
  ['decided', 'refused', 'final'],
  ['appealed', 'refused', 'stands'],
  // Upholding is a reversal, and a reversal takes two signatures.
  ['appealed', 'upheld', null],
  ['appealed', null, null],
  ['upheld', 'upheld', null],
] as const)('the end of %s (decision %s) does %s by itself, and not a millisecond before', (state, decision, step) => {
  expect(clockStep({ state, decision, dueAt: NOW }, NOW)).toBe(step);
  expect(clockStep({ state, decision, dueAt: NOW + 1 }, NOW)).toBeNull();
});

test('without a clock nothing comes by itself', () => {
  for (const state of CLAIM_STATES) expect(clockStep({ state, decision: null, dueAt: null }, NOW)).toBeNull();
});

test('a seller cannot claim what only happens to a buyer', () => {
  expect(KINDS_OF_SIDE.sell).not.toContain('studio_refuses');
  expect(KINDS_OF_SIDE.sell).not.toContain('minor_purchase');
});

const CLAIM = { actId: '0'.repeat(32), tradeId: 'trd_1', kind: 'deceived', reason: 'It is another item.', files: ['aa'] } as const;

test('other files, another stance, another office: another document', () => {
  const answer = { actId: '0', claimId: 'clm_1', stance: 'agrees', text: 'yes', files: [] } as const;
  const ruling = { actId: '0', claimId: 'clm_1', isUpheld: true, reason: 'It holds.' };
  const pairs = [
    [claimDocument(CLAIM), claimDocument({ ...CLAIM, files: ['aa', 'bb'] })],
    [answerDocument(answer), answerDocument({ ...answer, stance: 'contests' })],
    [rulingDocument('desk', ruling), rulingDocument('supervisor', ruling)],
    [rulingDocument('desk', ruling), rulingDocument('desk', { ...ruling, isUpheld: false })],
  ] as const;
  for (const [one, other] of pairs) expect(equalBytes(documentHash(one), documentHash(other))).toBe(false);
});
