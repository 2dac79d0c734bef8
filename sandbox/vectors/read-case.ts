/** Reads the fields of a test case (schema `daoju.tax-vectors/1`, rulebook 2.8). Input from outside: everything is checked. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { type Instant, instant, isCalendarDate, parseInstant } from '#ledger/primitives/instant.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** @throws {ParseError} `case_malformed` */
export function fieldsOf(input: unknown, name: string): Fields {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return Object.fromEntries(Object.entries(input));
  throw malformed(name, 'an object');
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw malformed(name, 'a list');
  return value.map((element) => fieldsOf(element, name));
}

/** Fen of a case: a hundred times what a year of all trade is worth, and far below where a product would leave the range of exact division. */
export const MOST_FEN = 10n ** 18n;

/** JSON integers up to 2^53 - 1, or strings of digits. */
export function amountOf(fields: Fields, name: string): Fen {
  const amount = optionalAmount(fields, name);
  if (amount === null) throw malformed(name, 'an amount in fen');
  return amount;
}

export function optionalAmount(fields: Fields, name: string): Fen | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return fen(BigInt(value));
  if (typeof value === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(value) && BigInt(value) <= MOST_FEN) return fen(BigInt(value));
  throw malformed(name, 'an amount in fen: a JSON integer, or digits above 2^53 - 1, up to 10^18');
}

/** Like `amountOf`, but may be below zero. */
export function signedAmountOf(fields: Fields, name: string): Fen {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return fen(BigInt(value));
  if (typeof value === 'string' && /^-?(?:0|[1-9]\d{0,16})$/.test(value)) return fen(BigInt(value));
  throw malformed(name, 'an amount in fen');
}

export function dateOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && isCalendarDate(value)) return value;
  throw malformed(name, 'a date like 2026-11-22');
}

export function countOf(fields: Fields, name: string, fallback?: number): number {
  const value = fields[name] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(name, 'a whole number');
}

export function bpsOf(fields: Fields, name: string, fallback?: number): number {
  const value = countOf(fields, name, fallback);
  if (value > 10_000) throw malformed(name, 'basis points up to 10000');
  return value;
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(name, 'a text');
}

export function wordOf<const T extends string>(fields: Fields, name: string, allowed: readonly T[], fallback: NoInfer<T>): T;
export function wordOf<const T extends string>(fields: Fields, name: string, allowed: readonly T[], fallback: null): T | null;
export function wordOf(fields: Fields, name: string, allowed: readonly string[], fallback: string | null): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'string' && allowed.includes(value)) return value;
  throw malformed(name, allowed.join(', '));
}

export function flagOf(fields: Fields, name: string, fallback: boolean): boolean {
  const value = fields[name] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw malformed(name, 'true or false');
}

export function instantOf(fields: Fields, name: string, fallback?: string): Instant {
  const at = parseInstant(fields[name] ?? fallback);
  return instant(at);
}

export function malformed(field: string, expected: string): ParseError {
  return new ParseError('case_malformed', { field, expected });
}
