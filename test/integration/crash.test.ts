/** The whole program, killed with SIGKILL while it issues, fills accounts and trades: it starts again, goes on, and no book disagrees. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

let database: TestDatabase;
let dataDir: string;
let child: ChildProcess | null = null;
beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(path.join(tmpdir(), 'daoju-crash-'));
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const environment = () => ({
  NODE_ENV: 'production' as const,
  PATH: process.env.PATH ?? '',
  DATABASE_URL: database.url,
  DATA_DIR: dataDir,
  PORT: '0',
  LOG_LEVEL: 'error',
});

async function startProgram(): Promise<ChildProcess> {
  const started = spawn(process.execPath, ['server/main.ts', '--no-pages'], {
    cwd: ROOT,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  let output = '';
  started.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  for (let round = 0; round < 400 && !output.includes('Chain '); round++) {
    if (started.exitCode !== null) throw new Error(`the program ended with ${started.exitCode}`);
    await sleep(50);
  }
  expect(output).toContain('Daoju is open at');
  return started;
}

function cli(...args: readonly string[]) {
  return spawnSync(process.execPath, ['server/cli/index.ts', ...args], { cwd: ROOT, env: environment(), encoding: 'utf8' });
}

const POLL_MS = 100;
const LATEST_MS = 240_000;

async function until(what: string, isReached: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LATEST_MS; performance.now() < end; await sleep(POLL_MS)) if (await isReached()) return;
  throw new Error(`waited too long for ${what}`);
}
const untilStarted = async () => undefined;
const untilIssued = (items: number) => () =>
  until(`${items} items`, async () => {
    const [row] = await database.sql<{ items: number }[]>`select count(*)::int as items from custody.items`;
    return (row?.items ?? 0) >= items;
  });
const untilTraded = async () => {
  await untilIssued(10_001)();
  await until('an order', async () => (await database.sql`select 1 from market.orders limit 1`).length > 0);
};

test('kill -9 at any moment: it starts again where it was, and reconcile finds nothing', { timeout: 480_000 }, async () => {
  const random = seededRandom('crash 1');
  const heights: number[] = [];
  // The moments fall into start, catalogue and first trades, however fast the machine and its four members are today.
  for (const moment of [untilStarted, untilStarted, untilIssued(1), untilIssued(6_000), untilTraded]) {
    const program = await startProgram();
    await moment();
    await sleep((random.bytes(1)[0] ?? 0) * 4);
    program.kill('SIGKILL');
    await once(program, 'exit');
    const [row] = await database.sql<{ height: number }[]>`select coalesce(max(height), 0)::int as height from ledger.blocks`;
    heights.push(row?.height ?? 0);
    const books = cli('reconcile', '--json');
    expect([books.stdout.trim(), books.status]).toEqual(['{"breaks":[]}', 0]);
  }
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
  expect(cli('verify', '--json')).toMatchObject({ status: 0, stdout: expect.stringContaining('"outcome":"sound"') });
  const program = await startProgram();
  program.kill('SIGTERM');
  const [code] = await once(program, 'exit');
  expect(code).toBe(0);
  const [row] =
    await database.sql`select (select count(*)::int from custody.items) > 10000 as issued, exists (select from market.orders) as traded`;
  expect(row).toEqual({ issued: true, traded: true });

  // Custody is a copy: damaged and written anew from the entries, it says what it said.
  const before = await custody();
  await database.sql`update custody.items set owner = ${'0'.repeat(64)}, ver = ver + 1 where ledger_serial < 100`;
  await database.sql`delete from custody.hops where ver = 1`;
  expect(cli('rebuild-custody', '--json')).toMatchObject({ status: 0, stdout: expect.stringContaining('"kind":"rebuilt"') });
  expect(await custody()).toEqual(before);
});

/** What the ledger decides; ends of windows count from the block and may differ by its second. */
async function custody() {
  const items = await database.sql`
    select item_id, ledger_serial, class_id, unit_no, owner, ver, is_burned, publicity_until from custody.items order by item_id`;
  const hops = await database.sql`select item_id, ver, act, from_acct, to_acct, trade_id from custody.hops order by item_id, ver`;
  const lots = await database.sql`select * from custody.lots order by item_id, ver`;
  return { items, hops, lots };
}
