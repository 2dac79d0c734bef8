/** Joining in a real browser (product P-01 to P-05): the key is made there and stays there, the recovery file opens again, a minor is told why. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKeys, parseSealedKeys } from '#app/_client/keys/sealed-keys.ts';
import { toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { idNumberFor } from '#test/support/person.ts';
import { waitFor } from './support/program.ts';
import { type SharedMarket, sharedMarket } from './support/shared-market.ts';
import { type Visitor, visit } from './support/visitor.ts';

const PASSPHRASE = 'correct horse battery staple';
const CARD = '6222021234567890128';
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

/** A number of a person who is that many years old this year. */
const idNumberOf = (years: number, sequence: number): string => idNumberFor(`${new Date().getUTCFullYear() - years}-01-01`, sequence);

type Newcomer = { readonly phone: string; readonly name: string; readonly idNumber: string };

/** The steps as a person takes them. @returns the text of the recovery file */
async function join(page: Page, { phone, name, idNumber }: Newcomer): Promise<string> {
  await page.goto('/join');
  await page.getByLabel('Phone number').fill(phone);
  await page.getByRole('button', { name: 'Send a code' }).click();
  const shown = await page.getByText('The demonstration sends no messages').innerText();
  await page.getByLabel('6-digit code').fill(/\d{6}/.exec(shown)?.[0] ?? '');
  await page.getByLabel('Display name').fill(name);
  await page.getByLabel('Real name').fill('张三');
  await page.getByLabel('ID number').fill(idNumber);
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Passphrase (12 characters or more)').fill(PASSPHRASE);
  await page.getByLabel('Passphrase once more').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Make the key and open the account' }).click();
  await page.getByRole('button', { name: 'Save recovery file' }).click();
  const warning = page.getByRole('dialog', { name: 'What is lost without the recovery file' });
  await warning.getByText('cannot reset it', { exact: false }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), warning.getByRole('button', { name: 'I understand' }).click()]);
  const file = await download.path();
  await onPaper(page, name);
  await page.locator('input[type="file"]').setInputFiles({
    name: download.suggestedFilename(),
    mimeType: 'application/json',
    buffer: readFileSync(file),
  });
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Confirm that it works' }).click();
  await page.getByLabel('Card number').fill(CARD);
  await page.getByRole('button', { name: 'Bind the card' }).click();
  await page.getByText('The account is open').waitFor();
  return readFileSync(file, 'utf8');
}

/** Printed, the sheet holds the account, the code and what to do with it, and nothing else of the page. */
async function onPaper(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  const paper = page.locator('.print-alone');
  expect(await paper.innerText()).toContain(`Account: ${name}`);
  expect(await paper.locator('svg').isVisible()).toBe(true);
  expect(await page.locator('h1', { hasText: 'Join' }).isVisible()).toBe(false);
  await page.emulateMedia({ media: 'screen' });
  expect(await paper.isVisible()).toBe(false);
}

/** Everything that the browser sends, as text. */
function listen({ page }: Visitor): string[] {
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.url(), request.postData() ?? '', JSON.stringify(request.headers())));
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload.toString())));
  return sent;
}

async function openCheapestListing(page: Page): Promise<void> {
  const { rows } = await program.api.search.list.query({ listed: true, sort: 'price_up' });
  for (const { classId } of rows) {
    const kind = await program.api.itemClass.get.query({ classId });
    if (!kind.listings.some(({ state }) => state === 'live')) continue;
    await page.goto(`/c/${classId}`);
    await page.locator('#listings').getByRole('button', { name: 'Buy' }).first().click();
    return;
  }
  throw new Error('nothing is for sale');
}

