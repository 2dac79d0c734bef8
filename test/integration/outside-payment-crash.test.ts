/** P-21, killed with SIGKILL at any moment between reservation, payment, callback and settlement: the books agree after each, and in the
 *  end every reservation is settled or failed, no money is lost or made, and no item is left promised. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#server/clock.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { drawBelow } from '#server/random.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { fakeClock } from '#test/support/fake-clock.ts';
import { listBroken } from '#test/support/invariants.ts';
import { openMarketRig } from '#test/support/market-rig.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const NODE = path.resolve('node_modules/.bin/node');
/** Paid at once, paid too late, declined: the third is reserved after the first was paid. */
const RESERVATIONS = 3;
let database: TestDatabase;
let keysDir: string;
let child: ChildProcess | null = null;
beforeAll(async () => {
  database = await createTestDatabase({ max: 6 });
  keysDir = mkdtempSync(path.join(tmpdir(), 'daoju-purchases-'));
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await database.drop();
  rmSync(keysDir, { recursive: true, force: true });
});

test('kill -9 at any step of a purchase paid from outside', async () => {
  const random = seededRandom('purchases 1');
  const began = systemClock.now();
  const reserved = new Set<string>();
  for (let life = 0; life < 6; life++) {
    const started = spawn(NODE, ['test/support/purchase-child.ts', database.url, keysDir, String(began)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    const lines = createInterface({ input: started.stdout });
    const known = reserved.size;
    await new Promise<void>((resolve, reject) => {
      started.once('exit', (code) => reject(new Error(`the market ended with ${String(code)}`)));
      lines.on('line', (line) => {
        if (line !== 'ready') reserved.add(line.slice('reserved '.length));
        // Each way to pay has come up, however slow the machine is.
        if (reserved.size - known === RESERVATIONS) resolve();
      });
    });
    await sleep(drawBelow(random, 2_500));
    started.removeAllListeners('exit');
    started.kill('SIGKILL');
    await once(started, 'exit');
    const found = await reconcile({ sql: database.sql, clock: systemClock, random, ledger: null });
    expect(found).toEqual([]);
    expect(await listBroken(database.sql)).toEqual([]);
  }
  expect(reserved.size).toBeGreaterThan(6);

  // Nobody buys any more: the next market brings everything to its end.
  const clock = fakeClock(new Date(began + (systemClock.now() - began) * 60 + 1_000).toISOString());
  const rig = await openMarketRig(database.sql, { clock, keysDir, random, isManual: true });
  for (let turn = 0; turn < 60; turn++) {
    clock.advance(20_000);
    await rig.certify();
  }
  const states = await database.sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from market.trades where trade_id in ${database.sql([...reserved])} group by state order by state`;
  expect(states.map(({ state }) => state)).toEqual(['failed', 'protected']);
  expect(states.reduce((sum, { count }) => sum + count, 0)).toBe(reserved.size);
  const [open] = await database.sql`select
    (select count(*)::int from payments.transfers where ended_at is null) as transfers,
    (select count(*)::int from payments.refunds where ended_at is null) as refunds,
    (select count(*)::int from journal.holds where state = 'open') as holds`;
  expect(open).toEqual({ transfers: 0, refunds: 0, holds: 0 });
  expect(await reconcile({ sql: database.sql, clock, random, ledger: rig.ledger })).toEqual([]);
  await rig.stop();
});
