import { describe, expect, test } from 'vitest';
import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { ledgerWorld } from '#test/support/class-terms-world.ts';
import { checkClassTerms, checkMint } from './class-terms.ts';

const HOUR_MS = 3_600_000;
const { body, leaf, documents } = ledgerWorld();

describe('terms of a kind', () => {
  const check = (changed: { readonly protectMs?: number; readonly leaf?: Partial<ClassLeaf>; readonly notBefore?: bigint }) => {
    const { op } = body;
    if (op.kind !== 'trade') throw new Error('a trade');
    const changedBody: TxBody = {
      ...body,
      notBefore: changed.notBefore ?? body.notBefore,
      op: { ...op, protectMs: changed.protectMs ?? op.protectMs },
    };
    return checkClassTerms({ body: changedBody, sealedAt: 1_000_000n, leaf: { ...leaf, ...changed.leaf }, documents });
  };

  test('a trade is protected as long as they say', () => {
    expect(check({})).toBeNull();
    expect(check({ protectMs: 72 * HOUR_MS })).toBe('class_terms_breach');
    expect(check({ protectMs: 0 })).toBe('class_terms_breach');
  });

  test('announced terms are good from their hour on, and those before only for what was settled before', () => {
    const next = { nextTerms: new Uint8Array(32).fill(2), nextTermsAt: 999_000n };
    expect(check({ leaf: next, notBefore: 998_000n, protectMs: 72 * HOUR_MS })).toBeNull();
    expect(check({ leaf: next, notBefore: 998_000n })).toBeNull();
    expect(check({ leaf: next, notBefore: 999_500n })).toBe('class_terms_breach');
    expect(check({ leaf: { ...next, nextTermsAt: 1_000_001n }, protectMs: 72 * HOUR_MS })).toBe('class_terms_breach');
  });

  test('a document that has not come yet accuses nobody', () => {
    expect(check({ leaf: { terms: new Uint8Array(32).fill(7) } })).toBe('media_missing');
  });

  test('what may not be sold on is sold by its studio alone', () => {
    const closed = new Map([...documents].map(([hash, facts]) => [hash, { ...facts, isResalable: false }]));
    expect(checkClassTerms({ body, sealedAt: 1_000_000n, leaf, documents: closed })).toBe('class_terms_breach');
    const { op } = body;
    if (op.kind !== 'trade') throw new Error('a trade');
    const firstHand = { ...op, sell: { ...op.sell, order: { ...op.sell.order, acct: leaf.issuer } } };
    expect(checkClassTerms({ body: { ...body, op: firstHand }, sealedAt: 1_000_000n, leaf, documents: closed })).toBeNull();
  });
});

describe('a mint schedule', () => {
  const mintSchedule = [
    { from: new Date(999_000).toISOString(), total: 3 },
    { from: new Date(1_000_001).toISOString(), total: 9 },
  ];
  const scheduled = new Map([...documents].map(([hash, facts]) => [hash, { ...facts, mintSchedule }]));
  const check = (issued: bigint, sealedAt = 1_000_000n, known: typeof documents = scheduled) =>
    checkMint({ body, sealedAt, documents: known, leafOf: () => leaf, issuedInBlock: new Map([[0, issued]]) });

  test('counts what was issued before the block and in it, at the time of the block', () => {
    // One unit was issued before.
    expect(check(2n)).toBeNull();
    expect(check(3n)).toBe('class_terms_breach');
    expect(check(3n, 1_000_001n)).toBeNull();
    expect(check(9n, 1_000_001n)).toBe('class_terms_breach');
    expect(check(1n, 998_999n)).toBe('class_terms_breach');
  });

  test('without one as much is issued as the cap allows, and a document that has not come accuses nobody', () => {
    expect(check(1_000n, 1_000_000n, documents)).toBeNull();
    expect(check(1n, 1_000_000n, new Map())).toBe('media_missing');
  });
});
