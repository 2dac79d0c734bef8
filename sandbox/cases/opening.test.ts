import { expect, test } from 'vitest';
import { clocksOf } from '../packs/clocks.ts';
import { documentHash } from './case-order.ts';
import { mayExtend, type OpeningOrder, openingDocument } from './opening.ts';

const order: OpeningOrder = {
  actId: '0'.repeat(32),
  caseId: `cas_${'1'.repeat(32)}`,
  subject: '2'.repeat(64),
  legalGround: 'E-Commerce Law art. 25',
  reason: 'Three accounts pay one another in a circle.',
  scope: ['phone', 'name'],
};

test('the order in which fields are ticked is no part of what is signed; every field that is asked for is', () => {
  const hash = documentHash(openingDocument(order));
  expect(documentHash(openingDocument({ ...order, scope: ['name', 'phone'] }))).toEqual(hash);
  expect(openingDocument(order).scope).toBe('name phone');
  expect(documentHash(openingDocument({ ...order, scope: ['name', 'phone', 'id_number'] }))).not.toEqual(hash);
  expect(documentHash(openingDocument({ ...order, legalGround: 'Another ground' }))).not.toEqual(hash);
});

test('sealing grows by one term at most, and never shrinks', () => {
  const now = Date.UTC(2026, 10, 27);
  const sealedUntil = now + 1_000;
  const term = clocksOf(null).sealingMs;
  expect(term).toBe(180 * 86_400_000);
  expect(mayExtend(now + term, now, sealedUntil, term)).toBe(true);
  expect(mayExtend(now + term + 1, now, sealedUntil, term)).toBe(false);
  expect(mayExtend(sealedUntil, now, sealedUntil, term)).toBe(false);
});
