/**
 * The drill `engine-lost` stood still: with a base the configuration of the next height is still the old one, and the node kept the engine of
 * that. Four members lose their engine in the middle of a round, seal, and go on with the engine that the Recovery names.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { OrderingEngine } from '#ledger/node/engines/ordering-engine.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { insertSealOrder } from '#ledger/node/signer/signing-records.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import type { AccountSigner } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { openDatabase, type Sql } from '#server/db.ts';
import type { MemberSite } from '#server/members/member-site.ts';
import { approveRecovery, draft, faultOf, type SealStatement, sealStatement, tellMember } from '#server/members/recovery.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { populate } from '#test/support/ledger.ts';

const { sm2 } = startSm2();
let consortium: TestConsortium;
let people: { readonly amy: AccountSigner; readonly bob: AccountSigner };
let engines: readonly [TestDatabase, TestDatabase];
let isLost = false;

/** Whatever asks the first engine after it is lost hears nothing useful. */
function losable(engine: OrderingEngine): OrderingEngine {
  return new Proxy(engine, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]) => {
        if (isLost && name !== 'close' && name !== 'watch') return Promise.reject(new Error('the engine is gone'));
        return Reflect.apply(value, target, args);
      };
    },
  });
}

async function openEngine(_: number, config: ConsortiumConfig): Promise<OrderingEngine> {
  const isNew = config.ordering.params.length > 0;
  const engine = await openPgEngine(openDatabase(engines[isNew ? 1 : 0].url, { max: 3 }));
  return isNew ? engine : losable(engine);
}

beforeAll(async () => {
  engines = [await createTestDatabase(), await createTestDatabase()];
  consortium = await openTestConsortium({ openEngine });
  consortium.operator.node.start();
  await Promise.all(consortium.members.map((member) => member.start()));
  people = await populate(consortium.operator, 3);
  await consortium.operator.node.sealNow();
});
afterAll(async () => {
  await consortium?.stop();
  for (const engine of engines) await engine.drop();
});

const sites = (): readonly { readonly id: number; readonly sql: Sql; readonly site: MemberSite }[] => {
  const { operator, operatorDatabase, members } = consortium;
  const { config, chain, certified } = operator.node;
  const operatorKeys = loadNodeKeys({ dir: operator.keysDir, sm2, random: systemRandom, create: false });
  const all = [
    { id: 1, keys: operatorKeys, sql: operatorDatabase.sql },
    ...members.map(({ id, keys, database }) => ({ id, keys, sql: database.sql })),
  ];
  return all.map(({ id, keys, sql }) => {
    const self = config.members.find((member) => member.id === id) ?? null;
    return { id, sql, site: { chain, config, configs: [config], height: certified.height, keys, self } };
  });
};

test('with a block endorsed and not decided, the members go on with the engine that their Recovery names', async () => {
  const { operator } = consortium;
  const before = operator.node.certified.height;
  isLost = true;
  await operator.sequence(
    people.amy.batchSign([operator.body({ kind: 'transfer', serial: 0n, ver: 1n, to: people.bob.acct, pay: ZERO_32, env: ZERO_32 })]),
  );
  // Endorsed by all, and nobody to decide it.
  await expect.poll(() => operator.node.consortium()?.endorsed.length, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(3);

  const [first, ...others] = sites();
  assert(first !== undefined, 'the operator is a member');
  const statements: SealStatement[] = [];
  for (const { sql } of [first, ...others]) await insertSealOrder(sql, 1, 0);
  for (const { sql } of [first, ...others]) {
    await expect.poll(async () => (await sealStatement(sql, 1)) !== null, { timeout: 20_000, interval: 100 }).toBe(true);
    const statement = await sealStatement(sql, 1);
    if (statement !== null) statements.push(statement);
  }
  expect(operator.node.certified.height).toBe(before);
  const engine = new Uint8Array(16).fill(7);
  const drafted = draft(first.site.config, { statements, leaves: [], engine, isLastResort: false, receipts: [], now: 1 });
  expect(drafted.base?.header.height).toBe(before + 1n);
  const approved = [first, ...others].reduce((recovery, { site }) => approveRecovery(recovery, site), drafted);
  expect(faultOf(approved, first.site)).toBeNull();
  expect(faultOf(drafted, first.site)).toBe('recovery_approvals');
  await tellMember(consortium.endpointOf(3), first.site, { kind: 'recovery', recovery: approved });

  await operator.node.sealNow();
  expect(operator.node.certified.height).toBe(before + 1n);
  expect(operator.node.certified.finality?.epoch).toBe(1);
  // The next block is the first of the new epoch by its own header.
  const results = await operator.sequence(
    people.amy.batchSign([operator.body({ kind: 'transfer', serial: 1n, ver: 1n, to: people.bob.acct, pay: ZERO_32, env: ZERO_32 })]),
  );
  await operator.node.sealNow();
  expect(operator.node.certified.header.epoch).toBe(1);
  const [result] = results;
  assert(result?.kind === 'sequenced', 'it is sequenced');
  await expect.poll(async () => (await operator.node.status(result.txId))?.status, { timeout: 10_000, interval: 20 }).toBe('certified');
  const receipt = await operator.node.receipt(result.txId);
  assert(receipt !== null, 'it has a receipt');
  expect(verifyReceipt(receipt, { chain: operator.node.chain, sm2 }).outcome).toBe('proven');
  const even = () =>
    consortium.members.every(({ node }) => node !== null && toHex(node.certified.headerHash) === toHex(operator.node.certified.headerHash));
  await expect.poll(even, { timeout: 20_000, interval: 50 }).toBe(true);
});
