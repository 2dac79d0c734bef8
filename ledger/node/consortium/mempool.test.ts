/** What waits at a member that sequences nothing: in the order of the sequence, whatever became of the messages. */
import { expect, test } from 'vitest';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { bytes32, mint, trade, World } from '#test/vectors/ledger-world.ts';
import { Mempool } from './mempool.ts';

function mempoolOf(world: World, judge?: (env: TxEnv) => 'envelope_open' | null): Mempool {
  return new Mempool({
    state: world.state,
    context: () => world.context(),
    preverify: async () => undefined,
    waiting: [],
    ...(judge === undefined ? {} : { judge }),
  });
}

const names = (mempool: Mempool): readonly string[] => mempool.waiting.map(({ txId }) => toHex(txId));
const ids = (envs: readonly TxEnv[]): readonly string[] => envs.map((env) => toHex(txIdOf(env.body)));

test('serials at a member are those of the sequence although its first message was lost and came again', async () => {
  const world = new World().withItems(1);
  const envs = ['shield', 'helmet', 'boots'].map((name) => world.env(mint(0, [name]), ['studio']));
  const mempool = mempoolOf(world);
  await mempool.admit(envs.slice(1), true);
  expect(mempool.pending.itemByExt(0, bytes32('helmet'))?.serial).toBe(1n);
  await mempool.admit(envs, true);
  expect(names(mempool)).toEqual(ids(envs));
  const serials = ['shield', 'helmet', 'boots'].map((name) => mempool.pending.itemByExt(0, bytes32(name))?.serial);
  expect(serials).toEqual([1n, 2n, 3n]);
});

test('anybody else brings LedgerTx and no order', async () => {
  const world = new World().withItems(1);
  const envs = ['shield', 'helmet'].map((name) => world.env(mint(0, [name]), ['studio']));
  const mempool = mempoolOf(world);
  await mempool.admit(envs.slice(1), true);
  await mempool.admit(envs, false);
  expect(names(mempool)).toEqual(ids([...envs].reverse()));
});

test('what the member would refuse in a block is not taken, whoever brings it', async () => {
  const world = new World().withItems(1);
  const env = world.env(trade(world.sell('alice', [0n]), world.buy('bob'), [0n]), ['operator']);
  const mempool = mempoolOf(world, () => 'envelope_open');
  expect(await mempool.submit(env)).toEqual({ kind: 'rejected', code: 'envelope_open' });
  expect(await mempool.admit([env], true)).toEqual([]);
  expect(await mempoolOf(world).submit(env)).toMatchObject({ kind: 'admitted' });
});
