/**
 * The log (ledger.md 7): a Merkle tree of the shape of RFC 6962 §2.1 that only grows. The hash is a parameter, because the
 * published vectors of that shape use SHA-256; the ledger's is SM3.
 */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { PREFIX } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { HASH_BYTES, HashColumn } from './hash-column.ts';

export interface TreeHasher {
  readonly leaf: (data: Uint8Array) => Bytes;
  readonly node: (left: Uint8Array, right: Uint8Array) => Bytes;
  readonly empty: () => Bytes;
}

const LEAF = Uint8Array.of(PREFIX.logLeaf);
const NODE = Uint8Array.of(PREFIX.logNode);

/** Leaf `SM3(00 ‖ entry)`, node `SM3(01 ‖ l ‖ r)`, empty root `SM3("")`. */
export const LOG_HASHER: TreeHasher = {
  leaf: (data) => sm3(LEAF, data),
  node: (left, right) => sm3(NODE, left, right),
  empty: () => sm3(),
};

/** Leaf hash of the PCE bytes of an Entry. */
export function logLeaf(entry: Uint8Array): Bytes {
  return LOG_HASHER.leaf(entry);
}

/** An index or size as the caller has it: u64 of a receipt as `bigint`, of a tree in memory as `number`. */
export type TreeIndex = number | bigint;

export class LogTree {
  readonly #hasher: TreeHasher;
  /** `#levels[k]` holds the roots of the complete subtrees of 2^k leaves. */
  readonly #levels: HashColumn[];
  readonly #first: number;

  constructor(hasher: TreeHasher = LOG_HASHER, levels: readonly HashColumn[] = [], first = 0) {
    this.#hasher = hasher;
    this.#first = first;
    this.#levels = levels.length === 0 ? [new HashColumn()] : [...levels];
  }

  /**
   * A log that goes on from `size` leaves of which only the frontier is known: it grows and has roots as the whole one, and proves what was
   * appended since. @throws {ParseError} `frontier_length` when these hashes can't be the frontier of so many leaves
   */
  static fromFrontier(size: number, frontier: readonly Uint8Array[], hasher: TreeHasher = LOG_HASHER): LogTree {
    if (!Number.isSafeInteger(size) || size < 0 || frontier.length !== bitCount(BigInt(size)))
      throw new ParseError('frontier_length', { size, hashes: frontier.length });
    const levels: HashColumn[] = [];
    const smallestFirst = [...frontier].reverse();
    for (let count = size; count > 0 || levels.length === 0; count = Math.floor(count / 2)) {
      // An odd count ends in a subtree that stands alone: it is in the frontier.
      const own = count % 2 === 1 ? smallestFirst.shift() : undefined;
      levels.push(own === undefined ? new HashColumn(new Uint8Array(0), count) : new HashColumn(new Uint8Array(own), count - 1));
    }
    return new LogTree(hasher, levels, size);
  }

  get size(): number {
    return this.#level(0).length;
  }

  /** Below this index no leaf can be proven here. */
  get first(): number {
    return this.#first;
  }

  /** Whether the complete subtree `index` of 2^level leaves is here. */
  holds(level: number, index: number): boolean {
    const column = this.#levels[level];
    return column !== undefined && index >= column.first && index < column.length;
  }

  /** Appends one leaf hash (not the entry) and answers its index. */
  append(leafHash: Uint8Array): number {
    const index = this.size;
    this.#level(0).push(leafHash);
    // Each trailing 1 bit of the index completes a subtree.
    for (let level = 0, at = index; at % 2 === 1; level++, at = (at - 1) / 2) {
      const column = this.#level(level);
      this.#level(level + 1).push(this.#hasher.node(column.view(at - 1), column.view(at)));
    }
    return index;
  }

  leafHash(index: number): Bytes {
    return this.#level(0).get(index);
  }

  /** Root over the first `size` leaves; over all of them when not given. */
  root(size: number = this.size): Bytes {
    this.#assertSize(size);
    return size === 0 ? this.#hasher.empty() : this.#range(0, size);
  }

