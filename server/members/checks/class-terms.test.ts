import { describe, expect, test } from 'vitest';
import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { ledgerWorld } from '#test/support/class-terms-world.ts';
import { checkClassTerms } from './class-terms.ts';

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
});
