/** Reads PCE strictly: one encoding per value, limits before allocation (`ledger.md` 2). Every refusal is a ParseError. */
import { type Bytes, fromUtf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

const MAX_LENGTH = 0xffff_ffff;

export interface VecLimits {
  /** Bytes of the smallest item: bounds the count by what is left, before anything is allocated. */
  readonly smallest: number;
  readonly max?: number;
  readonly min?: number;
}

export class Reader {
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get left(): number {
    return this.#buffer.length - this.#offset;
  }

  #take(count: number): number {
    if (count > this.left) throw new ParseError('pce_truncated', { offset: this.#offset });
    const offset = this.#offset;
    this.#offset += count;
    return offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** An own copy of the next bytes. */
  fixed(length: number): Bytes {
    const offset = this.#take(length);
    return new Uint8Array(this.#buffer.subarray(offset, offset + length));
  }

  b16(): Bytes {
    return this.fixed(16);
  }

  b32(): Bytes {
    return this.fixed(32);
  }

  b64(): Bytes {
    return this.fixed(64);
  }

  uleb(): number {
    let value = 0;
    let factor = 1;
    for (let index = 0; index < 5; index++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (byte === 0 && index > 0) throw new ParseError('pce_uleb_not_minimal', { offset: this.#offset });
        if (value > MAX_LENGTH) throw new ParseError('pce_uleb_too_large', { offset: this.#offset });
        return value;
      }
      factor *= 0x80;
    }
    throw new ParseError('pce_uleb_too_large', { offset: this.#offset });
  }

  bytes(max: number = MAX_LENGTH): Bytes {
    const length = this.uleb();
    if (length > max) throw new ParseError('pce_over_limit', { offset: this.#offset, max });
    return this.fixed(length);
  }

  /** `max` counts bytes. NFC, no control characters. */
  string(max: number = MAX_LENGTH): string {
    const text = fromUtf8(this.bytes(max));
    if (/\p{Cc}/u.test(text)) throw new ParseError('pce_control_character', { offset: this.#offset });
    if (text.normalize('NFC') !== text) throw new ParseError('pce_not_nfc', { offset: this.#offset });
    return text;
  }

  vec<T>(read: (reader: Reader) => T, limits: VecLimits): readonly T[] {
    const count = this.uleb();
    if (count > (limits.max ?? MAX_LENGTH) || count < (limits.min ?? 0))
      throw new ParseError('pce_over_limit', { offset: this.#offset, count });
    if (count * limits.smallest > this.left) throw new ParseError('pce_truncated', { offset: this.#offset, count });
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(read(this));
    return items;
  }

  option<T>(read: (reader: Reader) => T): T | null {
    const tag = this.u8();
    if (tag === 0) return null;
    if (tag === 1) return read(this);
    throw new ParseError('pce_bad_option', { offset: this.#offset, tag });
  }

  /** Refuses trailing bytes. */
  end(): void {
    if (this.left > 0) throw new ParseError('pce_trailing_bytes', { offset: this.#offset, left: this.left });
  }
}

/** Decodes a whole input: nothing may be left. */
export function decodeWith<T>(read: (reader: Reader) => T, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}

/** Refuses a list that does not ascend strictly. */
export function requireAscending<T>(items: readonly T[], compare: (a: T, b: T) => number, what: string): void {
  items.forEach((item, index) => {
    const before = items[index - 1];
    if (before !== undefined && compare(before, item) >= 0) throw new ParseError('pce_not_sorted', { what, index });
  });
}
