/** The node on a real PostgreSQL: sequencing, sealing, restart, receipts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CertifiedBlock, LedgerNode } from '#ledger/node/ledger-node.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, populate, removeKeys, type TestLedger } from '#test/support/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;
let node: LedgerNode;

beforeEach(async () => {
  database = await createTestDatabase();
  ledger = await openTestLedger(database.sql);
  node = ledger.node;
});

afterEach(async () => {
  await node.stop();
  await database.drop();
  removeKeys(ledger);
});

describe('a chain begins', () => {
  test('organisations of genesis have accounts; height 0 has no votes', () => {
    expect(node.certified.height).toBe(0n);
    expect(node.certified.finality).toBeNull();
    expect(node.pending.accountById(node.operator.acct)?.kind).toBe(2);
    expect(node.demo).not.toBeNull();
  });
});

describe('from a group to a certified block', () => {
  test('accounts, a class, a mint and a transfer are certified with one vote each', async () => {
    const blocks: CertifiedBlock[] = [];
    node.onCertified((block) => blocks.push(block));
    const { amy, bob } = await populate(ledger, 3);
    await node.sealNow();
    const [env] = amy.batchSign([ledger.body({ kind: 'transfer', serial: 1n, ver: 1n, to: bob.acct, pay: ZERO_32, env: ZERO_32 })]);
    if (env === undefined) throw new Error('signed');
    const [result] = await ledger.sequence([env]);
    expect(result?.kind).toBe('sequenced');
    if (result?.kind !== 'sequenced') return;
    expect((await node.status(result.txId))?.status).toBe('sequenced');
    await node.sealNow();
    expect(await node.status(result.txId)).toMatchObject({ status: 'certified', height: 2n, index: 5n, signers: ['Operator'] });
    expect(toHex(node.certified.state.itemBySerial(1n)?.owner ?? ZERO_32)).toBe(toHex(bob.acct));
    expect(blocks.map((block) => [block.height, block.txs.length])).toEqual([
      [1n, 5],
      [2n, 1],
    ]);
    expect(await node.receipt(result.txId)).not.toBeNull();
    expect(await node.passport(1n)).not.toBeNull();
  });
});
