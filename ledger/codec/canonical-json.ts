/** RFC 8785 (JSON Canonicalization Scheme): the one form in which documents off the ledger are hashed or signed (packs, quotes,
 *  assessments, feed). Amounts are strings in such documents: a `bigint` has no JSON form and is refused. */
import { type Bytes, utf8 } from '../primitives/bytes.ts';
import { ParseError } from '../primitives/errors.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const DEPTH_MAX = 64;

/** @throws {ParseError} `json_not_canonical` for values that JSON cannot carry (undefined, bigint, NaN, functions, lone surrogates) */
export function canonicalText(value: unknown): string {
  return textOf(value, 0);
}

/** UTF-8 bytes of `canonicalText`. @throws {ParseError} `json_not_canonical` */
export function canonicalBytes(value: unknown): Bytes {
  return utf8(canonicalText(value));
}

/** One pass that checks and writes: a settled trade takes some twenty documents through here. */
function textOf(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new ParseError('json_not_canonical', { reason: 'too deep' });
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'number':
      if (!Number.isFinite(value)) throw new ParseError('json_not_canonical', { reason: 'not a finite number' });
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? arrayText(value, depth) : objectText(value, depth);
    default:
      throw new ParseError('json_not_canonical', { reason: typeof value });
  }
}

/** RFC 8785 3.2.2.2 is the form of `JSON.stringify`. */
function stringText(value: string): string {
  if (!value.isWellFormed()) throw new ParseError('json_not_canonical', { reason: 'lone surrogate' });
  return JSON.stringify(value);
}

function arrayText(values: readonly unknown[], depth: number): string {
  let text = '[';
  // By iteration and not by `map`: a hole in an array is undefined, and refused.
  for (const value of values) text += text === '[' ? textOf(value, depth + 1) : `,${textOf(value, depth + 1)}`;
  return `${text}]`;
}

function objectText(value: object, depth: number): string {
  // Own toJSON methods and class instances would hash a serialiser's habit, not the data.
  if (!isPlain(value)) throw new ParseError('json_not_canonical', { reason: 'not a plain object' });
  let text = '{';
  // By UTF-16 code units (RFC 8785 3.2.3), which is how `sort` compares by itself.
  for (const key of Object.keys(value).sort()) text += `${text === '{' ? '' : ','}${keyText(key)}${textOf(value[key], depth + 1)}`;
  return `${text}}`;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Our documents have some hundred different keys, each written thousands of times a second. */
const KEYS_KEPT = 2_048;
const keyTexts = new Map<string, string>();

function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${stringText(key)}:`;
  // Others bring keys of their own: what is kept is bounded, in number and in length.
  if (keyTexts.size < KEYS_KEPT && key.length <= 64) keyTexts.set(key, text);
  return text;
}
