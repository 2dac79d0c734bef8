/** `npm run --silent cli`: answers on stdout alone, exit codes as promised (product O-06, O-12). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lintConfig } from '#ledger/block/lint.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { parseProposal } from '#server/members/governance.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { startTestServer, type TestServer } from '#test/support/server.ts';

const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(path.join(tmpdir(), 'daoju-cli-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

/** How Node itself starts, and nothing else of what stands around. */
const { PATH = '', NODE_COMPILE_CACHE = '', NODE_OPTIONS = '' } = process.env;

function cli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = { DATABASE_URL: server.database.url, DATA_DIR: server.dataDir },
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { NODE_ENV: 'test', PATH, NODE_COMPILE_CACHE, NODE_OPTIONS, ...environment },
  });
  return { status, stdout, stderr };
}

test('status answers while the server runs', () => {
  const { status, stdout, stderr } = cli(['status', '--json']);
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ players: 24, isServerRunning: true, chain: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

describe('verify', () => {
  test('alone: replays the chain, 0 when sound and 1 with the place when a table was changed', async () => {
    await server.services.ledger.sealNow();
    expect(cli(['verify', '--json'])).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"sound"') });
    const [row] = await server.database.sql<{ serial: string }[]>`select serial::text from ledger.accounts order by serial limit 1`;
    await server.database
      .sql`update ledger.accounts set leaf = set_byte(leaf, 60, (get_byte(leaf, 60) + 1) % 256) where serial = ${row?.serial ?? '0'}`;
    const broken = cli(['verify', '--json']);
    await server.database
      .sql`update ledger.accounts set leaf = set_byte(leaf, 60, (get_byte(leaf, 60) + 255) % 256) where serial = ${row?.serial ?? '0'}`;
    expect(broken).toMatchObject({ status: 1, stdout: expect.stringContaining('"outcome":"broken"') });
    expect(cli(['verify']).status).toBe(0);
  });

  test('FILE: a file that is no receipt is told from one that proves nothing', () => {
    const file = path.join(folder, 'no-receipt');
    writeFileSync(file, 'hello');
    const malformed = cli(['verify', file, '--chain', '00'.repeat(32)]);
    expect(malformed).toMatchObject({ status: 2 });
    // The auditor's own answer, not a complaint about its options.
    expect(malformed.stdout + malformed.stderr).toContain('E10');
    expect(cli(['verify', path.join(folder, 'absent')]).status).toBe(2);
  });
});

describe('what a member’s staff does', () => {
  test('audit, scrub and genesis show say what is there; scrub names a leaf that somebody altered', async () => {
    expect(cli(['audit', '--json'])).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"sound"') });
    expect(cli(['scrub', '--json'])).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"sound"') });
    const { status, stdout } = cli(['genesis', 'show', '--json']);
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { demonstration: 1, predecessor: null }]);
    const { sql } = server.database;
    const [row] = await sql<{ serial: string }[]>`select serial::text from ledger.accounts order by serial desc limit 1`;
    const change = (by: number) =>
      sql`update ledger.accounts set leaf = set_byte(leaf, 60, (get_byte(leaf, 60) + ${by}) % 256) where serial = ${row?.serial ?? '0'}`;
    await change(1);
    const broken = cli(['scrub', '--json']);
    await change(255);
    expect(broken).toMatchObject({ status: 1, stdout: expect.stringContaining(`accounts ${row?.serial}`) });
  });

  test('snapshot writes a folder that proves itself, and refuses it when a bit is another', () => {
    const to = path.join(folder, 'archive');
    expect(cli(['snapshot', '--to', to, '--json'])).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"made"') });
    expect(cli(['snapshot', '--verify', to, '--json'])).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"proven"') });
    writeFileSync(path.join(to, 'r2-0.gz'), gzipSync('nothing'));
    expect(cli(['snapshot', '--verify', to])).toMatchObject({ status: 1, stdout: expect.stringContaining('snapshot_chunk') });
  });

  test('rotate-key proposes a node key that the member has proven, and finishes only when it is in force', () => {
    const proposal = path.join(folder, 'rotation.json');
    expect(cli(['rotate-key', 'begin', '--to', proposal, '--json'])).toMatchObject({ status: 0 });
    const { config } = parseProposal(readFileSync(proposal, 'utf8'));
    const { sm2 } = startSm2();
    expect(lintConfig(config, { verify: sm2.verify.bind(sm2) }).errors).toEqual([]);
    const before = server.services.ledger.config.members[0];
    const [after] = config.members;
    expect(config.epoch).toBe(1);
    expect(after?.pub).not.toEqual(before?.pub);
    expect({ ...after, pub: before?.pub, cert: before?.cert, pop: before?.pop }).toEqual(before);
    expect(cli(['rotate-key', 'finish', '--json'])).toMatchObject({ status: 3, stdout: expect.stringContaining('not_in_force') });
  });

  test('seal on a chain of one member has nobody to seal with', () => {
    expect(cli(['seal', '--json'])).toMatchObject({ status: 1, stdout: expect.stringContaining('alone') });
  });
});

