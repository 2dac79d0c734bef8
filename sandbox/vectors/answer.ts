/** How an answer is written: amounts are numbers up to 2^53 - 1, digits above. */
import type { Rate } from '../parameters/decimal.ts';

export type Answer = { readonly [key: string]: AnswerValue };
type AnswerValue = string | number | boolean | null | readonly AnswerValue[] | Answer;

export function number(amount: bigint): number | string {
  const value = Number(amount);
  return Number.isSafeInteger(value) ? value : amount.toString();
}

export function numberOrNull(amount: bigint | null): number | string | null {
  return amount === null ? null : number(amount);
}

/** A rate in percent; a fraction of one as text. */
export function percent(rate: Rate | undefined): number | string | null {
  if (rate === undefined) return null;
  const n = rate.numerator * 100n;
  return n % rate.denominator === 0n ? number(n / rate.denominator) : `${n}/${rate.denominator}`;
}
