/** A decoded value as JSON that a person can read: bytes as hex, big numbers as decimal text. */
import { toHex } from '#ledger/primitives/bytes.ts';

export type PlainJson = string | number | boolean | null | readonly PlainJson[] | { readonly [key: string]: PlainJson };

export function plainJson(value: unknown): PlainJson {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainJson(inner)]));
  return String(value);
}
