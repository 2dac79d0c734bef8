/** Writes PCE, the one encoding of the ledger (`ledger.md` 2). */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';

const MAX_U64 = (1n << 64n) - 1n;
const FIRST_SIZE = 256;
/** Encoders call each other a few deep at most. */
const FREE_MAX = 8;

export class Writer {
  #buffer: Bytes = new Uint8Array(FIRST_SIZE);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  /** Grows the buffer, so call it before touching `#buffer` or `#view`. */
  #room(count: number): number {
    const offset = this.#length;
    const needed = offset + count;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, offset));
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return offset;
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, `u8 in range, got ${value}`);
    const offset = this.#room(1);
    this.#view.setUint8(offset, value);
    return this;
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `u16 in range, got ${value}`);
    const offset = this.#room(2);
    this.#view.setUint16(offset, value, true);
    return this;
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, `u32 in range, got ${value}`);
    const offset = this.#room(4);
    this.#view.setUint32(offset, value, true);
    return this;
  }

  u64(value: bigint): this {
    assert(value >= 0n && value <= MAX_U64, `u64 in range, got ${value}`);
    const offset = this.#room(8);
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  /** Raw bytes without a length. A stated `length` guards against a field of another size. */
  fixed(bytes: Uint8Array, length: number = bytes.length): this {
    assert(bytes.length === length, `a field of ${length} bytes, got ${bytes.length}`);
    const offset = this.#room(length);
    this.#buffer.set(bytes, offset);
    return this;
  }

  b16(bytes: Uint8Array): this {
    return this.fixed(bytes, 16);
  }

  b32(bytes: Uint8Array): this {
    return this.fixed(bytes, 32);
  }

  b64(bytes: Uint8Array): this {
    return this.fixed(bytes, 64);
  }

  /** Minimal ULEB128, below 2^32. */
  uleb(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, `length in range, got ${value}`);
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  bytes(bytes: Uint8Array): this {
    return this.uleb(bytes.length).fixed(bytes);
  }

  string(text: string): this {
    return this.bytes(utf8(text));
  }

  vec<T>(items: readonly T[], write: (writer: Writer, item: T) => void): this {
    this.uleb(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  option<T>(value: T | null, write: (writer: Writer, value: T) => void): this {
    if (value === null) return this.u8(0);
    this.u8(1);
    write(this, value);
    return this;
  }

  /** A copy of what was written; the writer is empty again. */
  finish(): Bytes {
    const bytes = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }
}

/** Writers that are free: encoding is most of what a group allocates. One that threw half-way is not given back. */
const free: Writer[] = [];

/** The bytes of one value. */
export function encodeWith<T>(write: (writer: Writer, value: T) => void, value: T): Bytes {
  const writer = free.pop() ?? new Writer();
  write(writer, value);
  const bytes = writer.finish();
  if (free.length < FREE_MAX) free.push(writer);
  return bytes;
}
