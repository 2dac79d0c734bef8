/** Byte arrays: joining, comparing, hex, text. Isomorphic: no Buffer. */
import { ParseError } from './errors.ts';

/** An owned, plain byte array. */
export type Bytes = Uint8Array<ArrayBuffer>;

export const ZERO_32: Bytes = new Uint8Array(32);

const HEX: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** Value of a lower-case hex digit by its code; -1 for every other code below 128. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));

/** Reads lower-case hex of an exact byte length. @throws {ParseError} `hex_malformed` */
export function fromHex(input: unknown, length?: number): Bytes {
  if (typeof input !== 'string' || input.length % 2 !== 0 || (length !== undefined && input.length !== length * 2))
    throw malformedHex(length);
  // By table: ids and hashes pass here some hundred times a trade, and a pattern with parseInt took three times as long.
  const out = new Uint8Array(input.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = DIGITS[input.charCodeAt(2 * i)] ?? -1;
    const low = DIGITS[input.charCodeAt(2 * i + 1)] ?? -1;
    if (high < 0 || low < 0) throw malformedHex(length);
    out[i] = (high << 4) | low;
  }
  return out;
}

function malformedHex(length: number | undefined): ParseError {
  return new ParseError('hex_malformed', length === undefined ? {} : { expectedBytes: length });
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Orders by unsigned bytes, then by length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** @throws {ParseError} `utf8_malformed` */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ParseError('utf8_malformed');
  }
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Standard alphabet with padding, canonical only. @throws {ParseError} `base64_malformed` */
export function fromBase64(input: unknown): Bytes {
  if (typeof input !== 'string') throw new ParseError('base64_malformed');
  try {
    const text = atob(input);
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
    if (toBase64(out) === input) return out;
  } catch {
    // falls through to the one refusal below
  }
  throw new ParseError('base64_malformed');
}
