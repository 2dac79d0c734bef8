/** A log that goes on from the kept checkpoint is told from every one that does not, whoever serves the proof (`ledger.md` 14). */
import { describe, expect, test } from 'vitest';
import type { Finality, Header } from '#ledger/codec/header.ts';
import { LogTree, logLeaf } from '#ledger/merkle/log-tree.ts';
import { type Bytes, concat, utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { Checkpoint } from '#ledger/proof/checkpoint.ts';
import { compareHead, parseConsistencyPath } from './kept-head.ts';

const CHAIN = new Uint8Array(32).fill(1);
const FINALITY: Finality = { epoch: 0, height: 0n, term: 0n, header: ZERO_32, sigs: [] };

function treeOf(words: readonly string[]): LogTree {
  const tree = new LogTree();
  for (const word of words) tree.append(logLeaf(utf8(word)));
  return tree;
}
const words = (count: number, changedAt = -1) => Array.from({ length: count }, (_, at) => `entry ${at}${at === changedAt ? '!' : ''}`);

function head(tree: LogTree, height: number, size = tree.size, chain: Bytes = CHAIN): Checkpoint {
  const logSize = BigInt(size);
  const header: Header = {
    ...{ chain, epoch: 0, height: BigInt(height), prevHash: ZERO_32, configHash: ZERO_32, sealedAt: 1_000n + BigInt(height) },
    ...{ txCount: 1, logSize, logRoot: tree.root(size), stateRoot: ZERO_32, ext: ZERO_32 },
  };
  return { chain, logSize: header.logSize, logRoot: header.logRoot, header, finality: FINALITY };
}
const prover = (tree: LogTree) => async (older: bigint, newer: bigint) => tree.consistencyPath(Number(older), Number(newer));
const nobody = async () => null;

describe('the newer log', () => {
  test('begins with the kept one at every pair of sizes, and does not when one entry before was changed', async () => {
    const honest = treeOf(words(40));
    for (let kept = 1; kept < 40; kept++) {
      for (let served = kept + 1; served <= 40; served++) {
        expect(await compareHead(head(honest, kept, kept), head(honest, served, served), prover(honest))).toEqual({ kind: 'grown' });
        const fork = treeOf(words(served, kept - 1));
        expect(await compareHead(head(honest, kept, kept), head(fork, served), prover(fork))).toEqual({
          kind: 'forked',
          reason: 'no_prefix',
        });
      }
    }
  });

  test('has to be proven: no proof, a shorter one and one with a flipped bit are none', async () => {
    const tree = treeOf(words(13));
    const [kept, served] = [head(tree, 1, 6), head(tree, 2)];
    const path = tree.consistencyPath(6, 13);
    expect(await compareHead(kept, served, nobody)).toEqual({ kind: 'withheld' });
    expect(await compareHead(kept, served, async () => path.slice(1))).toEqual({ kind: 'forked', reason: 'no_prefix' });
    const flipped = concat(...path);
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    expect(await compareHead(kept, served, async () => parseConsistencyPath(flipped))).toEqual({ kind: 'forked', reason: 'no_prefix' });
    expect(await compareHead(kept, served, async () => parseConsistencyPath(concat(...path)))).toEqual({ kind: 'grown' });
    expect(() => parseConsistencyPath(flipped.slice(1))).toThrow('proof_length');
  });
});

test('two headers of one height, two roots of one size and a shorter log at a later height are a fork without any proof', async () => {
  const tree = treeOf(words(9));
  const other = treeOf(words(9, 3));
  const kept = head(tree, 5);
  expect(await compareHead(kept, kept, nobody)).toEqual({ kind: 'same' });
  expect(await compareHead(kept, head(other, 5), nobody)).toEqual({ kind: 'forked', reason: 'two_headers' });
  expect(await compareHead(kept, head(other, 6), nobody)).toEqual({ kind: 'forked', reason: 'other_root' });
  expect(await compareHead(kept, head(tree, 6), nobody)).toEqual({ kind: 'grown' });
  expect(await compareHead(kept, head(tree, 6, 8), nobody)).toEqual({ kind: 'forked', reason: 'no_prefix' });
});

test('an older log is behind, and another chain is another chain', async () => {
  const tree = treeOf(words(9));
  expect(await compareHead(head(tree, 5), head(tree, 4, 7), nobody)).toEqual({ kind: 'behind' });
  expect(await compareHead(head(tree, 5), head(treeOf(words(9, 2)), 4), nobody)).toEqual({ kind: 'forked', reason: 'other_root' });
  expect(await compareHead(head(tree, 5), head(tree, 6, 9, new Uint8Array(32).fill(2)), nobody)).toEqual({ kind: 'other_chain' });
});
