/** Figures that no longer follow say so and stay (product Q-09): the feed fell silent, or the market fails. */
import type { Browser, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
