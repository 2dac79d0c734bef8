/** A message dropped, repeated, swapped or altered between the database and the screen, or in the outbox itself: the console names its number (V-04). */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instant } from '#ledger/primitives/instant.ts';
import { openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import type { FeedBatch, FeedMessage } from '#server/realtime/events.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { findPort, makeDataDir, type Program, removeInstallation, startProgram } from './support/program.ts';
import { signInAs, type Visitor, visit } from './support/visitor.ts';

const ROOM = 'sup:tax';
const MESSAGES = 9;
const AT = Date.UTC(2026, 10, 27) as Instant;
const dataDir = makeDataDir();
let program: Program;
let browser: Browser;
let sql: Sql;
let detach: () => Promise<void>;
let tax: string;

beforeAll(async () => {
  // The feed is the operator's alone.
  const starting = findPort().then((port) => startProgram(dataDir, port, { hasCatalogue: false, isAlone: true }));
  [browser, program] = await Promise.all([launchBrowser(), starting]);
  // The program's own PostgreSQL: this process attaches to it, as an intruder with its files would.
  const postgres = await startPostgres({ dir: `${dataDir}/postgres` });
  sql = openDatabase(postgres.url, { max: 2 });
  detach = async () => {
    await sql.end();
    await postgres.stop();
  };
  await append(MESSAGES);
  const accounts = await program.api.session.demoAccounts.query();
  tax = accounts.find(({ role }) => role === 'sup_tax')?.name ?? '';
});
afterAll(async () => {
  await browser?.close();
  await detach?.();
  await removeInstallation(program, dataDir);
});

async function append(count: number): Promise<void> {
  const body = (n: number) => ({ tradeId: `trd_${String(n).padStart(32, '0')}`, sellerRef: 'acc', grossFen: '100', lines: [], flags: [] });
  const messages = Array.from({ length: count }, (_, n) => ({ room: ROOM, type: 'tax.trade.assessed', at: AT, body: body(n) }));
  await sql.begin((tx) => appendOutbox(tx, messages));
}

type Tamper = (messages: readonly FeedMessage[]) => readonly FeedMessage[];

/** Sits between the server and the page, as whoever holds the wire does. */
async function sitBetween(page: Page, tamper: Tamper): Promise<void> {
  const frame = /^(42\/supervisor,\d*)(\[.*\])$/s;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => server.send(text));
    server.onMessage((text) =>
      socket.send(typeof text === 'string' ? text.replace(frame, (_, head: string, json: string) => head + rewrite(json, tamper)) : text),
    );
  });
}

function rewrite(json: string, tamper: Tamper): string {
  const [event, batch]: [string, FeedBatch] = JSON.parse(json);
  if (event !== 'feed.batch' || batch.room !== ROOM) return json;
  return JSON.stringify([event, { ...batch, messages: tamper(batch.messages) }]);
}

async function openConsole(tamper: Tamper): Promise<Visitor> {
  const visitor = await visit(browser, program.base);
  await sitBetween(visitor.page, tamper);
  await signInAs(visitor, tax, /\/supervisor/);
  return visitor;
}

const line = (page: Page, state: string) => page.locator(`[data-feed="${state}"][data-room="${ROOM}"]`);

/** The proof that the console offers holds the number that it names. */
async function expectNamed(page: Page, seq: number, code: string, ms = 60_000): Promise<void> {
  await line(page, 'broken').waitFor({ timeout: ms });
  const text = await line(page, 'broken').innerText();
  expect(text).toContain(`no. ${seq}`);
  expect(text).toContain(code);
  const [download] = await Promise.all([page.waitForEvent('download'), line(page, 'broken').getByRole('button').click()]);
  expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({ seq, code });
}

const changed = (message: FeedMessage): FeedMessage => ({ ...message, body: { ...message.body, grossFen: '1' } });