test('a newcomer joins, pays in and buys; neither key nor passphrase leaves the browser', async () => {
  const visitor = await visit(browser, program.base);
  const { page } = visitor;
  const sent = listen(visitor);
  const recovery = await join(page, { phone: '13800001001', name: 'Newcomer', idNumber: idNumberOf(30, 101) });
  await page.getByText('Real-name level R2').waitFor();

  await page.goto('/money');
  // Money moves by the passphrase alone, whoever holds the session (1.5).
  await page.getByPlaceholder('1,000.00').first().fill('1,000.00');
  const payIn = page.getByRole('button', { name: /^Deposit 1,000\.00/ });
  expect(await payIn.isEnabled()).toBe(false);
  await page.getByLabel('Passphrase').fill('not this passphrase');
  await payIn.click();
  await page.getByRole('alert').getByText('wrong_passphrase').waitFor();
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  // While its act runs the button sleeps: pressed again, by whatever way, it sends nothing twice.
  let asked = 0;
  const gate = Promise.withResolvers<void>();
  await page.route('**/api/trpc/money.deposit**', async (route) => {
    asked += 1;
    await gate.promise;
    await route.continue();
  });
  await payIn.click();
  await expect.poll(() => asked, { timeout: 60_000 }).toBe(1);
  expect(await payIn.isDisabled()).toBe(true);
  await page.getByPlaceholder('1,000.00').first().press('Enter');
  gate.resolve();
  const shows = () => page.locator('main').innerText();
  await waitFor(shows, (text) => /Paid|Done|Completed/i.test(text) && text.includes('1,000.00'), 60_000, 'the deposit');
  expect(asked).toBe(1);

  await openCheapestListing(page);
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Sign and buy' }).click();
  const unlock = sheet.getByLabel('Passphrase');
  const trade = sheet.getByRole('link', { name: 'See the trade' });
  await unlock.or(trade).first().waitFor();
  if (await unlock.isVisible()) {
    await unlock.fill(PASSPHRASE);
    await sheet.getByRole('button', { name: 'Unlock and sign' }).click();
  }
  await trade.click();
  await page.locator('[data-state="certified"]').waitFor();

  // The browser keeps the receipt by itself, and hands it out with the network off (P-31).
  await page.getByText('Kept in this browser').waitFor();
  await page.goto('/verify');
  const kept = page.getByTestId('kept-receipts').getByRole('button', { name: 'Save receipt' });
  await kept.first().waitFor();
  await visitor.context.setOffline(true);
  const [receipt] = await Promise.all([page.waitForEvent('download'), kept.first().click()]);
  await page.fill('#pv-chain', program.chain);
  await page.setInputFiles('#pv-file', await receipt.path());
  await page.locator('.pv-outcome[data-outcome="proven"]').waitFor();
  await visitor.context.setOffline(false);

  const keys = await openKeys(parseSealedKeys(recovery), PASSPHRASE);
  const secrets = [PASSPHRASE, encodeURIComponent(PASSPHRASE), toHex(keys.privateKey), toBase64(keys.privateKey)];
  expect(sent.length).toBeGreaterThan(20);
  for (const secret of secrets) expect(sent.some((text) => text.toLowerCase().includes(secret.toLowerCase()))).toBe(false);
  expect(recovery).not.toContain(toHex(keys.privateKey));
  expect(visitor.complaints.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line))).toEqual([]);
  expect(visitor.strangers).toEqual([]);
  await visitor.context.close();

  // What a scanner reads off the paper opens the account on a new device.
  const elsewhere = await visit(browser, program.base);
  await elsewhere.page.goto('/sign-in');
  await elsewhere.page.getByLabel('Or paste the text of the code on paper').fill(JSON.stringify(JSON.parse(recovery)));
  const form = elsewhere.page.locator('form', { has: elsewhere.page.locator('textarea') });
  await form.getByLabel('Passphrase').fill(PASSPHRASE);
  await form.getByRole('button').last().click();
  await elsewhere.page.getByText('Newcomer').first().waitFor();
  await elsewhere.context.close();
});

test('a person of 16 may join, but the secondary market refuses with a sentence', async () => {
  const visitor = await visit(browser, program.base);
  const { page } = visitor;
  await join(page, { phone: '13800001002', name: 'Young', idNumber: idNumberOf(16, 103) });
  await openCheapestListing(page);
  const note = page.getByRole('dialog').getByRole('alert');
  await note.first().waitFor();
  expect(await note.first().innerText()).toMatch(/18|adult/i);
  expect(await page.getByRole('button', { name: 'Sign and buy' }).isEnabled()).toBe(false);
  await visitor.context.close();
});
