import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Bytes, concat, fromBase64, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { vectorText } from '#test/support/published-vectors.ts';
import { LogTree, logLeaf, rootFromInclusion, rootOfFrontier, type TreeHasher, verifyConsistency } from './log-tree.ts';

const sha256 = (...parts: readonly Uint8Array[]): Bytes =>
  new Uint8Array(
    createHash('sha256')
      .update(concat(...parts))
      .digest(),
  );
const SHA256: TreeHasher = {
  leaf: (data) => sha256(Uint8Array.of(0), data),
  node: (left, right) => sha256(Uint8Array.of(1), left, right),
  empty: () => sha256(),
};

// ledger.md appendix B: inputs and roots 1..8.
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '2daef60e7a0b8f5e024c81cd2ab3109f2b4f155cf83adeb2ae5532f74a157fdf',
  '0b990fe0c7ad70f1bf1a1262f2c7908ea48146b14253a6db99f2917ab1f5cc4d',
  '209ec96a210d662a964772680e8544d18cab7b88ffec3e00962220349b56ea56',
  '28e4e307ef6d2d0c62d84b11ef96e835efe490f35b93c8f024ecfe38c8dd4377',
  'bb10c996aeebbcdc69be3715fc847344de77442d37a5ab8213da9f41785b103b',
  '8723c1ab1f82ddfba4a3733ac0c80d936d9f4c208c7dbc8cc81ca9fff8584f66',
  'bd36c22a1ac6ff4308e0c3cc1a85bf0ffa30538ec60a55c70413ab15d45db4d2',
  'bc48ba7a709184b5f2a631e1adeb8dc2a0d4c018c1d6cc89b5664fe154c93b38',
];

function treeOf(size: number): LogTree {
  const tree = new LogTree();
  for (let i = 0; i < size; i++) tree.append(logLeaf(Uint8Array.of(i & 0xff, i >>> 8)));
  return tree;
}

/** MTH of RFC 6962 §2.1 as it is written there, over SM3 leaves: the slow opinion. */
function slowRoot(leaves: readonly Bytes[]): Bytes {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return HASH(slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)));
}
const HASH = (left: Uint8Array, right: Uint8Array): Bytes =>
  new Uint8Array(createHash('sm3').update(Uint8Array.of(1)).update(left).update(right).digest());

test('appendix B: the empty root and the roots of 1 to 8 entries', () => {
  const tree = new LogTree();
  expect(toHex(tree.root())).toBe('1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b');
  for (const [at, input] of INPUTS.entries()) {
    tree.append(logLeaf(fromHex(input)));
    expect(toHex(tree.root())).toBe(ROOTS[at]);
  }
  for (const [at, root] of ROOTS.entries()) expect(toHex(tree.root(at + 1))).toBe(root);
});

describe('all sizes to 64', () => {
  const tree = treeOf(64);
  const leaves = Array.from({ length: 64 }, (_, i) => tree.leafHash(i));
  test('roots and frontiers agree with the recursive definition', () => {
    for (let size = 1; size <= 64; size++) {
      expect(toHex(tree.root(size))).toBe(toHex(slowRoot(leaves.slice(0, size))));
      expect(toHex(rootOfFrontier(tree.frontier(size)))).toBe(toHex(tree.root(size)));
    }
  });

  test('each leaf is included, and in no other place', () => {
    for (let size = 1; size <= 64; size++) {
      const root = toHex(tree.root(size));
      for (let index = 0; index < size; index++) {
        const path = tree.inclusionPath(index, size);
        const leaf = tree.leafHash(index);
        const lead = (at: number | bigint, of: number | bigint, via: readonly Uint8Array[]) =>
          toHex(rootFromInclusion(at, of, leaf, via) ?? new Uint8Array());
        expect(lead(BigInt(index), size, path)).toBe(root);
        expect(lead(index, size, [...path, leaf])).not.toBe(root);
        expect(lead(index, size, path.slice(1))).not.toBe(path.length === 0 ? '' : root);
        if (size > 1) expect(lead((index + 1) % size, size, path)).not.toBe(root);
        expect(lead(size, size, path)).toBe('');
      }
    }
  });

  test('each older log is a prefix of each newer one, and a changed one is not', () => {
    for (let newer = 0; newer <= 64; newer++) {
      for (let older = 0; older <= newer; older++) {
        const path = tree.consistencyPath(older, newer);
        const [from, to] = [tree.root(older), tree.root(newer)];
        expect([older, newer, verifyConsistency(older, BigInt(newer), from, to, path)]).toEqual([older, newer, true]);
        if (older === newer || older === 0) continue;
        expect(verifyConsistency(older, newer, to, to, path)).toBe(false);
        expect(verifyConsistency(older, newer, from, from, path)).toBe(false);
        expect(verifyConsistency(older, newer, from, to, [...path, from])).toBe(false);
        expect(verifyConsistency(older, newer, from, to, path.slice(0, -1))).toBe(false);
      }
    }
    expect(verifyConsistency(3, 2, tree.root(3), tree.root(2), [])).toBe(false);
    expect(verifyConsistency(3, 3, tree.root(3), tree.root(3), [tree.root(1)])).toBe(false);
    expect(verifyConsistency(0, 3, tree.root(0), tree.root(3), [tree.root(1)])).toBe(false);
    // The right roots under another size: the path ends before the tree does.
    expect(verifyConsistency(1, 3, tree.root(1), tree.root(2), tree.consistencyPath(1, 2))).toBe(false);
  });
});

