/** Vectors of batch signatures (ledger.md 5.1, appendix B 15): trees of all small sizes and some large ones, and what must not verify. */
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { batchOf } from '#ledger/merkle/batch-tree.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { checkTxSig } from '#ledger/state/signers.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { type BatchTag, signIds } from '#ledger/tx/sign.ts';
import { actor, bytes32, seededKey } from './ledger-world.ts';

const SHOWN_SIZES: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 63, 64, 65, 70];
const LARGE: readonly (readonly [size: number, indices: readonly number[]])[] = [
  [1000, [0, 1, 499, 511, 512, 767, 768, 959, 992, 998, 999]],
  [65_535, [0, 1, 32_767, 32_768, 49_151, 65_279, 65_407, 65_532, 65_533, 65_534]],
];

const idsOf = (count: number): readonly Bytes[] => Array.from({ length: count }, (_, i) => bytes32(`id ${i}`));

/** Every (index, path) of the sizes 1 to 70: in full for some, as SM3 over all paths in order for every size; parts of large ones. */
export function batchVectors(sm2: Sm2, source: string): unknown {
  const ids = idsOf(70);
  return {
    source,
    format: 'ids: SM3 of the text "id <index>". pathsHash: SM3 over all paths, one after the other.',
    ids: ids.map(toHex),
    batches: ids.map((_, i) => {
      const { root, paths } = batchOf(ids.slice(0, i + 1));
      const shown = SHOWN_SIZES.includes(i + 1) ? { paths: paths.map((path) => path.map(toHex)) } : {};
      return { size: i + 1, root: toHex(root), pathsHash: toHex(sm3(...paths.flat())), ...shown };
    }),
    large: LARGE.map(([size, indices]) => {
      const { root, paths } = batchOf(idsOf(size));
      return {
        size,
        root: toHex(root),
        places: indices.map((index) => ({ index, path: (paths[index] ?? []).map(toHex) })),
      };
    }),
    signatures: signatureVectors(sm2),
  };
}

/** The tree with other prefix bytes, or without the size in its root: a signer that got the format wrong. */
function wrongRoot(ids: readonly Bytes[], prefixes: { readonly leaf: number; readonly node: number; readonly hasRoot: boolean }): Bytes {
  let level = ids.map((id) => sm3(Uint8Array.of(prefixes.leaf), id));
  while (level.length > 1) {
    const next: Bytes[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = level.slice(i, i + 2);
      assert(left !== undefined, 'a level is dense');
      next.push(right === undefined ? left : sm3(Uint8Array.of(prefixes.node), left, right));
    }
    level = next;
  }
  const [top] = level;
  assert(top !== undefined, 'a tree has a root');
  return prefixes.hasRoot ? sm3(Uint8Array.of(0x32), Uint8Array.of(ids.length & 0xff, ids.length >>> 8), top) : top;
}

/** One batch of seven ids by one key, under both tags, and everything about it that must be refused. */
function signatureVectors(sm2: Sm2): unknown {
  const signer = actor('alice');
  const chain = bytes32('chain of the batch vectors');
  const ids = idsOf(7);
  const privateKey = seededKey('alice');
  const cases: unknown[] = [];
  const add = (name: string, tag: BatchTag, id: Bytes, sig: TxSig, code: LedgerCode | null): void => {
    const check = checkTxSig(sig, { keyEpoch: 0, policy: signer.policy }, tag, id, { chain, verify: sm2.verify });
    const found = check.kind === 'rejected' ? check.code : null;
    assert(found === code, `${tag} ${name} gives ${code}, got ${found}`);
    const { batchSize, batchIndex } = sig;
    cases.push({ name, tag, id: toHex(id), batchSize, batchIndex, path: sig.path.map(toHex), sig: toHex(sig.sig), code });
  };
  for (const tag of ['PLP1/txsig', 'PLP1/order'] as const) {
    const other = tag === 'PLP1/txsig' ? 'PLP1/order' : 'PLP1/txsig';
    const sigs = signIds(sm2, signer, tag, chain, ids);
    const [id, next] = ids;
    const [sig, nextSig] = sigs;
    assert(id !== undefined && next !== undefined && sig !== undefined && nextSig !== undefined, 'seven ids, seven signatures');
    ids.forEach((each, index) => {
      const own = sigs[index];
      assert(own !== undefined, 'one TxSig per id');
      add(`place ${index}`, tag, each, own, null);
    });
    const over = (root: Uint8Array): Bytes => sm2.sign(privateKey, signedMessage(tag, chain, root));
    const wrong = (name: string, change: Partial<TxSig>, code: LedgerCode = 'sig_invalid'): void => add(name, tag, id, { ...sig, ...change }, code);
    wrong('a wrong hash in the path', { path: sig.path.map((hash, i) => (i === 1 ? bytes32('another') : hash)) });
    wrong('the path of its neighbour', { path: nextSig.path });
    wrong('the index of its neighbour', { batchIndex: 1 });
    wrong('another size with a path of the same length', { batchSize: 8 });
    add('another id at its place', tag, next, sig, 'sig_invalid');
    wrong('the root under the other tag', { sig: signIds(sm2, signer, other, chain, ids)[0]?.sig ?? sig.sig });
    wrong('log prefixes 00 and 01', { sig: over(wrongRoot(ids, { leaf: 0x00, node: 0x01, hasRoot: true })) });
    wrong('a root without the size', { sig: over(wrongRoot(ids, { leaf: 0x30, node: 0x31, hasRoot: false })) });
    wrong('the bare id', { batchSize: 1, batchIndex: 0, path: [], sig: over(id) });
    wrong('batchSize 0', { batchSize: 0 }, 'batch_range');
    wrong('the index is the size', { batchIndex: 7 }, 'batch_range');
    wrong('a path one short', { path: sig.path.slice(1) }, 'batch_range');
    wrong('a path one long', { path: [...sig.path, bytes32('more')] }, 'batch_range');
    wrong('a signature out of range, in an impossible place', { sig: new Uint8Array(64), batchSize: 0 }, 'sig_range');
    wrong('an invalid signature, in an impossible place', { sig: new Uint8Array(64).fill(1), batchSize: 0 }, 'batch_range');
    const twice = signIds(sm2, signer, tag, chain, [id, next, id]);
    for (const place of [0, 2]) add(`an id listed twice, place ${place}`, tag, id, twice[place] ?? sig, null);
  }
  return { chain: toHex(chain), publicKey: toHex(publicKeyOf(privateKey)), cases };
}
