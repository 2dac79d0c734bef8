/** A node key is changed by `rotate-key begin` and `finish` (`ledger.md` 12): the chain goes on under the new one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { voteMessage } from '#ledger/block/vote.ts';
import { encodeSignedVote } from '#ledger/codec/evidence.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { audit } from '#ledger/node/audit.ts';
import { type KeyPair, loadNodeKeys } from '#ledger/node/keys.ts';
import { openSslSm2, startSm2 } from '#ledger/node/sm2-openssl.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { EVIDENCE } from '#ledger/state/evidence.ts';
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
  const { PATH = '', NODE_COMPILE_CACHE = '', NODE_OPTIONS = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'rotate-key', ...args, '--json'], {
    encoding: 'utf8',
    env: { NODE_ENV: 'test', PATH, NODE_COMPILE_CACHE, NODE_OPTIONS, DATABASE_URL: database.url, DATA_DIR: folder },
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
const nodeKey = () => loadNodeKeys({ dir: keysDir(), sm2, random: seededRandom('none').bytes, create: false });

test('with the node down the decided key takes the place of the old one, and what it signs from the next start on holds', async () => {
  const ledger = await open();
  const old = nodeKey();
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
  await convictLater(old.node);
});

/** Two epochs later the key of the first convicts by itself, the one after does not; so after a start from the disk, and in an audit. */
async function convictLater(old: KeyPair): Promise<void> {
  const third = await open('third');
  const { node } = third;
  const next = { ...node.config, epoch: 2, limits: { ...node.config.limits, idleMs: 20_000 } };
  const proposal = approve({ config: next, approvals: [] }, node.config, { chain: node.chain, sm2, key: nodeKey().governance });
  await third.sequence(node.operator.batchSign([third.body({ kind: 'config_update', ...proposal })]));
  await node.sealNow();
  while (node.config.epoch === 1) await grow(third);
  const said = (header: number, key: KeyPair): Bytes => {
    const vote = { epoch: 0, height: 3n, term: 1n, header: new Uint8Array(32).fill(header), member: 1 };
    return encodeSignedVote({ vote, sig: sm2.sign(key.privateKey, voteMessage(node.chain, vote)) });
  };
  const accuse = ({ sequence, node: at, body }: TestLedger, a: Bytes, b: Bytes) =>
    sequence(at.operator.batchSign([body({ kind: 'evidence', evidenceKind: EVIDENCE.twoVotes, a, b })]));
  expect(await accuse(third, said(1, nodeKey().node), said(2, nodeKey().node))).toMatchObject([{ code: 'evidence_invalid' }]);
  expect(await accuse(third, said(1, old), said(2, old))).toMatchObject([{ kind: 'sequenced' }]);
  await node.sealNow();
  await node.stop();
  const again = await open('once more');
  expect(await accuse(again, said(1, old), said(3, old))).toMatchObject([{ kind: 'sequenced' }]);
  await again.node.sealNow();
  expect(again.node.pending.recordsOfKind(RECORD.evidence).map(({ a }) => a)).toEqual([1n, 1n]);
  await again.node.stop();
  expect((await audit(database.sql, openSslSm2())).height).toBeGreaterThan(34n);
}
