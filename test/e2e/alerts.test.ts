/** A supervisor meets alerts: simulated abuse comes in by the public API, the list fills by itself, the keyboard opens an alert, its movements
 *  are drawn and listed, and it becomes a case with a reason; in both languages, at the width of a desk and of a phone. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { type SharedMarket, sharedMarket } from './support/shared-market.ts';
import { runAbuse } from './support/tour-later.ts';
import { violationsOf } from './support/violations.ts';
import { signInAs, visit, walkInto } from './support/visitor.ts';

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

test('alerts come by themselves, j and Enter open one, it is drawn, listed, triaged and becomes a case', async () => {
  const visitor = await visit(browser, program.base, { language: 'en' });
  const { page, complaints } = visitor;
  await signInAs(visitor, 'staff-market', /\/supervisor/);
  await page.goto('/supervisor/alerts');
  // The list is open before the first abuse happens.
  runAbuse(program, 'e2e', 'CN-SV-03');
  await page.waitForSelector('[data-alert]');
  await page.goto('/supervisor/alerts?detector=CN-SV-03');
  await page.waitForSelector('[data-alert]');
  await walkInto(page, 'a[aria-current="true"]');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/supervisor\/alerts\/alr_/);
  await page.waitForSelector('[data-testid="alert-graph"] .react-flow__node');
  await page.locator('.react-flow__node').nth(1).waitFor();
  await page.getByText('Table', { exact: true }).click();
  await page.locator('table.data-table tbody tr').nth(2).waitFor();

  const openCase = page.getByRole('button', { name: 'Open a case' });
  expect(await openCase.isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Triage: look further' }).click();
  await page.getByText('Triaged', { exact: true }).first().waitFor();
  await page.getByLabel('Reason').fill('the same accounts send one kind round at one price');
  await openCase.click();
  // The form goes with the last step that was open; the reason stays in the history.
  await page.getByRole('button', { name: 'Dismiss' }).waitFor({ state: 'detached' });
  await page.locator('ol', { hasText: 'the same accounts send one kind round at one price' }).waitFor();
  expect(complaints).toEqual([]);
});

test('the detectors with their sources, and a try-out that says what would go', async () => {
  const visitor = await visit(browser, program.base, { language: 'en' });
  const { page } = visitor;
  await signInAs(visitor, 'staff-market', /\/supervisor/);
  await page.goto('/supervisor/detectors');
  await page.click('#CN-SV-03 summary');
  const form = page.locator('#CN-SV-03');
  await form.getByLabel('Trades when cash closes too, at least').fill('30');
  await form.getByRole('button', { name: 'Try out' }).click();
  await form.getByText('sv03.flatTrades: 3 → 30').waitFor();
  await form.getByText(/^Alerts that go \([1-9]/).waitFor();
});

test('decisions of the rules: listed by period, decision and reason, each with its trace and its trades (V-09)', async () => {
  const visitor = await visit(browser, program.base, { language: 'en' });
  const { page, complaints } = visitor;
  await signInAs(visitor, 'staff-market', /\/supervisor/);
  await page.goto('/supervisor/decisions');
  await page.getByText(/^\d+ decisions$/).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByText('Refused', { exact: true }).click();
  await page.waitForURL(/decision=deny/);
  await page.getByLabel('Reason').selectOption('price_off_market');
  await page.waitForURL(/code=price_off_market/);
  await page.getByText('No such decision in this period').waitFor();
  expect(complaints).toEqual([]);
});

test('a running experiment in words; compensating asks for account, amount and reason, refuses a stranger and loses no input (V-21)', async () => {
  const visitor = await visit(browser, program.base, { language: 'en' });
  const { page } = visitor;
  await signInAs(visitor, 'staff-market', /\/supervisor/);
  await page.goto('/supervisor/experiments/SBX-2026-0001');
  await page.getByText('Completed trades: guardrail touched on 3 days in a row').waitFor();
  await page.getByRole('rowheader', { name: 'Time to a sale (median)' }).first().waitFor();
  await page.getByText('≥ 97.00 %').first().waitFor();
  expect(await page.getByText(/medianHoursToSale|completionRate|ledgerVerifyFailed/).count()).toBe(0);
  await page.getByRole('button', { name: 'Compensate a participant' }).click();
  const pay = page.getByRole('button', { name: 'Sign and pay' });
  await page.getByLabel('Account of the participant').fill('f'.repeat(64));
  await page.getByLabel('Amount (yuan)').fill('１2.50 元');
  expect(await pay.isDisabled()).toBe(true);
  await page.getByLabel('Reason (ten characters or more)').last().fill('The book was down for an hour.');
  await pay.click();
  await page.getByText('compensation_not_participant').waitFor();
  expect(await page.getByLabel('Amount (yuan)').inputValue()).toBe('１2.50 元');
  expect(await violationsOf(page)).toEqual([]);
});

test.each([
  { language: 'zh-CN', theme: 'dark', width: 390 },
  { language: 'en', theme: 'light', width: 1440 },
] as const)('$language, $theme, $width px: accessible and without sideways scrolling', async (way) => {
  const visitor = await visit(browser, program.base, way);
  const { page, complaints, strangers } = visitor;
  await signInAs(visitor, 'staff-market', /\/supervisor/);
  for (const address of ['/supervisor/alerts', '/supervisor/detectors']) {
    await page.goto(address);
    await page.waitForSelector('[data-alert], details');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(await violationsOf(page), address).toEqual([]);
  }
  await page.goto('/supervisor/alerts');
  await page.click('[data-alert] a');
  await page.waitForSelector('[data-testid="alert-graph"] .react-flow__node');
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  expect(await violationsOf(page)).toEqual([]);
  expect([...complaints, ...strangers]).toEqual([]);
});
