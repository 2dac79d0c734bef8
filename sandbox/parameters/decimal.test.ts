import { expect, test } from 'vitest';
import { divide, netOfRate, parseRate, rhu } from './decimal.ts';

/** xorshift64*, so that a failure names its seed and replays. */
function createDraws(seed: bigint): (bits: number) => bigint {
  let state = seed;
  const word = () => {
    state ^= state >> 12n;
    state ^= (state << 25n) & 0xffff_ffff_ffff_ffffn;
    state ^= state >> 27n;
    return (state * 0x2545_f491_4f6c_dd1dn) & 0xffff_ffff_ffff_ffffn;
  };
  return (bits) => ((word() << 64n) | word()) & ((1n << BigInt(bits)) - 1n);
}

test('1,000,000 random quotients: decimals leave as the integer formula says', () => {
  const draw = createDraws(20261122n);
  let differences = 0;
  for (let i = 0; i < 1_000_000; i++) {
    const d = draw(1 + (i % 40)) + 1n;
    const n = draw(8 + (i % 56)) * (i % 2 === 0 ? 1n : -1n);
    if (divide(n, d) !== rhu(n, d)) differences += 1;
  }
  expect(differences).toBe(0);
}, 60_000);

test.each([2n, 40n, 100n, 200n, 2000n, 10000n, 20000n])('every tie with denominator %s rounds away from zero', (d) => {
  for (let k = 0n; k < 2_000n; k++) {
    const n = k * d + d / 2n;
    expect(divide(n, d)).toBe(k + 1n);
    expect(rhu(n, d)).toBe(k + 1n);
    expect(divide(-n, d)).toBe(-(k + 1n));
    expect(rhu(-n, d)).toBe(-(k + 1n));
    expect(divide(n - 1n, d) === k || d === 2n).toBe(true);
  }
});

test('large quotients stay exact to the fen', () => {
  expect(divide(123456789012345678n * 100n, 101n)).toBe(122234444566678889n);
});

test('a net price and its tax add up to the gross, and modes differ only at fractions', () => {
  const levy = parseRate('1/100');
  expect(netOfRate(115000n, levy)).toBe(113861n);
  expect(netOfRate(115000n, levy, 'FLOOR')).toBe(113861n);
  expect(divide(5n, 2n, 'HALF_EVEN')).toBe(2n);
  expect(divide(-5n, 2n, 'FLOOR')).toBe(-3n);
});

test.each(['7/0', '1.', '.5', '1e3', ' 1', '1/-2', 'NaN', 7, null])('the rate %s is refused', (input) => {
  expect(() => parseRate(input)).toThrow('rate_malformed');
});
