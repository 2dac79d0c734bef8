/** Found on a market left alone for ten minutes: the feed's heads are attested in a block of their own, an Attest changes no leaf, and the
 *  empty list of leaves of a lone entry was read as null, so that the block could not be stored and the ledger halted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, removeKeys, type TestLedger } from '#test/support/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await openTestLedger(database.sql);
});

afterAll(async () => {
  await ledger.node.stop();
  await database.drop();
  removeKeys(ledger);
});

test('a block whose only entry changes no leaf is certified', async () => {
  const { node } = ledger;
  const doc = new Uint8Array(32).fill(7);
  const envs = node.operator.batchSign([ledger.body({ kind: 'attest', subject: { kind: 'none' }, attestKind: 5, doc })]);
  const [result] = await ledger.sequence(envs);
  expect(result?.kind).toBe('sequenced');
  await node.sealNow();
  expect(node.health().halted).toBeNull();
  expect(node.certified.height).toBe(1n);
  if (result?.kind === 'sequenced') expect(await node.receipt(result.txId)).not.toBeNull();
});