describe('between the server and the screen', () => {
  // What is withheld is missed only when a signed head says so, a while later: this screen waits while the others are looked at.
  let waiting: Visitor;
  beforeAll(async () => {
    waiting = await openConsole((all) => all.filter(({ seq }) => seq !== MESSAGES));
  });

  test.each<[string, Tamper, number, string]>([
    ['dropped', (all) => all.filter(({ seq }) => seq !== 5), 5, 'gap'],
    [
      'swapped',
      (all) => all.map(({ seq }, n) => (seq === 5 ? all[n + 1] : seq === 6 ? all[n - 1] : all[n])).flatMap((each) => each ?? []),
      5,
      'gap',
    ],
    ['altered', (all) => all.map((each) => (each.seq === 5 ? changed(each) : each)), 5, 'body_changed'],
    ['unchained', (all) => all.map((each) => (each.seq === 5 ? { ...each, prevHash: 'ab'.repeat(32) } : each)), 5, 'chain_broken'],
    [
      'dated otherwise',
      (all) => all.map((each) => (each.seq === 5 ? { ...each, ts: '2026-01-01T00:00:00.000Z' } : each)),
      6,
      'chain_broken',
    ],
  ])('one message %s is named', async (_, tamper, seq, code) => {
    const { page, context } = await openConsole(tamper);
    await expectNamed(page, seq, code);
    await context.close();
  });

  test('one message repeated is shown once, and the room is complete', async () => {
    const { page, context } = await openConsole((all) => all.flatMap((each) => (each.seq === 5 ? [each, each] : [each])));
    await line(page, 'complete').waitFor();
    await page
      .locator('[data-message-type="tax.trade.assessed"]')
      .nth(MESSAGES - 1)
      .waitFor();
    expect(await page.locator('[data-message-type="tax.trade.assessed"]').count()).toBe(MESSAGES);
    await context.close();
  });

  test('the newest message held back for good is named, although nothing follows it', async () => {
    await expectNamed(waiting.page, MESSAGES, 'withheld', 90_000);
    await waiting.context.close();
  });
});

describe('in the outbox itself, by somebody who owns the database', () => {
  /** The database's own guards have to be switched off first. */
  async function tamper(work: (tx: Parameters<Parameters<Sql['begin']>[1]>[0]) => Promise<unknown>): Promise<void> {
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await work(tx);
    });
  }

  test('its guards refuse a change and a removal', async () => {
    await expect(sql`update outbox.messages set body = '{}' where room = ${ROOM} and seq = 4`).rejects.toThrow(/insert-only/);
    await expect(sql`delete from outbox.messages where room = ${ROOM} and seq = 4`).rejects.toThrow(/insert-only/);
  });

  test('a row altered past the guards is named', async () => {
    const [row] = await sql<{ body: string }[]>`select body from outbox.messages where room = ${ROOM} and seq = 4`;
    await tamper((tx) => tx`update outbox.messages set body = replace(body, '"100"', '"1"') where room = ${ROOM} and seq = 4`);
    const { page, context } = await openConsole((all) => all);
    await expectNamed(page, 4, 'body_changed');
    await context.close();
    await tamper((tx) => tx`update outbox.messages set body = ${row?.body ?? ''} where room = ${ROOM} and seq = 4`);
  });

  test('a row removed past the guards is named, and the running screens go on with what comes', async () => {
    const { page, context } = await openConsole((all) => all);
    await line(page, 'complete').waitFor();
    await append(3);
    await expect.poll(() => page.locator('[data-message-type="tax.trade.assessed"]').count()).toBe(MESSAGES + 3);
    await tamper((tx) => tx`delete from outbox.messages where room = ${ROOM} and seq = ${MESSAGES + 2}`);
    const second = await openConsole((all) => all);
    await expectNamed(second.page, MESSAGES + 2, 'gap');
    await append(1);
    await expect.poll(() => page.locator('[data-message-type="tax.trade.assessed"]').count()).toBe(MESSAGES + 4);
    await second.context.close();
    await context.close();
  });
});
