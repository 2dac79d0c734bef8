/** A growing array of 32-byte hashes in one block of memory: a million leaves cost 32 MB, not a million objects. */
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export const HASH_BYTES = 32;

export class HashColumn {
  #bytes: Bytes;
  #length: number;
  /** Index of the first hash that is here: a column may begin late, behind hashes that nobody needs any more. */
  readonly first: number;

  constructor(bytes: Bytes = new Uint8Array(0), first = 0) {
    assert(bytes.length % HASH_BYTES === 0, 'a column holds whole hashes');
    this.#bytes = bytes;
    this.first = first;
    this.#length = first + bytes.length / HASH_BYTES;
  }

  get length(): number {
    return this.#length;
  }

  /** A view into the column: valid until the next `push` or `set`. Copy what you keep. */
  view(index: number): Bytes {
    const at = index - this.first;
    assert(at >= 0 && index < this.#length, 'the hash is in the column');
    return this.#bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  }

  get(index: number): Bytes {
    return this.view(index).slice();
  }

  /** The hashes from `start` to before `end`, one after the other, copied. */
  slice(start: number, end: number): Bytes {
    assert(start >= this.first && start <= end && end <= this.#length, 'the hashes are in the column');
    return this.#bytes.slice((start - this.first) * HASH_BYTES, (end - this.first) * HASH_BYTES);
  }

  /** Replaces a hash, or appends when `index` is the length. */
  set(index: number, hash: Uint8Array): void {
    assert(hash.length === HASH_BYTES, 'a hash has 32 bytes');
    assert(index >= this.first && index <= this.#length, 'a column is dense');
    if (index === this.#length) {
      this.#reserve(index + 1 - this.first);
      this.#length = index + 1;
    }
    this.#bytes.set(hash, (index - this.first) * HASH_BYTES);
  }

  push(hash: Uint8Array): void {
    this.set(this.#length, hash);
  }

  truncate(length: number): void {
    assert(length >= this.first && length <= this.#length, 'a column is cut to less than it holds');
    this.#length = length;
  }

  clone(): HashColumn {
    return new HashColumn(this.slice(this.first, this.#length), this.first);
  }

  #reserve(count: number): void {
    const needed = count * HASH_BYTES;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2, 4 * HASH_BYTES));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
