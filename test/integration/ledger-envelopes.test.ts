/** Envelopes of a Trade: the supervisor opens everything, a party its side, nobody else anything (`ledger.md` 15.2). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitmentOf, discloseFields, envHash, openPart } from '#ledger/crypto/envelope.ts';
import { AUDIENCE, decodeEnvelope, decodeKeyGrant, SLOT } from '#ledger/crypto/envelope-codec.ts';
import { openGrant, verifyGrant } from '#ledger/crypto/key-grant.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, populate, removeKeys, type TestLedger } from '#test/support/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await openTestLedger(database.sql);
  await populate(ledger, 1);
});

afterAll(async () => {
  await ledger.node.stop();
  await database.drop();
  removeKeys(ledger);
});

test('a supervisor opens the sealed price with the key it was granted, and finds the commitment', async () => {
  const { node, random, clock } = ledger;
  const fields = Array.from({ length: 16 }, (_, id) => ({
    salt: random(16),
    value: new Uint8Array(id === 1 ? [57, 48, 0, 0, 0, 0, 0, 0] : []),
  }));
  const pay = discloseFields(SLOT.pay, fields);
  const inputs = [0, 1].map((at) => ({ ref: new Uint8Array(16).fill(at), supervisors: [pay], seller: null, buyer: null }));
  const sealed = node.envelopes.seal(inputs, BigInt(clock.now));
  await database.sql.begin((tx) => node.envelopes.persist(tx, sealed));
  const [first] = sealed;
  assert(first !== undefined && node.demo !== null, 'sealed on a demonstration chain');
  const stored = await node.envelopes.read(first.hash);
  assert(stored !== null, 'the envelope is stored');
  expect(toHex(envHash(decodeEnvelope(stored)))).toBe(toHex(first.hash));

  const grants = await node.envelopes.grantsOf(node.demo.supervisor.acct);
  expect(grants).toHaveLength(1);
  const grant = decodeKeyGrant(grants[0]?.grant ?? new Uint8Array(0));
  expect(
    verifyGrant(node.sm2, node.config.members[0]?.pub ?? new Uint8Array(64), { grant, sig: grants[0]?.sig ?? new Uint8Array(64) }),
  ).toBe(true);
  const key = openGrant(demonstrationKeys('supervisor').encPrivateKey, grant);
  assert(key !== null, 'the grant is for this key');
  const opened = openPart(decodeEnvelope(stored), AUDIENCE.supervisors, { kid: grant.kid, key });
  assert(opened.kind === 'opened', 'the part opens');
  expect(opened.disclosures.map(commitmentOf).map((root: Bytes) => toHex(root))).toEqual([toHex(commitmentOf(pay))]);
  expect(openGrant(demonstrationKeys('notary').encPrivateKey, grant)).toBeNull();
});
