import { describe, expect, test } from 'vitest';
import { digestOf, portableSm2, publicKeyOf, signDigest } from '#ledger/crypto/sm2.ts';
import { toScalar } from '#ledger/crypto/sm2-curve.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage, taggedHash } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { batchLeaf, batchOf, batchPathLength, batchRoot, batchRootOf, MAX_BATCH, MAX_BATCH_PATH } from './batch-tree.ts';

const idOf = (value: number): Bytes => sm3(Uint8Array.of(value & 0xff, value >>> 8));
const rootOf = (place: Parameters<typeof batchRootOf>[0]): string => {
  const result = batchRootOf(place);
  return result.kind === 'root' ? toHex(result.root) : result.code;
};

describe('appendix B', () => {
  const chain = taggedHash('PLP1/chain', utf8('vector-genesis'));
  const d = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
  const k = toScalar(fromHex('59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21'));
  const publicKey = publicKeyOf(d);
  const txId = fromHex('6e530b1dc6c4f8723786ed251968828c35ce3e74494d5389d259f5ed07b6701c');
  const digest = (tag: 'PLP1/txsig' | 'PLP1/order', root: Uint8Array) => digestOf(publicKey, signedMessage(tag, chain, root));

  test('the chain tag', () => expect(toHex(chain)).toBe('f45c7678168b253485b0bc0077d854528c1779d8f40fd3a1f96146b4209ec45a'));

  test('a batch of one', () => {
    const { root, paths } = batchOf([txId]);
    expect(toHex(batchLeaf(txId))).toBe('f801122883c8811c9be258377b4db4e760c1e8f7eb7967cf0909712988cd90f5');
    expect(toHex(root)).toBe('fccdcee11255b4e0f971daa371cb57a03cf0c94e888da259726159858e7ab962');
    expect(paths).toEqual([[]]);
    const e = digest('PLP1/txsig', root);
    expect(toHex(e)).toBe('4afd48afa15b854d8a9627db16065dfa2882f78e5835a8e42a714efe706afb4e');
    expect(toHex(signDigest(d, e, k) ?? new Uint8Array())).toBe(
      '4fe945212fe89ce5ec9a5a01a47e5cb069e1266c663ce4f379d55dcb9e7f95c19bac76be26dc2f67e2cc86102ea10369e4e7ae13d61ded3fe13f11aa011a871d',
    );
  });

  test('a batch of three', () => {
    const ids = [txId, new Uint8Array(32).fill(0x11), new Uint8Array(32).fill(0x22)];
    const { root, paths } = batchOf(ids);
    expect(toHex(batchRoot(3, fromHex('f66b418ccce4d3f5b820e4f563a9dc3fd2f096bf1d645ba5866eea8724d767e6')))).toBe(toHex(root));
    expect(toHex(root)).toBe('64f6ce661ff62209ba882ea49d019e26bfb08151ee2d948369c616fac129cf2c');
    expect(paths[0]?.map(toHex)).toEqual([
      '4caa991d73d622cfaafb729dba7236d54890abadfd6cdab3ea18effdf413f84b',
      '7849b7a6d1e3818f022b12c000afd40c1411497082ee3c641bee7ec9e55cd5a7',
    ]);
    expect(paths[2]?.map(toHex)).toEqual(['735f7459a52ecaf73f17383965e5d4c6df7a9f259d6107a426e00b5dc581c3e6']);
    expect(toHex(digest('PLP1/txsig', root))).toBe('ad3703e360718d23977db7feadb02ea137359662a3a0f756b1072563868ae319');
    expect(toHex(digest('PLP1/order', root))).toBe('262a6987466148e4073796d42cdb434c2137aff5a90500b114f5d2a8f26cfb6c');
    const signature = signDigest(d, digest('PLP1/txsig', root), k);
    expect(toHex(signature ?? new Uint8Array())).toBe(
      'b2230054eefea4bbf981ea253c282d577893c540b1a83366006b3430b49f7d8c60d7b17391e0f0499624568ee141399552173e2c00ade1b02bd9f77b0b4ccea8',
    );
    // The root of one tag is no signature under the other.
    const { verify } = portableSm2(() => new Uint8Array(32));
    expect(signature !== null && verify(publicKey, signedMessage('PLP1/txsig', chain, root), signature)).toBe(true);
    expect(signature !== null && verify(publicKey, signedMessage('PLP1/order', chain, root), signature)).toBe(false);
  });
});

test('every index of sizes 1 to 70 leads to the root; a swapped index, size or hash does not', () => {
  for (let size = 1; size <= 70; size++) {
    const ids = Array.from({ length: size }, (_, i) => idOf(i));
    const { root, paths } = batchOf(ids);
    for (const [batchIndex, id] of ids.entries()) {
      const place = { id, batchIndex, batchSize: size, path: paths[batchIndex] ?? [] };
      expect(rootOf(place)).toBe(toHex(root));
      if (size === 1) continue;
      expect(rootOf({ ...place, batchIndex: (batchIndex + 1) % size })).not.toBe(toHex(root));
      expect(rootOf({ ...place, batchSize: size + 1 })).not.toBe(toHex(root));
      const [first, ...rest] = place.path;
      expect(rootOf({ ...place, path: [sm3(first ?? root), ...rest] })).not.toBe(toHex(root));
      expect(rootOf({ ...place, path: rest })).toBe('batch_range');
      expect(rootOf({ ...place, path: [...place.path, root] })).toBe('batch_range');
    }
  }
});

test('large batches: the longest path has 16 hashes', () => {
  for (const size of [1_000, MAX_BATCH]) {
    const ids = Array.from({ length: size }, (_, i) => idOf(i));
    const { root, paths } = batchOf(ids);
    for (const batchIndex of [0, 1, 63, 64, 511, 999, size - 2, size - 1]) {
      const id = ids[batchIndex];
      if (id === undefined) throw new Error('the index is in the batch');
      expect(rootOf({ id, batchIndex, batchSize: size, path: paths[batchIndex] ?? [] })).toBe(toHex(root));
    }
    expect(Math.max(...Array.from({ length: size }, (_, i) => batchPathLength(i, size)))).toBe(size === MAX_BATCH ? MAX_BATCH_PATH : 10);
  }
});

test('batch_range: an empty batch and an index outside', () => {
  expect(rootOf({ id: idOf(0), batchIndex: 0, batchSize: 0, path: [] })).toBe('batch_range');
  expect(rootOf({ id: idOf(0), batchIndex: 1, batchSize: 1, path: [] })).toBe('batch_range');
  expect(rootOf({ id: idOf(0), batchIndex: 1, batchSize: 1, path: [idOf(1)] })).toBe('batch_range');
  expect(rootOf({ id: idOf(0), batchIndex: 2, batchSize: 2, path: [idOf(1)] })).toBe('batch_range');
});
