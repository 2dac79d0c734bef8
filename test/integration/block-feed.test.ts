/** Every certified block reaches the public room once, whatever was restarted in between. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '#server/log.ts';
import { openOutbox } from '#server/outbox/open-outbox.ts';
import { announceBlocks } from '#server/sealing/announce-blocks.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { fakeClock } from '#test/support/fake-clock.ts';
import { openTestLedger, populate, removeKeys, type TestLedger } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

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

test('blocks are announced in order, each once', async () => {
  const ground = { sql: database.sql, clock: fakeClock(), random: seededRandom('blocks'), log: silentLog, ledger: ledger.node };
  const outbox = openOutbox(ground);
  const heights = async () =>
    (await outbox.list('public', 0, 100)).filter(({ type }) => type === 'ledger.block').map(({ body }) => body.height);
  await populate(ledger, 2);
  await ledger.node.sealNow();
  await announceBlocks(ground, outbox).turn();
  expect(await heights()).toEqual(['1']);
  const [env] = ledger.node.operator.batchSign([
    ledger.body({ kind: 'attest', subject: { kind: 'none' }, attestKind: 5, doc: new Uint8Array(32).fill(1) }),
  ]);
  if (env === undefined) throw new Error('one body, one env');
  await ledger.sequence([env]);
  ledger.clock.now += 1000;
  await ledger.node.sealNow();
  const again = announceBlocks(ground, outbox);
  await again.turn();
  await again.turn();
  expect(await heights()).toEqual(['1', '2']);
});
