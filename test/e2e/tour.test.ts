/** The ten-minute tour, minutes 0 to 7, in a real browser against the real program (product O-27). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { CHEN_HAI, LIN_YUE, signedInPlayer } from './support/player.ts';
import { findPort, makeDataDir, type Program, removeInstallation, startProgram, waitFor, waitUntilOpen } from './support/program.ts';
import { signInAs, type Visitor, visit } from './support/visitor.ts';

const EXPERIMENT = 'SBX-2026-0001';
const dataDir = makeDataDir();
const folder = mkdtempSync(path.join(tmpdir(), 'daoju-tour-'));
let program: Program;
let browser: Browser;
let lin: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
  program = await startProgram(dataDir, await findPort());
});
afterAll(async () => {
  await browser?.close();
  await removeInstallation(program, dataDir);
  rmSync(folder, { recursive: true });
});

const sheetOf = (page: Page) => page.getByRole('dialog');

/** Signs what the sheet shows and follows it to the trade's page. */
async function confirm(page: Page, button: string): Promise<string> {
  await sheetOf(page).getByRole('button', { name: button }).click();
  await sheetOf(page).getByRole('link', { name: 'See the trade' }).click();
  await page.waitForURL(/\/trades\/trd_/);
  const tradeId = /trd_[0-9a-f]+/.exec(page.url())?.[0] ?? '';
  await page.locator('[data-state="certified"]').waitFor();
  return tradeId;
}

async function saved(page: Page, button: string, name: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  const file = path.join(folder, name);
  await download.saveAs(file);
  return file;
}

test('minute 0: the page answers while the catalogue comes, and says who certifies', async () => {
  lin = await visit(browser, program.base);
  await lin.page.goto('/');
  await lin.page.getByText('of 4 members', { exact: false }).first().waitFor();
  await lin.page.getByRole('progressbar').first().waitFor();
  const home = await waitUntilOpen(program);
  expect(home.members.total).toBe(4);
  expect(home.members.signed).toBeGreaterThanOrEqual(3);
});

test('minute 1: Lin Yue signs in with one click, searches in two languages and narrows', async () => {
  const { page } = lin;
  await signInAs(lin, LIN_YUE.shown, /\/$/);
  const { rows } = await program.api.search.list.query({ listed: true });
  const card = rows.find(({ names }) => names.zh !== null && names.zh !== names.en);
  if (card?.names.zh == null) throw new Error('the catalogue has Chinese names');
  for (const words of [card.names.zh, card.names.en]) {
    await page.goto('/');
    await page.getByRole('searchbox').first().fill(words);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/search\?q=/);
    expect(new URL(page.url()).searchParams.get('q')).toBe(words);
    await page.locator(`main a[href="/c/${card.classId}"]`).first().waitFor();
  }
  await page.goto('/search');
  const count = async () => Number((await page.locator('main [role="status"]').first().innerText()).replaceAll(/\D/g, ''));
  await waitFor(count, (all) => all > 5_000, 20_000, 'the count of all kinds');
  await page.locator('aside input[type="checkbox"]').first().click();
  await page.waitForURL(/listed=1/);
  const listed = await waitFor(count, (narrowed) => narrowed > 0 && narrowed < 300, 20_000, 'a smaller count');
  await page.locator('aside fieldset input[type="checkbox"]').first().click();
  await waitFor(count, (narrowed) => narrowed > 0 && narrowed < listed, 20_000, 'a still smaller count');
  await page.reload();
  await waitFor(count, (narrowed) => narrowed > 0 && narrowed < listed, 20_000, 'the same after reload');
});