test('backup and restore: two files beside a running market, and another place that holds the same; a wrong one leaves nothing behind', async () => {
  const [passphrase, other] = [path.join(folder, 'passphrase'), path.join(folder, 'other')];
  writeFileSync(passphrase, 'a passphrase of its own\n');
  writeFileSync(other, 'another passphrase\n');
  // What is built is stored first: a block in memory is no block of the backup yet, and nothing moves while a command keeps this thread.
  await server.services.ledger.sealNow();
  const height = Number(server.services.ledger.certified.height);
  const backed = cli(['backup', '--to', folder, '--passphrase-file', passphrase, '--json']);
  expect(backed).toMatchObject({ status: 0, stderr: '' });
  const { data, keys } = JSON.parse(backed.stdout);
  expect([data, keys].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(await (await fetch(`${server.base}/metrics`)).text()).toMatch(/^daoju_backup_age_seconds \d/m);

  const elsewhere = await createTestDatabase();
  const to = { DATABASE_URL: elsewhere.url, DATA_DIR: path.join(folder, 'elsewhere') };
  const restore = (file: string, secret: string) => cli(['restore', file, '--keys', keys, '--passphrase-file', secret, '--json'], to);
  expect(restore(data, other)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('passphrase is not the one') });
  const damaged = path.join(folder, 'damaged.backup');
  writeFileSync(damaged, gzipSync(gunzipSync(readFileSync(data)).subarray(0, -200)));
  expect(restore(damaged, passphrase)).toMatchObject({ status: 1, stdout: expect.stringContaining('"outcome":"refused"') });
  // Neither attempt bars the right one.
  const { status, stdout } = restore(data, passphrase);
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { outcome: 'restored', breaks: 0, verified: { height: String(height) } }]);
  expect(await elsewhere.sql`select 1 from operations.backups`).toHaveLength(1);
  expect(restore(data, passphrase)).toMatchObject({ status: 2, stderr: expect.stringContaining('holds keys already') });
  await elsewhere.drop();
});

test('rebuild waits for nobody: it refuses while a server runs', () => {
  const { status, stderr } = cli(['rebuild']);
  expect(status).toBe(2);
  expect(stderr).toContain('another process runs it');
});

test('export-log writes a line per entry', () => {
  const { status, stdout } = cli(['export-log', '--from', '1']);
  expect(status).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ index: '1', entry: expect.stringMatching(/^01/) });
});

test('an unknown command and a place without a market', () => {
  expect(cli(['conjure'])).toMatchObject({ status: 2, stdout: '' });
  expect(cli(['status'], { DATA_DIR: path.join(folder, 'nothing') })).toMatchObject({ status: 3, stdout: '' });
  expect(cli(['status'], { DATA_DIR: folder, DATABASE_URL: 'mysql://x' })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('DATABASE_URL'),
  });
});

test('match and assess need no installation', () => {
  const orders = path.join(folder, 'orders.ndjson');
  const order = (id: string, account: string, side: string) =>
    JSON.stringify({ type: 'place', id, account, side, price: '101', quantity: '3', tif: 'gtc' });
  writeFileSync(orders, `${order('1', 'a', 'buy')}\n${order('2', 'b', 'sell')}\n`);
  const { status, stdout } = cli(['match', orders], {});
  expect([status, JSON.parse(stdout)]).toEqual([0, { type: 'fill', maker: '1', taker: '2', price: '101', quantity: '3' }]);
});
