import { expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as PACK } from '../packs/cn/pack-2026-1.ts';
import { heldUntil, payoutHold, type Resale } from './payout-hold.ts';

const HOUR = 3_600_000;
const at = (hours: number) => instant(Date.parse('2026-11-02T00:00:00Z') + hours * HOUR);
/** Paid in at 0, bought at 10, protected until 82, sold again at 100. */
const bought = { acquiredAt: at(10), isBought: true, freeAt: at(82) };
const resale = (change: Partial<Resale> = {}): Resale => ({
  at: at(100),
  unitPriceFen: fen(7_000n),
  referencePriceFen: fen(10_000n),
  items: [bought],
  firstUsedAt: at(0),
  soldToday: 0,
  ...change,
});
const HELD = { code: 'new_instrument', days: 7 };

test.each<[string, Partial<Resale>, number, object | null]>([
  ['at seven tenths of the reference', {}, 1, { ...HELD, isByNumber: false }],
  ['a fen above it', { unitPriceFen: fen(7_001n) }, 1, null],
  ['without a reference', { referencePriceFen: null }, 1, null],
  ['as the third of a day, at any price', { unitPriceFen: fen(20_000n), soldToday: 2 }, 1, { ...HELD, isByNumber: true }],
  ['three at once', { unitPriceFen: fen(20_000n), items: [bought, bought, bought] }, 3, { ...HELD, isByNumber: true }],
  ['as the second', { unitPriceFen: fen(20_000n), soldToday: 1 }, 1, null],
  ['72 hours after it was free', { at: at(82 + 72) }, 1, { ...HELD, isByNumber: false }],
  ['later', { at: at(82 + 73) }, 0, null],
  ['bought when the instrument was older than 72 hours', { firstUsedAt: at(10 - 73) }, 0, null],
  ['bought before the instrument was seen', { firstUsedAt: at(11) }, 0, null],
  ['that was no purchase', { items: [{ ...bought, isBought: false }] }, 0, null],
  ['by somebody who never paid in', { firstUsedAt: null }, 0, null],
])('an item resold %s', (_case, change, quick, hold) => {
  expect(payoutHold(resale(change), PACK)).toEqual({ quick, hold });
});

test('seven days more, and nothing where nothing is held', () => {
  const { hold } = payoutHold(resale(), PACK);
  expect(heldUntil(at(0), hold)).toBe(at(7 * 24));
  expect(heldUntil(at(0), null)).toBe(at(0));
});