test('minutes 2 to 4: a kind, a listing bought and certified, its files proven without us, and not after a changed byte', async () => {
  const { page } = lin;
  const { rows } = await program.api.search.list.query({ listed: true, sort: 'price_up' });
  const pages = await Promise.all(rows.slice(0, 8).map(({ classId }) => program.api.itemClass.get.query({ classId })));
  const kind = pages.find(({ listings }) => listings.some(({ state }) => state === 'live'));
  const itemId = kind?.listings.find(({ state }) => state === 'live')?.items[0]?.itemId;
  await page.goto(`/c/${kind?.card.classId}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('#listings').getByRole('button', { name: 'Buy' }).first().click();
  await sheetOf(page).getByText('You pay').waitFor();
  await confirm(page, 'Sign and buy');
  const receipt = await saved(page, 'Save receipt', 'receipt.plproof');
  await page.goto(`/i/${itemId}`);
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.getByText('Verified on this machine').waitFor();
  const passport = await saved(page, 'Save ownership passport', 'passport.plproof');

  await page.goto('/verify');
  await page.locator('#pv-file').waitFor();
  const [verifier] = await Promise.all([page.waitForEvent('download'), page.locator('a.pv-save').click()]);
  const standalone = path.join(folder, 'verify.html');
  await verifier.saveAs(standalone);
  const changed = path.join(folder, 'changed.plproof');
  const bytes = readFileSync(passport);
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
  writeFileSync(changed, bytes);
  await lin.context.setOffline(true);
  await proves(page, [receipt, passport], changed);
  const alone = await lin.context.newPage();
  await alone.goto(pathToFileURL(standalone).href);
  await proves(alone, [receipt, passport], changed);
  await alone.close();
  await lin.context.setOffline(false);
});

async function proves(page: Page, good: readonly string[], changed: string): Promise<void> {
  await page.fill('#pv-chain', program.chain);
  for (const file of good) {
    await page.setInputFiles('#pv-file', file);
    await page.locator('.pv-outcome[data-outcome="proven"]').waitFor();
    expect((await page.locator('.pv-sentence').innerText()).length).toBeGreaterThan(20);
  }
  await page.setInputFiles('#pv-file', changed);
  await page.locator('.pv-outcome[data-outcome="disproven"]').waitFor();
  expect(await page.locator('.pv-step-bad').first().getAttribute('data-code')).toMatch(/^E\d+$/);
}

test('minute 5: two sales of 600.00 and 700.00 pass the day line: VAT appears and the first sale is assessed again', async () => {
  const { page } = lin;
  const player = await signedInPlayer(program, LIN_YUE);
  const { rows } = await player.api.portfolio.list.query({});
  const sell = async (priceFen: string, price: string, isOverLine: boolean): Promise<string> => {
    const wanted = rows.find((row) => row.state === 'free' && row.card.highestBuyFen === priceFen);
    expect(wanted, `a buy order of ${price} waits for something that Lin Yue holds`).toBeDefined();
    await page.goto(`/c/${wanted?.card.classId}`);
    await page.locator('#buy-orders tr', { hasText: price }).getByRole('button').first().click();
    await sheetOf(page).getByText('Left after all').waitFor();
    expect(await sheetOf(page).getByText('would be assessed again').count()).toBe(isOverLine ? 1 : 0);
    return confirm(page, 'Sign and sell');
  };
  const first = await sell('60000', '600.00', false);
  const before = await player.api.trade.get.query({ tradeId: first });
  expect(before.assessment).toMatchObject({ isVatTaxable: false, version: 1 });
  const second = await sell('70000', '700.00', true);
  expect((await player.api.trade.get.query({ tradeId: second })).assessment).toMatchObject({ isVatTaxable: true });
  const after = await player.api.trade.get.query({ tradeId: first });
  expect(after.assessment).toMatchObject({ isVatTaxable: true, version: 2 });
  expect(BigInt(after.assessment?.totalFen ?? 0)).toBeGreaterThan(BigInt(before.assessment?.totalFen ?? 0));
  await page.goto(`/trades/${first}`);
  await page.getByText('version 2', { exact: false }).first().waitFor();
});

test('minute 6: a fill in the matched book moves the cap bar; 5,001.00 is refused by name, with the fixed-price way', async () => {
  const { page } = lin;
  const maker = await signedInPlayer(program, CHEN_HAI);
  await maker.api.experiment.join.mutate({ experimentId: EXPERIMENT });
  const experiment = await program.api.experiment.get.query({ experimentId: EXPERIMENT });
  const gem = (await allItems(maker)).find((row) => row.state === 'free' && experiment.classIds.includes(row.card.classId));
  if (gem === undefined) throw new Error('every maker holds gems');
  const { classId } = gem.card;
  const quote = await maker.api.quote.get.mutate({ intent: 'matched', classId, itemIds: [gem.itemId], priceFen: '2500', quantity: 1 });
  const [order] = maker.signSheet([{ quote, referenceId: 'tour-maker' }]);
  if (order === undefined) throw new Error('one draft, one order');
  expect(await maker.api.order.place.mutate(order)).toMatchObject({ kind: 'placed' });

  await page.goto(`/experiments/${EXPERIMENT}`);
  await page.getByRole('checkbox').click();
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('You have joined').waitFor();
  await page.goto(`/c/${classId}`);
  const start = () =>
    page
      .getByRole('button', { name: /matched.* · Buy/i })
      .first()
      .click();
  await start();
  await sheetOf(page).getByLabel('Unit price').fill('25.00');
  await confirm(page, 'Sign and order');
  const filled = await program.api.experiment.get.query({ experimentId: EXPERIMENT });
  expect(filled.caps.some(({ used }) => BigInt(used) > 0n)).toBe(true);

  await page.goto(`/c/${classId}`);
  await start();
  await sheetOf(page).getByLabel('Unit price').fill('5001.00');
  await sheetOf(page).getByRole('button', { name: 'Sign and order' }).click();
  const note = sheetOf(page).getByRole('alert');
  await note.waitFor();
  expect(await note.innerText()).toContain('SBX_CAP_PER_TRADE');
  expect(await note.innerText()).toMatch(/fixed.price/i);
});

async function allItems(player: PlayerClient) {
  const rows = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<PlayerClient['api']['portfolio']['list']['query']>> = await player.api.portfolio.list.query(
      cursor === null ? {} : { cursor },
    );
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
}

test('minute 7: the tax supervisor sees the trades, opens one, computes again and gets the same; the feed is complete', async () => {
  const tax = await visit(browser, program.base);
  const { page } = tax;
  const accounts = await program.api.session.demoAccounts.query();
  const name = accounts.find(({ role }) => role === 'sup_tax')?.name ?? '';
  await signInAs(tax, name, /\/supervisor/);
  await page.locator('[data-feed="complete"]').first().waitFor();
  await page.locator('[data-message-type="tax.trade.assessed"]').first().click();
  await sheetOf(page).getByRole('button', { name: 'Compute again' }).click();
  await sheetOf(page).getByText('Same: the browser gets the same result').waitFor();
  expect(await page.locator('[data-feed="broken"]').count()).toBe(0);
  expect(tax.complaints).toEqual([]);
  expect(tax.strangers).toEqual([]);
  await tax.context.close();
});

test('nobody else was asked and no page complained', () => {
  // The journey itself takes the network away once.
  expect(lin.complaints.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line))).toEqual([]);
  expect(lin.strangers).toEqual([]);
});
