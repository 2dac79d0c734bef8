import { expect, test } from 'vitest';
import { amountsOf, pieceOf, shareOf } from './amounts.ts';

test.each([
  // price, units, fee bps, royalty bps → fee, royalty, net
  [500_000n, 1, 500, 200, 25_000n, 10_000n, 465_000n],
  [1n, 1, 500, 200, 0n, 0n, 1n],
  [10n, 1, 500, 200, 1n, 0n, 9n],
  [25n, 1, 200, 0, 1n, 0n, 24n],
  [333n, 3, 500, 1_000, 50n, 100n, 849n],
  [100_000_000n, 100, 500, 200, 500_000_000n, 200_000_000n, 9_300_000_000n],
])('%s fen × %s at %s and %s basis points: fee %s, royalty %s, net %s', (price, units, fee, royalty, feeFen, royaltyFen, netFen) => {
  expect(amountsOf(price, units, fee, royalty)).toEqual({ grossFen: price * BigInt(units), feeFen, royaltyFen, netFen });
});

test('a half fen goes up, anything below down', () => {
  expect([shareOf(50n, 100), shareOf(49n, 100)]).toEqual([1n, 0n]);
});

test.each([
  [100n, 3],
  [1n, 7],
  [0n, 2],
  [999n, 32],
])('the pieces of %s fen over %s units add up to it', (total, units) => {
  const pieces = Array.from({ length: units }, (_, index) => pieceOf(total, units, index));
  expect(pieces.reduce((sum, piece) => sum + piece, 0n)).toBe(total);
  expect(pieces.every((piece) => piece >= 0n)).toBe(true);
});
