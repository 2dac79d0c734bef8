/** `kill -9` at any moment, then start again: what was answered is there, the books agree, the chain verifies, and it goes on (issue 2). */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import {
  findPort,
  makeDataDir,
  type Program,
  removeInstallation,
  runCli,
  startProgram,
  waitFor,
  waitUntilOpen,
} from './support/program.ts';

const dataDir = makeDataDir();
let program: Program | undefined;

afterAll(() => removeInstallation(program, dataDir));

const homeOf = (running: Program) => () => running.api.home.get.query();

/** On the installation at rest: the commands start its PostgreSQL for themselves. */
function expectSound(): void {
  const reconciled = runCli(dataDir, ['reconcile', '--json']);
  expect(reconciled, reconciled.stdout + reconciled.stderr).toMatchObject({ code: 0 });
  const audited = runCli(dataDir, ['verify', '--json']);
  expect(audited, audited.stdout + audited.stderr).toMatchObject({ code: 0 });
}

/** The first answer that still stands two seconds later: the demonstration's own first trades are over. */
async function quiet(home: () => ReturnType<ReturnType<typeof homeOf>>): Promise<Awaited<ReturnType<ReturnType<typeof homeOf>>>> {
  for (;;) {
    const before = await home();
    await sleep(2000);
    const after = await home();
    if (after.listings === before.listings && after.buyOrders === before.buyOrders && after.tape[0]?.tradeId === before.tape[0]?.tradeId)
      return after;
  }
}

test('killed while the catalogue comes and while players trade: nothing is lost, nothing is doubled', async () => {
  const port = await findPort();
  const flags = { hasPages: false };
  const start = async (): Promise<Program> => {
    program = await startProgram(dataDir, port, flags);
    return program;
  };
  const first = await start();
  const during = await waitFor(homeOf(first), ({ classes }) => classes > 0, 60_000, 'the first certified kinds');
  await first.kill();
  expectSound();

  const second = await start();
  expect(second.chain).toBe(first.chain);
  const back = await homeOf(second)();
  expect(back.classes).toBeGreaterThanOrEqual(during.classes);
  expect(back.height).toBeGreaterThanOrEqual(during.height);

  // The next moment: sheets are being placed or trades are being made.
  await waitFor(homeOf(second), ({ listings }) => listings > 0, 120_000, 'the first listings');
  await sleep(300);
  await second.kill();
  expectSound();

  const third = await start();
  await waitUntilOpen(third);
  const open = await quiet(homeOf(third));
  await third.kill();
  expectSound();

  const fourth = await start();
  const last = await homeOf(fourth)();
  expect(last).toMatchObject({
    chain: first.chain,
    classes: open.classes,
    items: open.items,
    listings: open.listings,
    buyOrders: open.buyOrders,
  });
  expect(last.tape.map((trade) => trade.tradeId)).toEqual(open.tape.map((trade) => trade.tradeId));
  process.stderr.write(`a start on a market that was killed took ${fourth.startMs} ms\n`);
  expect(fourth.startMs).toBeLessThan(30_000);
  await fourth.stop();
  expectSound();
});
