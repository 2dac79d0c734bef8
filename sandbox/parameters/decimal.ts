/** Rates and rounding (rulebook 0.2): the one decimal constructor, and the one door through which a value leaves it to become fen. */
import { Decimal } from 'decimal.js';
import { assert } from '#ledger/primitives/assert.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';

/** How a pack rounds a tax line; `HALF_UP` is away from zero. */
export type RoundingMode = 'HALF_UP' | 'FLOOR' | 'HALF_EVEN';

const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, defaults: true });
const MODES = {
  HALF_UP: Decimal.ROUND_HALF_UP,
  FLOOR: Decimal.ROUND_FLOOR,
  HALF_EVEN: Decimal.ROUND_HALF_EVEN,
} as const satisfies Record<RoundingMode, Decimal.Rounding>;

/** 40 digits err by less than 10^-20 below this, so no quotient can be pushed over a tie (rulebook 0.2). */
const SAFE = 10n ** 20n;

/** An exact fraction; the denominator is positive. Multiplied first and divided once, at the end. */
export type Rate = { readonly numerator: bigint; readonly denominator: bigint };

/** Reads `"7/100"`, `"0.01"` or `"5"`. @throws {ParseError} `rate_malformed` */
export function parseRate(input: unknown): Rate {
  if (typeof input === 'string') {
    const fraction = /^(-?\d{1,20})\/([1-9]\d{0,19})$/.exec(input);
    if (fraction !== null) return { numerator: BigInt(fraction[1] ?? ''), denominator: BigInt(fraction[2] ?? '') };
    const decimal = /^(-?\d{1,20})(?:\.(\d{1,18}))?$/.exec(input);
    if (decimal !== null) {
      const digits = decimal[2] ?? '';
      return { numerator: BigInt(`${decimal[1] ?? ''}${digits}`), denominator: 10n ** BigInt(digits.length) };
    }
  }
  throw new ParseError('rate_malformed', { expected: 'a fraction like 7/100 or a decimal like 0.01' });
}

export function rateText(rate: Rate): string {
  return rate.denominator === 1n ? rate.numerator.toString() : `${rate.numerator}/${rate.denominator}`;
}

/** The only way from decimals to fen. */
export function quantize(value: Decimal, mode: RoundingMode = 'HALF_UP'): Fen {
  return fen(BigInt(value.toDecimalPlaces(0, MODES[mode]).toFixed(0)));
}

/** `n / d` rounded once to whole fen. */
export function divide(n: bigint, d: bigint, mode: RoundingMode = 'HALF_UP'): Fen {
  assert(d > 0n && d < SAFE && (n < 0n ? -n : n) / d < SAFE, 'a quotient within the range where 40 digits decide every tie');
  return quantize(new Exact(n.toString()).div(d.toString()), mode);
}

/** The normative integer formula `sign(n) * floor((2|n| + d) / (2d))`; `divide` in mode HALF_UP gives the same (tested). */
export function rhu(n: bigint, d: bigint): Fen {
  const absolute = ((n < 0n ? -n : n) * 2n + d) / (2n * d);
  return fen(n < 0n ? -absolute : absolute);
}

/** `amount * rate * …`, rounded once. */
export function applyRate(amount: bigint, rates: readonly Rate[], mode: RoundingMode = 'HALF_UP'): Fen {
  const n = rates.reduce((product, rate) => product * rate.numerator, amount);
  const d = rates.reduce((product, rate) => product * rate.denominator, 1n);
  return divide(n, d, mode);
}

/** The part of a tax-inclusive amount before tax: `gross * q / (q + p)` for a levy of p/q. */
export function netOfRate(gross: bigint, rate: Rate, mode: RoundingMode = 'HALF_UP'): Fen {
  return divide(gross * rate.denominator, rate.denominator + rate.numerator, mode);
}
