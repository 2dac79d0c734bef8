/** The first minute of a demonstration: its page answers while the catalogue comes (product O-20; minute 0 of the tour, O-27). */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { openingMarket, type SharedMarket, sharedMarket } from './support/shared-market.ts';
import { visit } from './support/visitor.ts';

let program: SharedMarket;
let browser: Browser;

beforeAll(async () => {
  [browser, program] = await Promise.all([launchBrowser(), openingMarket()]);
});
afterAll(async () => {
  await browser?.close();
  program?.leave();
});

test('minute 0: the page answers while the catalogue comes, and says who certifies', { timeout: 600_000 }, async () => {
  const { context, page, complaints, strangers } = await visit(browser, program.base);
  await page.goto('/');
  await page.getByText('of 4 members', { exact: false }).first().waitFor();
  await page.getByRole('progressbar').first().waitFor();
  await sharedMarket();
  const home = await program.api.home.get.query();
  expect(home.members.total).toBe(4);
  expect(home.members.signed).toBeGreaterThanOrEqual(3);
  expect([...complaints, ...strangers]).toEqual([]);
  await context.close();
});
