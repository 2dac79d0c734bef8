/** Strict DER (ITU-T X.690 §10): one spelling per value, so that what is hashed and what is read cannot differ. Reader and writer of what certificates need. */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, fromUtf8, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `raw` is tag, length and content as they stood. */
export type DerValue = { readonly tag: number; readonly content: Uint8Array; readonly raw: Uint8Array };

export function derMalformed(what: string): ParseError {
  return new ParseError('der_malformed', { what });
}

/** Walks the values inside a constructed one. Every refusal is a ParseError `der_malformed`. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  peekTag(): number | null {
    return this.#bytes[this.#offset] ?? null;
  }

  next(tag?: number): DerValue {
    const start = this.#offset;
    const found = this.#byte();
    if ((found & 0x1f) === 0x1f) throw derMalformed('a tag number above 30');
    if (tag !== undefined && found !== tag) throw derMalformed(`tag ${found}, expected ${tag}`);
    const length = this.#length();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw derMalformed('a length beyond the end');
    const content = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return { tag: found, content, raw: this.#bytes.subarray(start, end) };
  }

  sequence(): DerReader {
    return new DerReader(this.next(DER.sequence).content);
  }

  end(): void {
    if (!this.isAtEnd) throw derMalformed('bytes after the last value');
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw derMalformed('too short');
    this.#offset += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 3) throw derMalformed('an indefinite or huge length');
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw derMalformed('a length that is not minimal');
    return length;
  }
}

/** Dotted text of an OBJECT IDENTIFIER. */
export function readOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  let isInside = false;
  for (const byte of content) {
    if (!isInside && byte === 0x80) throw derMalformed('an arc that is not minimal');
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw derMalformed('a huge arc');
    isInside = byte >= 0x80;
    if (isInside) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  if (isInside || arcs.length === 0) throw derMalformed('an object identifier cut short');
  return arcs.join('.');
}

/** Content of a non-negative INTEGER without its sign byte. */
export function readUnsigned(content: Uint8Array): Bytes {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) throw derMalformed('a negative or empty integer');
  if (first === 0 && second !== undefined && second < 0x80) throw derMalformed('an integer that is not minimal');
  return content.slice(first === 0 && second !== undefined ? 1 : 0);
}

export function readBoolean(content: Uint8Array): boolean {
  const [value] = content;
  if (content.length !== 1 || (value !== 0x00 && value !== 0xff)) throw derMalformed('a boolean');
  return value === 0xff;
}

/** Bytes of a BIT STRING of whole bytes. */
export function readWholeBits(content: Uint8Array): Uint8Array {
  if (content.length < 1 || content[0] !== 0) throw derMalformed('a bit string of whole bytes');
  return content.subarray(1);
}

/** Names of the set bits of a named bit list, first bit 0; trailing zero bits are refused. */
export function readNamedBits(content: Uint8Array): ReadonlySet<number> {
  const unused = content[0] ?? 8;
  const last = content[content.length - 1] ?? 0;
  if (unused > 7 || content.length > 3) throw derMalformed('a named bit list');
  if (content.length === 1 ? unused !== 0 : (last & ((2 << unused) - 1)) !== 1 << unused)
    throw derMalformed('a bit list that is not minimal');
  const bits = new Set<number>();
  for (let i = 0; i < (content.length - 1) * 8; i++) {
    if (((content[1 + (i >>> 3)] ?? 0) & (0x80 >>> (i & 7))) !== 0) bits.add(i);
  }
  return bits;
}

export function readText(value: DerValue): string {
  switch (value.tag) {
    case DER.utf8String:
      return fromUtf8(value.content);
    case DER.printableString:
    case DER.ia5String: {
      const text = fromUtf8(value.content);
      if (/[^\x20-\x7e]/.test(text)) throw derMalformed('a character outside ASCII');
      return text;
    }
    default:
      throw derMalformed(`text of tag ${value.tag}`);
  }
}

/** Milliseconds of UTCTime (to 2049) or GeneralizedTime (from 2050), in `Z` and whole seconds (RFC 5280 §4.1.2.5). */
export function readTime(value: DerValue): number {
  const text = fromUtf8(value.content);
  const isShort = value.tag === DER.utcTime;
  const match = (isShort ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text);
  if (match === null || (!isShort && value.tag !== DER.generalizedTime)) throw derMalformed('a time');
  const [, yearText = '', month, day, hour, minute, second] = match;
  const shortYear = Number(yearText);
  const year = isShort ? shortYear + (shortYear < 50 ? 2000 : 1900) : shortYear;
  if (!isShort && year < 2050) throw derMalformed('a generalized time before 2050');
  const iso = `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(iso);
  if (!Number.isFinite(ms) || new Date(ms).toISOString() !== iso) throw derMalformed('a time that is no time');
  return ms;
}

export function der(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const content = concat(...contents);
  const length = content.length;
  assert(length < 0x1_0000, 'a value of a certificate is below 64 KiB');
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >>> 8, length & 0xff];
  return concat(Uint8Array.from(head), content);
}

export function derOid(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    return digits;
  });
  return der(DER.oid, Uint8Array.from(bytes));
}

/** INTEGER of unsigned bytes, big-endian. */
export function derUnsigned(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return der(DER.integer, (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), digits.length === 0 ? Uint8Array.of(0) : digits);
}

export function derWholeBits(bytes: Uint8Array): Bytes {
  return der(DER.bitString, Uint8Array.of(0), bytes);
}

export function derNamedBits(bits: readonly number[]): Bytes {
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >>> 3) + 1);
  for (const bit of bits) bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | (0x80 >>> (bit & 7));
  return der(DER.bitString, Uint8Array.of(7 - (last & 7)), bytes);
}

export function derTime(ms: number): Bytes {
  const digits = new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '');
  return Number(digits.slice(0, 4)) < 2050 ? der(DER.utcTime, utf8(`${digits.slice(2)}Z`)) : der(DER.generalizedTime, utf8(`${digits}Z`));
}
