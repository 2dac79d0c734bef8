/**
 * The whole program with its private PostgreSQL and its members, killed with SIGKILL while it starts, issues, fills accounts and trades:
 * what was answered is there when it starts again, no book disagrees, the chain verifies, and it goes on (issue 2).
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { findPort, makeDataDir, type Program, removeInstallation, runCli, startProgram } from '#test/e2e/support/program.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const POLL_MS = 200;
/** No machine is so slow that nothing at all moves for so long. */
const STANDSTILL_MS = 120_000;
const OPEN = { listings: 180, buyOrders: 50, trades: 10 };
const dataDir = makeDataDir();
let program: Program | undefined;

afterAll(() => removeInstallation(program, dataDir));

type Home = Awaited<ReturnType<Program['api']['home']['get']['query']>>;
const homeOf = (running: Program): Promise<Home> => running.api.home.get.query();

const stateOf = ({ height, classes, items, listings, buyOrders, tape }: Home): string =>
  [height, classes, items, listings, buyOrders, tape[0]?.tradeId].join(' ');

/** Fails when the market stands still before the moment is reached. */
async function reach(running: Program, moment: string, isReached: (home: Home) => boolean): Promise<Home> {
  let last = '';
  for (let since = performance.now(); performance.now() - since < STANDSTILL_MS; await sleep(POLL_MS)) {
    const home = await homeOf(running);
    if (isReached(home)) return home;
    if (stateOf(home) !== last) since = performance.now();
    last = stateOf(home);
  }
  throw new Error(`the market stands still before ${moment}: ${last}`);
}

/** The demonstration's own first trades are over: twice in a row nothing moved, since one of them may take two seconds on a slow machine. */
async function quiet(running: Program): Promise<Home> {
  let before = await homeOf(running);
  for (let still = 0; still < 2; ) {
    await sleep(2000);
    const after = await homeOf(running);
    still = stateOf({ ...after, height: before.height }) === stateOf(before) ? still + 1 : 0;
    before = after;
  }
  return before;
}

/** On the installation at rest: the commands start its PostgreSQL for themselves. */
function expectSound(command: 'reconcile' | 'verify'): void {
  const answer = runCli(dataDir, [command, '--json']);
  expect(answer, answer.stdout + answer.stderr).toMatchObject({ code: 0 });
  expect(answer.stdout.trim()).toMatch(command === 'reconcile' ? /^\{"breaks":\[\]\}$/ : /"outcome":"sound"/);
}

/** They fall into start, catalogue and first trades, however fast the machine and its members are today. */
const MOMENTS: readonly (readonly [string, (home: Home) => boolean])[] = [
  ['the start', () => true],
  ['the first kinds', ({ classes }) => classes > 0],
  ['half of the items', ({ items }) => items > 6000],
  ['the first sheets', ({ listings }) => listings > 0],
  [
    'an open market',
    ({ listings, buyOrders, tape }) => listings >= OPEN.listings && buyOrders >= OPEN.buyOrders && tape.length >= OPEN.trades,
  ],
];

test('kill -9 at any moment: nothing is lost, nothing is doubled, and it goes on', { timeout: 900_000 }, async () => {
  const random = seededRandom('crash 1');
  const port = await findPort();
  const start = async (): Promise<Program> => {
    program = await startProgram(dataDir, port, { hasPages: false });
    return program;
  };
  let before: Home | null = null;
  for (const [moment, isReached] of MOMENTS) {
    const running = await start();
    const back = await homeOf(running);
    if (before !== null) {
      expect(back.chain).toBe(before.chain);
      expect(back.height).toBeGreaterThanOrEqual(before.height);
      expect(back.classes).toBeGreaterThanOrEqual(before.classes);
    }
    before = await reach(running, moment, isReached);
    if (moment === 'an open market') before = await quiet(running);
    else await sleep((random.bytes(1)[0] ?? 0) * 4);
    await running.kill();
    // It replays the chain, and compares the books as `reconcile` does.
    expectSound(moment === 'an open market' ? 'verify' : 'reconcile');
  }

  const last = await start();
  const home = await homeOf(last);
  const { chain, classes, items, listings, buyOrders } = before ?? home;
  expect(items).toBeGreaterThan(10_000);
  expect(home).toMatchObject({ chain, classes, items, listings, buyOrders });
  expect(home.tape.map(({ tradeId }) => tradeId)).toEqual(before?.tape.map(({ tradeId }) => tradeId));
  process.stderr.write(`a start on a market that was killed took ${last.startMs} ms\n`);
  expect(await last.stop()).toBe(0);
  // What the market says of itself comes at any time: a LedgerTx of that may not have found its block yet.
  while ((await onDatabase(countWaiting)) > 0) {
    const again = await start();
    await quiet(again);
    expect(await again.stop()).toBe(0);
  }
  expectSound('verify');

  // Custody is a copy: damaged and written anew from the entries, it says what it said.
  const custody = await onDatabase(listCustody);
  await onDatabase(async (sql) => {
    await sql`update custody.items set owner = ${'0'.repeat(64)}, ver = ver + 1 where ledger_serial < 100`;
    await sql`delete from custody.hops where ver = 1`;
  });
  const rebuilt = runCli(dataDir, ['rebuild-custody', '--json']);
  expect(rebuilt, rebuilt.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('"kind":"rebuilt"') });
  expect(await onDatabase(listCustody)).toEqual(custody);
});

async function onDatabase<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  const server = await startPostgres({ dir: path.join(dataDir, 'postgres') });
  const sql = openDatabase(server.url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
    await server.stop();
  }
}

async function countWaiting(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ledger.ledger_txs where status = 'sequenced'`;
  return row?.n ?? 0;
}

/** What the ledger decides; ends of windows count from the block and may differ by its second. */
async function listCustody(sql: Sql) {
  const items = await sql`
    select item_id, ledger_serial, class_id, unit_no, owner, ver, is_burned, publicity_until from custody.items order by item_id`;
  const hops = await sql`select item_id, ver, act, from_acct, to_acct, trade_id from custody.hops order by item_id, ver`;
  const lots = await sql`select * from custody.lots order by item_id, ver`;
  return { items, hops, lots };
}
