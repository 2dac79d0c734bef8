import { expect, test } from 'vitest';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { LIMITS, openRestLimits } from './limits.ts';

const caller = { acct: parseAccountId('1'.repeat(64)), keyId: '', tier: 'standard', mayWrite: false } as const;

test('calls are counted by address or studio, and each server counts its own', async () => {
  const limits = openRestLimits();
  const take = async (from = limits, address = '10.0.0.1') => (await from.take('public', caller, address)).retryAfterSeconds;
  const all = await Promise.all(Array.from({ length: LIMITS.public.standard }, () => take()));
  expect(new Set(all)).toEqual(new Set([null]));
  expect(await take()).toBeGreaterThan(0);
  expect(await take(limits, '10.0.0.2')).toBeNull();
  expect(await take(openRestLimits())).toBeNull();
});
