/** kill −9 of a real process at each step of a group and of a seal, and at random moments (`ledger.md` 22, tests 1 to 3 with n = 1); a database that restarts (14). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#ledger/node/audit.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, populate, removeKeys } from '#test/support/ledger.ts';

const CHILD = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../support/ledger-child.ts');

let database: TestDatabase;
let keysDir: string;
const committed = new Set<string>();
const certified = new Map<string, string>();

beforeAll(async () => {
  database = await createTestDatabase({ max: 3 });
  keysDir = mkdtempSync(path.join(tmpdir(), 'daoju-crash-'));
});

afterAll(async () => {
  await database.drop();
  rmSync(keysDir, { recursive: true, force: true });
});

/** Runs the child until it dies by itself, or kills it after a while; collects what it was promised. */
async function runChild(
  args: readonly string[],
  killAfterMs: number | null,
): Promise<{ readonly isReady: boolean; readonly errors: string }> {
  const child = spawn(process.execPath, [CHILD, database.url, keysDir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let isReady = false;
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
    if (isReady || !output.includes('ready\n')) return;
    isReady = true;
    if (killAfterMs !== null) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const impatience = setTimeout(() => child.kill('SIGKILL'), 100_000);
  await once(child, 'close');
  clearTimeout(impatience);
  for (const line of output.split('\n').slice(0, -1)) {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'committed') committed.add(first);
    if (word === 'certified') {
      expect(certified.get(first) ?? second, `block ${first} has one header for ever`).toBe(second);
      certified.set(first, second);
    }
  }
  return { isReady, errors };
}

async function expectNothingLost(): Promise<void> {
  const { sql } = database;
  const rows = await sql<{ seq: string; tx_id: Uint8Array }[]>`select seq, tx_id from ledger.ledger_txs order by seq`;
  expect(rows.map((row) => row.seq)).toEqual(rows.map((_, at) => String(at + 1)));
  const known = new Set(rows.map((row) => toHex(row.tx_id)));
  expect([...committed].filter((txId) => !known.has(txId))).toEqual([]);
  const blocks = await sql<{ height: string; header_hash: Uint8Array }[]>`select height, header_hash from ledger.blocks`;
  const hashes = new Map(blocks.map((row) => [row.height, toHex(row.header_hash)]));
  for (const [height, hash] of certified) expect(hashes.get(height), `block ${height}`).toBe(hash);
  await audit(sql, startSm2().sm2);
}

describe('kill -9', () => {
  const STEPS = ['begin', 'inside', 'after'].flatMap((step) => ['group', 'seal'].map((kind) => ({ step, kind })));

  test('at each step of a group and of a seal loses nothing that was promised and repeats nothing', async () => {
    await runChild([], 200);
    for (const { step, kind } of STEPS) {
      const run = await runChild([step, kind, '4'], null);
      expect(run, `${step} ${kind}`).toEqual({ isReady: true, errors: '' });
      await expectNothingLost();
    }
  });

  test('at random moments, again and again', async () => {
    for (const after of [0, 3, 11, 26, 41, 77]) expect((await runChild([], after)).isReady).toBe(true);
    await expectNothingLost();
    expect(committed.size).toBeGreaterThan(20);
    expect(certified.size).toBeGreaterThan(5);
  });
});

describe('the database goes away', () => {
  test('a group fails and is undone, a block waits, and everything goes on afterwards', async () => {
    const own = await createTestDatabase({ max: 4 });
    const ledger = await openTestLedger(own.sql, {});
    const { amy, bob } = await populate(ledger, 2);
    const [env] = amy.batchSign([ledger.body({ kind: 'transfer', serial: 0n, ver: 1n, to: bob.acct, pay: ZERO_32, env: ZERO_32 })]);
    if (env === undefined) throw new Error('signed');
    const cut = async () => {
      const killer = own.connect(1);
      await killer`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      await killer.end();
    };
    const seal = ledger.node.sealNow();
    await cut();
    await seal;
    const group = ledger.node.runGroup(async (each) => {
      each.apply(env);
      await cut();
      await own.sql.begin((tx) => each.persist(tx));
    });
    // Either the pool had noticed and took a fresh connection, or the group failed and was undone: the LedgerTx is in exactly once.
    await group.catch(() => undefined);
    await ledger.sequence([env]).catch(() => sleep(200).then(() => ledger.sequence([env])));
    await ledger.node.sealNow();
    expect(toHex(ledger.node.certified.state.itemBySerial(0n)?.owner ?? ZERO_32)).toBe(toHex(bob.acct));
    expect(ledger.node.health().halted).toBeNull();
    expect((await audit(own.sql, ledger.node.sm2)).entries).toBe(6n);
    await ledger.node.stop();
    await own.drop();
    removeKeys(ledger);
  });
});
