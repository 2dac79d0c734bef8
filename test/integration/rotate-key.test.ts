/** A node key is changed by `rotate-key begin` and `finish` (`ledger.md` 12): the chain goes on under the new one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '#ledger/node/audit.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { openSslSm2, startSm2 } from '#ledger/node/sm2-openssl.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import { approve, parseProposal } from '#server/members/governance.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, type TestLedger } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');
const { sm2 } = startSm2();
let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'daoju-rotation-'));
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const keysDir = () => path.join(folder, 'keys');
const open = (seed = 'first'): Promise<TestLedger> => openTestLedger(database.sql, { keysDir: keysDir(), seed });
function rotate(...args: readonly string[]) {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'rotate-key', ...args, '--json'], {
    encoding: 'utf8',
    env: { NODE_ENV: 'test', PATH, NODE_COMPILE_CACHE, DATABASE_URL: database.url, DATA_DIR: folder },
  });
  return { status, stdout, stderr };
}
/** An entry of no consequence, and the block that it makes. */
async function grow({ node, body, sequence }: TestLedger): Promise<void> {
  const results = await sequence(
    node.operator.batchSign([body({ kind: 'attest', subject: { kind: 'none' }, attestKind: 4, doc: ZERO_32 })]),
  );
  expect(results).toMatchObject([{ kind: 'sequenced' }]);
  await node.sealNow();
}

test('with the node down the decided key takes the place of the old one, and what it signs from the next start on holds', async () => {
  const ledger = await open();
  const old = loadNodeKeys({ dir: keysDir(), sm2, random: seededRandom('none').bytes, create: false });
  const file = path.join(folder, 'rotation.json');
  expect(rotate('begin', '--to', file)).toMatchObject({ status: 0 });
  const ground = { chain: ledger.node.chain, sm2, key: old.governance };
  const proposal = approve(parseProposal(readFileSync(file, 'utf8')), ledger.node.config, ground);
  const [taken] = await ledger.sequence(ledger.node.operator.batchSign([ledger.body({ kind: 'config_update', ...proposal })]));
  expect(taken).toMatchObject({ kind: 'sequenced' });
  await ledger.node.sealNow();
  while (ledger.node.config.epoch === 0) await grow(ledger);
  expect(ledger.node.config.members[0]?.pub).not.toEqual(old.node.publicKey);
  await ledger.node.stop();
  expect(rotate('finish')).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"rotated"') });
  expect(readdirSync(keysDir())).toContain('node-before-1.pem');
  const again = await open('again');
  const { height } = again.node.certified;
  await grow(again);
  expect([again.node.certified.height, again.node.health().halted]).toEqual([height + 1n, null]);
  await again.node.stop();
  expect((await audit(database.sql, openSslSm2())).height).toBe(height + 1n);
});