describe('published inclusion cases of transparency-dev (SHA-256)', () => {
  // Integers are read as bigint: two cases hold 2^64 − 1, rounded by a float above 2^64 − 1.
  const cases = vectorText('merkle-rfc6962/inclusion.jsonl')
    .trim()
    .split('\n')
    .map(
      (
        line,
      ): { file: string; leafIdx: string; treeSize: string; root: string; leafHash: string; proof: string[] | null; wantErr: boolean } =>
        JSON.parse(line.replace(/"(leafIdx|treeSize)":(\d+)/g, '"$1":"$2"')),
    );
  test('98 cases, 92 refused', () => {
    expect([cases.length, cases.filter((entry) => entry.wantErr).length]).toEqual([98, 92]);
  });
  test.each(cases.map((entry) => [entry.file, entry] as const))('%s', (_file, entry) => {
    const path = (entry.proof ?? []).map(fromBase64);
    const root = rootFromInclusion(BigInt(entry.leafIdx), BigInt(entry.treeSize), fromBase64(entry.leafHash), path, SHA256);
    expect(root !== null && toHex(root) === toHex(fromBase64(entry.root))).toBe(!entry.wantErr);
  });
});

test('the largest index is an index, the size after it is none', () => {
  const leaf = logLeaf(new Uint8Array(0));
  const top = 0xffff_ffff_ffff_ffffn;
  const path = Array.from({ length: 64 }, () => leaf);
  // Index 2^64 − 2 of 2^64 − 1 leaves: 63 left borders, no inner level.
  expect(rootFromInclusion(top - 1n, top, leaf, path.slice(0, 63))).not.toBe(null);
  expect(rootFromInclusion(top - 1n, top, leaf, path.slice(0, 62))).toBe(null);
  expect(rootFromInclusion(top, top + 1n, leaf, path)).toBe(null);
  expect(rootFromInclusion(-1n, 4, leaf, path.slice(0, 2))).toBe(null);
  expect(rootFromInclusion(1.5, 4, leaf, path.slice(0, 2))).toBe(null);
});

test('a truncated log grows again as if it had never been longer; a clone is its own log', () => {
  for (const [long, short] of [
    [64, 37],
    [33, 32],
    [5, 0],
  ] as const) {
    const tree = treeOf(long);
    const copy = tree.clone();
    tree.truncate(short);
    expect(toHex(tree.root())).toBe(toHex(treeOf(long).root(short)));
    for (let i = short; i < long; i++) tree.append(logLeaf(Uint8Array.of(i & 0xff, i >>> 8)));
    expect(toHex(tree.root())).toBe(toHex(copy.root()));
  }
});

test('a log that goes on from its frontier alone has the roots and proofs of the whole one', () => {
  const whole = treeOf(70);
  for (let known = 0; known <= 40; known++) {
    const tree = LogTree.fromFrontier(known, whole.frontier(known));
    expect([tree.size, tree.first, toHex(tree.root())]).toEqual([known, known, toHex(whole.root(known))]);
    for (let size = known; size < 70; size++) tree.append(whole.leafHash(size));
    for (let size = known; size <= 70; size++) expect(toHex(tree.root(size))).toBe(toHex(whole.root(size)));
    for (let index = known; index < 70; index++) expect(tree.inclusionPath(index)).toEqual(whole.inclusionPath(index));
    for (let older = known; older <= 70; older++) expect(tree.consistencyPath(older)).toEqual(whole.consistencyPath(older));
    expect(tree.frontier()).toEqual(whole.frontier());
    const copy = tree.clone();
    copy.truncate(known);
    expect(toHex(copy.root())).toBe(toHex(whole.root(known)));
    if (known > 0) expect(() => tree.inclusionPath(known - 1)).toThrow();
  }
  expect(() => LogTree.fromFrontier(3, whole.frontier(2))).toThrow('frontier_length');
});
