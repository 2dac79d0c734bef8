import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import type { AssessInput } from './assessment.ts';
import { refuseWindowClaim } from './window-claim.ts';

/** CN-DAY-01: 900.00, then 250.00; the line of pack CN is 1,000.00 without tax. */
const sale = (grossFen: bigint, totalFen: bigint) => ({
  txType: 'P2P' as const,
  paidAt: parseInstant('2026-11-22T07:00:00.000Z'),
  grossFen: fen(grossFen),
  window: { kind: 'total' as const, totalFen: fen(totalFen) },
});
const bounds = (leastFen: bigint, mostFen: bigint | null = leastFen) => ({ leastFen, mostFen });

describe("a claimed total of a seller's day", () => {
  test.each([
    ['is the sum of what is known', sale(25_000n, 115_000n), bounds(90_000n), null],
    ['is another one that leads to the same flag', sale(25_000n, 101_000n), bounds(90_000n), null],
    ['leaves an earlier sale out, so that nothing is taxed', sale(25_000n, 25_000n), bounds(90_000n), 'understated'],
    ['is taxed although all sales together lie below the line', sale(25_000n, 115_000n), bounds(60_000n), 'overstated'],
    ['counts a sale that may have been settled before', sale(25_000n, 115_000n), bounds(0n, 90_000n), null],
    ['does not count a sale that may yet fail', sale(25_000n, 25_000n), bounds(0n, 90_000n), null],
    ['counts a gift, whose base stands on no ledger', sale(25_000n, 115_000n), bounds(0n, null), null],
    ['leaves sales out beside a gift', sale(25_000n, 25_000n), bounds(90_000n, null), 'understated'],
  ])('%s', (_, input, facts, fault) => {
    expect(refuseWindowClaim(CN, input, facts)).toBe(fault);
  });

  test('stands at the line itself: a fen decides', () => {
    // 1,010.00 with tax is 1,000.00 without.
    expect(refuseWindowClaim(CN, sale(1_000n, 101_000n), bounds(100_000n))).toBeNull();
    expect(refuseWindowClaim(CN, sale(1_000n, 1_000n), bounds(100_000n))).toBe('understated');
    expect(refuseWindowClaim(CN, sale(1_000n, 1_000n), bounds(99_000n))).toBeNull();
  });

  test('cannot be left out, neither by a frozen flag nor by another kind of trade', () => {
    const frozen: AssessInput['window'] = { kind: 'frozen', isTaxable: false };
    expect(refuseWindowClaim(CN, { ...sale(25_000n, 25_000n), window: frozen }, bounds(0n))).toBe('no_window');
    expect(refuseWindowClaim(CN, { ...sale(25_000n, 25_000n), txType: 'PRIMARY' }, bounds(0n))).toBe('no_window');
  });
});