  /** PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf up. */
  inclusionPath(index: number, size: number = this.size): readonly Bytes[] {
    this.#assertSize(size);
    assert(index >= this.#first && index < size, 'the index is in the tree');
    const path: Bytes[] = [];
    let start = 0;
    let end = size;
    while (end - start > 1) {
      const middle = start + splitOf(end - start);
      if (index < middle) {
        path.push(this.#range(middle, end));
        end = middle;
      } else {
        path.push(this.#range(start, middle));
        start = middle;
      }
    }
    return path.reverse();
  }

  /** PROOF(older, D[newer]) of RFC 6962 §2.1.2; empty for `older` 0 or equal sizes. */
  consistencyPath(older: number, newer: number = this.size): readonly Bytes[] {
    this.#assertSize(newer);
    assert(older >= 0 && older <= newer, 'the older tree is not larger');
    if (older === 0 || older === newer) return [];
    const path: Bytes[] = [];
    let start = 0;
    let end = newer;
    let isWholeTree = true;
    while (older !== end) {
      const middle = start + splitOf(end - start);
      if (older <= middle) {
        path.push(this.#range(middle, end));
        end = middle;
      } else {
        path.push(this.#range(start, middle));
        start = middle;
        isWholeTree = false;
      }
    }
    // The verifier knows the old root itself; any other subtree it must be told.
    if (!isWholeTree) path.push(this.#range(start, end));
    return path.reverse();
  }

  /** Roots of the perfect subtrees that make up the first `size` leaves, largest first: enough to go on appending. */
  frontier(size: number = this.size): readonly Bytes[] {
    this.#assertSize(size);
    const out: Bytes[] = [];
    for (let start = 0; start < size; ) {
      const width = perfectWidth(size - start);
      out.push(this.#range(start, start + width));
      start += width;
    }
    return out;
  }

  /** Hashes `start … end − 1` of the complete subtrees of 2^level leaves, one after the other: what a tile holds. */
  nodes(level: number, start: number, end: number): Bytes {
    return this.#level(level).slice(start, end);
  }

  /** Forgets every leaf from `size` on, as if it had never been appended. */
  truncate(size: number): void {
    this.#assertSize(size);
    for (let level = 0, length = size; level < this.#levels.length; level++, length = Math.floor(length / 2)) {
      this.#level(level).truncate(length);
    }
  }

  clone(): LogTree {
    return new LogTree(
      this.#hasher,
      this.#levels.map((level) => level.clone()),
      this.#first,
    );
  }

  #level(level: number): HashColumn {
    const column = this.#levels[level];
    if (column !== undefined) return column;
    assert(level === this.#levels.length, 'levels grow one by one');
    const added = new HashColumn();
    this.#levels.push(added);
    return added;
  }

  /** Root of the leaves `start … end − 1`, where `start` is a multiple of the largest power of two in the range. */
  #range(start: number, end: number): Bytes {
    const width = perfectWidth(end - start);
    const left = this.#level(Math.log2(width)).get(start / width);
    return start + width === end ? left : this.#hasher.node(left, this.#range(start + width, end));
  }

  #assertSize(size: number): void {
    assert(Number.isSafeInteger(size) && size >= 0 && size <= this.size, 'the tree has been that large');
  }
}

/** The root that a leaf hash and its path lead to, or `null` when index, size or path length cannot belong together. */
export function rootFromInclusion(
  index: TreeIndex,
  size: TreeIndex,
  leafHash: Uint8Array,
  path: readonly Uint8Array[],
  hasher: TreeHasher = LOG_HASHER,
): Bytes | null {
  const at = asIndex(index);
  const total = asIndex(size);
  if (at === null || total === null || at >= total || leafHash.length !== HASH_BYTES) return null;
  const inner = bitLength(at ^ (total - 1n));
  if (path.length !== inner + bitCount(at >> BigInt(inner)) || !path.every((hash) => hash.length === HASH_BYTES)) return null;
  let hash = new Uint8Array(leafHash);
  for (const [level, sibling] of path.entries()) {
    const isLeft = level < inner && ((at >> BigInt(level)) & 1n) === 0n;
    hash = isLeft ? hasher.node(hash, sibling) : hasher.node(sibling, hash);
  }
  return hash;
}

/** True when the log of `older` leaves with `olderRoot` is a prefix of the one of `newer` leaves with `newerRoot` (RFC 9162 §2.1.4.2). */
export function verifyConsistency(
  older: TreeIndex,
  newer: TreeIndex,
  olderRoot: Uint8Array,
  newerRoot: Uint8Array,
  path: readonly Uint8Array[],
  hasher: TreeHasher = LOG_HASHER,
): boolean {
  const m = asIndex(older);
  const n = asIndex(newer);
  if (m === null || n === null || m > n || !path.every((hash) => hash.length === HASH_BYTES)) return false;
  if (m === n) return path.length === 0 && equalBytes(olderRoot, newerRoot);
  if (m === 0n) return path.length === 0 && equalBytes(olderRoot, hasher.empty());
  const isPowerOfTwo = (m & (m - 1n)) === 0n;
  const [seed, ...rest] = isPowerOfTwo ? [olderRoot, ...path] : path;
  if (seed === undefined) return false;
  let fn = m - 1n;
  let sn = n - 1n;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let from: Uint8Array = seed;
  let to: Uint8Array = seed;
  for (const hash of rest) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      from = hasher.node(hash, from);
      to = hasher.node(hash, to);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      to = hasher.node(to, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(from, olderRoot) && equalBytes(to, newerRoot);
}

/** Root of a log from its frontier alone. */
export function rootOfFrontier(frontier: readonly Uint8Array[], hasher: TreeHasher = LOG_HASHER): Bytes {
  const hashes = [...frontier];
  const last = hashes.pop();
  if (last === undefined) return hasher.empty();
  return hashes.reduceRight<Bytes>((right, left) => hasher.node(left, right), new Uint8Array(last));
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;

function asIndex(value: TreeIndex): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : null;
  return value >= 0n && value <= U64_MAX ? value : null;
}

/** The largest power of two at most `count`. */
function perfectWidth(count: number): number {
  let width = 1;
  while (width * 2 <= count) width *= 2;
  return width;
}

/** The largest power of two below `count`: k of RFC 6962 §2.1. */
function splitOf(count: number): number {
  const width = perfectWidth(count);
  return width === count ? width / 2 : width;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function bitCount(value: bigint): number {
  let count = 0;
  for (let rest = value; rest !== 0n; rest >>= 1n) count += Number(rest & 1n);
  return count;
}
