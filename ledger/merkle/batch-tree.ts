/** Batch signatures (ledger.md 5.1): a tree over txIds or orderIds, shaped as RFC 6962 §2.1, whose root one SM2 signature covers. */

import { sm3 } from '#ledger/crypto/sm3.ts';
import { PREFIX } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export const MAX_BATCH = 65_535;
export const MAX_BATCH_PATH = 16;

export type BatchPlace = {
  /** txId or orderId, 32 bytes. */
  readonly id: Uint8Array;
  readonly batchIndex: number;
  readonly batchSize: number;
  readonly path: readonly Uint8Array[];
};
export type BatchRoot = { readonly kind: 'root'; readonly root: Bytes } | { readonly kind: 'rejected'; readonly code: 'batch_range' };

const LEAF = Uint8Array.of(PREFIX.batchLeaf);
const NODE = Uint8Array.of(PREFIX.batchNode);
const ROOT = Uint8Array.of(PREFIX.batchRoot);

/** The root to sign and the path of each id, in the order given. 1 to 65 535 ids of 32 bytes. */
export function batchOf(ids: readonly Uint8Array[]): { readonly root: Bytes; readonly paths: readonly (readonly Bytes[])[] } {
  assert(ids.length >= 1 && ids.length <= MAX_BATCH, 'a batch has 1 to 65 535 ids');
  const paths: Bytes[][] = ids.map(() => []);
  // Level by level: an odd last node rises unpaired, which is the shape of RFC 6962; `first` is its leftmost leaf.
  let level = ids.map((id, index) => ({ hash: batchLeaf(id), first: index, after: index + 1 }));
  while (level.length > 1) {
    const next: typeof level = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i];
      const right = level[i + 1];
      assert(left !== undefined, 'a level is dense');
      if (right === undefined) {
        next.push(left);
        continue;
      }
      for (let leaf = left.first; leaf < left.after; leaf++) paths[leaf]?.push(right.hash);
      for (let leaf = right.first; leaf < right.after; leaf++) paths[leaf]?.push(left.hash);
      next.push({ hash: sm3(NODE, left.hash, right.hash), first: left.first, after: right.after });
    }
    level = next;
  }
  const [top] = level;
  assert(top !== undefined, 'a batch has a root');
  return { root: batchRoot(ids.length, top.hash), paths };
}

/** The root that a TxSig's signature must cover, or `batch_range` (5.1): size 0, index outside, another path length. */
export function batchRootOf(place: BatchPlace): BatchRoot {
  const { batchIndex: index, batchSize: size, path } = place;
  if (size < 1 || index >= size || path.length !== batchPathLength(index, size)) return { kind: 'rejected', code: 'batch_range' };
  const inner = bitLength(index ^ (size - 1));
  let hash = batchLeaf(place.id);
  for (const [level, sibling] of path.entries()) {
    hash = level < inner && ((index >>> level) & 1) === 0 ? sm3(NODE, hash, sibling) : sm3(NODE, sibling, hash);
  }
  return { kind: 'root', root: batchRoot(size, hash) };
}

/** How many hashes lead from an index to the root of a batch. */
export function batchPathLength(index: number, size: number): number {
  const inner = bitLength(index ^ (size - 1));
  let length = inner;
  for (let rest = index >>> inner; rest !== 0; rest >>>= 1) length += rest & 1;
  return length;
}

export function batchLeaf(id: Uint8Array): Bytes {
  return sm3(LEAF, id);
}

/** `SM3(32 ‖ batchSize:u16 ‖ tree root)`, little-endian as all of PCE. */
export function batchRoot(size: number, treeRoot: Uint8Array): Bytes {
  return sm3(ROOT, Uint8Array.of(size & 0xff, size >>> 8), treeRoot);
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}
