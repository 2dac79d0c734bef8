/** RFC 8785 (JSON Canonicalization Scheme): the one form in which documents off the ledger are hashed or signed (packs, quotes,
 *  assessments, feed). Amounts are strings in such documents: a `bigint` has no JSON form and is refused. */
import serialize from 'canonicalize';
import { type Bytes, utf8 } from '../primitives/bytes.ts';
import { ParseError } from '../primitives/errors.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** @throws {ParseError} `json_not_canonical` for values that JSON cannot carry (undefined, bigint, NaN, functions, lone surrogates) */
export function canonicalText(value: unknown): string {
  assertJson(value, 0);
  const text = serialize(value);
  if (text === undefined) throw new ParseError('json_not_canonical');
  return text;
}

/** UTF-8 bytes of `canonicalText`. @throws {ParseError} `json_not_canonical` */
export function canonicalBytes(value: unknown): Bytes {
  return utf8(canonicalText(value));
}

const DEPTH_MAX = 64;

function assertJson(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new ParseError('json_not_canonical', { reason: 'too deep' });
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new ParseError('json_not_canonical', { reason: 'lone surrogate' });
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new ParseError('json_not_canonical', { reason: 'not a finite number' });
      return;
    case 'boolean':
      return;
    case 'object':
      if (value === null) return;
      if (Array.isArray(value)) {
        for (const element of value) assertJson(element, depth + 1);
        return;
      }
      // Own toJSON methods and class instances would hash a serialiser's habit, not the data.
      if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
        throw new ParseError('json_not_canonical', { reason: 'not a plain object' });
      }
      for (const [key, element] of Object.entries(value)) {
        assertJson(key, depth + 1);
        assertJson(element, depth + 1);
      }
      return;
    default:
      throw new ParseError('json_not_canonical', { reason: typeof value });
  }
}
