/** What no longer follows says so and stays: figures whose feed fell silent (product Q-09), a ledger that does not go on (`ledger.md` 14). */
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeFinality, decodeHeader } from '#ledger/codec/header.ts';
import { checkpointText, parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { LIN_YUE } from './support/player.ts';
import { type SharedMarket, sharedMarket } from './support/shared-market.ts';
import { signInAs, visit } from './support/visitor.ts';

let program: SharedMarket;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  program = await sharedMarket();
});
afterAll(async () => {
  await browser?.close();
  program?.leave();
});

test('a portfolio whose feed is cut says its age, a kind whose market fails says it too; both keep their figures and follow again', async () => {
  const visitor = await visit(browser, program.base);
  const { page } = visitor;
  const lines = new Set<WebSocketRoute>();
  let isCut = false;
  await page.routeWebSocket(/socket\.io/, (line) => {
    if (isCut) return void line.close();
    line.connectToServer();
    lines.add(line);
  });
  const mark = page.getByText(/^From \d+:\d\d ago$/).first();
  const heading = page.locator('main h1');
  let isDown = false;
  // From the start, and asked each time: a request under way while routes come and go would never be answered.
  await page.route('**/api/trpc/**', (route) => (isDown ? route.fulfill({ status: 503, body: '' }) : route.fallback()));
  await signInAs(visitor, LIN_YUE.shown, /\/$/);

  await page.clock.install();
  await page.goto('/portfolio');
  const cost = page.locator('dl.notch dd').nth(1);
  await cost.waitFor();
  await expect.poll(() => lines.size, { timeout: 60_000 }).toBeGreaterThan(0);
  const before = await cost.innerText();
  isCut = true;
  for (const line of lines) await line.close();
  await page.clock.fastForward('01:10');
  await mark.waitFor();
  expect(await cost.innerText()).toBe(before);
  isCut = false;
  await page.clock.fastForward('00:06');
  await mark.waitFor({ state: 'hidden' });

  const [sold] = (await program.api.home.get.query()).tape;
  await page.goto(`/c/${sold?.classId}`);
  const name = await heading.innerText();
  isDown = true;
  await page.clock.fastForward('01:10');
  await mark.waitFor();
  const again = page.getByRole('button', { name: 'Try again' }).first();
  await again.waitFor();
  expect(await heading.innerText()).toBe(name);
  isDown = false;
  await again.press('Enter');
  await mark.waitFor({ state: 'hidden' });
  await visitor.context.close();
});

const HEADER_BYTES = 226;

/** The newest checkpoint of a shorter log, as the market itself has served it: blocks without entries ask for no proof. */
async function olderCheckpoint(base: string): Promise<string> {
  const newest = parseCheckpoint(await (await fetch(`${base}/ledger/v1/checkpoint`)).text());
  for (let height = newest.header.height - 1n; height > 0n; height--) {
    const block = await fetch(`${base}/ledger/v1/block/${height}`);
    const bytes = new Uint8Array(await block.arrayBuffer());
    const header = decodeHeader(bytes.slice(0, HEADER_BYTES));
    if (header.logSize < newest.logSize) return checkpointText(header, decodeFinality(bytes.slice(HEADER_BYTES)));
  }
  throw new Error('the market has certified entries');
}

const keptBy = (page: Page) =>
  page.evaluate(`new Promise((resolve) => {
    const opening = indexedDB.open('daoju-ledger', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('heads', { keyPath: 'id' });
    opening.onsuccess = () => {
      const row = opening.result.transaction('heads').objectStore('heads').get('head');
      row.onsuccess = () => (opening.result.close(), resolve(row.result?.kept ?? null));
    };
  })`);

test('a ledger that does not go on from the one this browser has seen is an alarm on every page, until the evidence is saved', async () => {
  const older = await olderCheckpoint(program.base);
  const { page, context } = await visit(browser, program.base);
  let isOld = true;
  let isForged = true;
  await page.route('**/ledger/v1/checkpoint', (route) =>
    isOld && route.request().method() === 'GET' ? route.fulfill({ body: older }) : route.fallback(),
  );
  await page.route('**/ledger/v1/consistency/**', (route) => (isForged ? route.fulfill({ body: Buffer.alloc(64, 7) }) : route.fallback()));
  // The first look comes half a minute after the page.
  const later = async () => page.clock.fastForward('00:31');
  await page.clock.install();
  await page.goto('/search');
  await expect.poll(() => later().then(() => keptBy(page)), { timeout: 60_000 }).toBe(older);
  const alarm = page.getByTestId('ledger-alarm');
  expect(await alarm.count()).toBe(0);
  isOld = false;
  await page.goto('/rules');
  await expect.poll(() => later().then(() => alarm.count()), { timeout: 60_000 }).toBe(1);
  expect(await alarm.getAttribute('data-code')).toBe('forked');
  // An honest answer afterwards takes nothing back.
  isForged = false;
  await page.goto('/search');
  await alarm.waitFor();
  const [saved] = await Promise.all([page.waitForEvent('download'), alarm.getByRole('button', { name: 'Save the evidence' }).click()]);
  expect(saved.suggestedFilename()).toBe('daoju-ledger-forked.json');
  await alarm.getByRole('button', { name: 'I know: keep this one from now on' }).click();
  await alarm.waitFor({ state: 'hidden' });
  expect(await keptBy(page)).not.toBe(older);
  await context.close();
});
