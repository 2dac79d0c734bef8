/** A dispute from its opening to the reversal that both sides see, and a freeze that its holder objects to, in real browsers against the real
 *  program with four members (product Q-23, P-32, O-17, V-14 to V-17). An identity is opened in the same case (V-13). Then a week passes, and
 *  items are given away (P-28, P-36), watched (P-09) and agreed upon (P-24); one is given back (P-34); an account is declared taken over
 *  (P-33). */
import path from 'node:path';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { CHEN_HAI, LIN_YUE, signedInPlayer } from './support/player.ts';
import { findPort, makeDataDir, type Program, removeInstallation, startProgram, waitFor } from './support/program.ts';
import { deposit, issueItems, issueKind, place, trade } from './support/small-market.ts';
import { staffClient } from './support/staff-client.ts';
import { passDays } from './support/tour-later.ts';
import { violationsOf } from './support/violations.ts';
import { signInAs, type Visitor, type VisitorOptions, visit, walkInto } from './support/visitor.ts';

const dataDir = makeDataDir();
const shots = process.env.SHOTS;
let program: Program;
let browser: Browser;
let tradeId: string;
let itemIds: readonly string[];
let classId: string;
let gameId: string;
const visitors: Visitor[] = [];
/** Who share the case of the freeze. */
let officials: { readonly market: Page; readonly finance: Page } | null = null;

beforeAll(async () => {
  [browser, program] = await Promise.all([launchBrowser(), startProgram(dataDir, await findPort(), { hasCatalogue: false })]);
  await waitFor(
    () => program.api.session.demoAccounts.query(),
    (list) => list.length > 5,
    60_000,
    'the people',
  );
  const [lin, chen] = [await signedInPlayer(program, LIN_YUE), await signedInPlayer(program, CHEN_HAI)];
  const [issued] = await Promise.all([issueItems(program, chen, 5), deposit(lin, '500000')]);
  ({ itemIds, classId, gameId } = issued);
  tradeId = await trade(chen, lin, issued.classId, itemIds[0] ?? '');
});
afterAll(async () => {
  await browser?.close();
  await removeInstallation(program, dataDir);
});

/** An open page goes on asking: whoever has no part in the next test leaves. */
afterEach(async () => {
  const staying = officials === null ? [] : [officials.market, officials.finance];
  for (const { page, context } of visitors) if (!staying.includes(page)) await context.close();
});

async function enter(name: string, arrives: RegExp, options: VisitorOptions = {}): Promise<Page> {
  const visitor = await visit(browser, program.base, options);
  visitors.push(visitor);
  await signInAs(visitor, name, arrives);
  return visitor.page;
}
async function look(page: Page, name: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  expect(await violationsOf(page), name).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
}

test('a dispute: opened, answered, decided at the desk, accepted, reversed by a supervisor’s signature; both sides see it', async () => {
  const buyer = await enter(LIN_YUE.shown, /\/$/);
  await buyer.goto(`/trades/${tradeId}`);
  await buyer.getByRole('button', { name: 'Open a dispute' }).click();
  const sheet = buyer.getByRole('dialog');
  await sheet.getByLabel('Ground').selectOption('deceived');
  await sheet.getByLabel('What happened and why').fill('The listing showed another sword than this one.');
  await sheet
    .locator('input[type="file"]')
    .setInputFiles({ name: 'listing.txt', mimeType: 'text/plain', buffer: Buffer.from('a golden sword') });
  await sheet.getByText('listing.txt').waitFor();
  await look(buyer, 'claim-form');
  await sheet.getByRole('button', { name: 'Sign and send' }).click();
  await buyer.waitForURL(/\/disputes\/clm_/);
  await buyer.locator('[data-claim-state="open"]').waitFor();
  const address = new URL(buyer.url()).pathname;

  const seller = await enter(CHEN_HAI.shown, /\/$/, { theme: 'dark', width: 390 });
  await seller.goto('/disputes');
  await look(seller, 'disputes-phone');
  await seller.locator('[data-claim]').first().click();
  await seller.waitForURL(/\/disputes\/clm_/);
  await seller.getByLabel('Your side of it').fill('The picture was that of another sword, I am sorry.');
  await seller.getByRole('button', { name: 'Agrees to reverse' }).click();
  await seller.locator('[data-claim-state="deciding"]').waitFor();
  await look(seller, 'dispute-phone');

  const desk = await enter('staff-operator', /\/desk/);
  await desk.locator('[data-claim]').first().waitFor();
  await look(desk, 'desk');
  await walkInto(desk, '[data-claim][aria-current="true"]');
  await desk.keyboard.press('Enter');
  await desk.waitForURL(/\/disputes\/clm_/);
  await desk.getByLabel('Reasons').fill('Both agree that the item is another one.');
  await desk.getByRole('button', { name: 'Uphold: reverse' }).click();
  await desk.locator('[data-claim-state="decided"]').waitFor();
  await look(desk, 'dispute-desk');

  await seller.getByRole('button', { name: 'Accept the decision' }).click();
  await seller.locator('[data-claim-state="upheld"]').waitFor();

  const market = await enter('staff-market', /\/supervisor/);
  await market.goto('/supervisor/cases?topic=dispute');
  await market.locator('[data-case]').first().click();
  await market.waitForURL(/\/supervisor\/cases\/cas_/);
  await market.getByRole('link', { name: 'Claim' }).click();
  await market.waitForURL(/\/disputes\/clm_/);
  await market.getByLabel('Reasons').fill('The decision is right and nobody appealed.');
  await look(market, 'dispute-supervisor');
  await market.getByRole('button', { name: 'Uphold: reverse' }).click();
  await market.locator('[data-claim-state="closed"]').waitFor();

  for (const page of [buyer, seller]) {
    await page.goto(address);
    await page.getByText('Reversed: item to the seller, money to the buyer').first().waitFor();
    await page.getByTestId('reversal').getByText('operator + supervisor').waitFor();
    await page.goto(`/trades/${tradeId}`);
    await page.locator('[data-state="reversed"][aria-current="step"]').waitFor();
  }
  await seller.goto(`/i/${itemIds[0]}`);
  await seller.getByText('Returned', { exact: false }).first().waitFor();
  const lin = await signedInPlayer(program, LIN_YUE);
  expect(await lin.api.money.get.query()).toMatchObject({ availableFen: '500000', differenceFen: '0' });
});

test('somebody objects to a listing in publicity; the desk upholds it with reasons, and the listing ends (P-30, O-17)', async () => {
  const chen = await signedInPlayer(program, CHEN_HAI);
  const shield = await issueKind(program, chen, { gameId, classRef: 'shield', quantity: 1, terms: { publicity_hours: 24 } });
  const shieldId = shield.itemIds[0] ?? '';
  await place(chen, 'listing', { classId: shield.classId, itemId: shieldId, priceFen: '9900', targetOrderId: null });
  const objector = await enter(LIN_YUE.shown, /\/$/, { theme: 'dark', width: 390 });
  await objector.goto(`/i/${shieldId}`);
  await objector.getByRole('button', { name: 'Object to this' }).click();
  const sheet = objector.getByRole('dialog');
  const send = sheet.getByRole('button', { name: 'Send the objection' });
  await sheet.getByLabel('Reasons').fill('too short');
  expect(await send.isDisabled()).toBe(true);
  await sheet.getByLabel('Reasons').fill('It is the shield that was taken from me.');
  await look(objector, 'objection-phone');
  await send.click();
  await sheet.getByText('Sent. The desk decides').waitFor();

  const desk = await enter('staff-operator', /\/desk/);
  const entry = desk.locator('[data-entry]').filter({ hasText: 'Listing in publicity' });
  await entry.getByText('It is the shield that was taken from me.').waitFor();
  await entry.getByRole('button', { name: 'Work on it' }).click();
  await desk.getByRole('dialog').getByLabel('In words').fill('The studio confirms what the objection says.');
  await look(desk, 'objection-desk');
  await desk.getByRole('dialog').getByRole('button', { name: 'Uphold the objection' }).click();
  await entry.waitFor({ state: 'detached' });
  await objector.goto(`/i/${shieldId}`);
  await objector.getByRole('heading', { level: 1 }).waitFor();
  expect(await objector.getByRole('button', { name: 'Object to this' }).count()).toBe(0);
});

test('a freeze: proposed by one official, in force with a second; the owner sees why and until when, objects, and another grants it', async () => {
  const [market, finance, tax] = [
    await enter('staff-market', /\/supervisor/),
    await enter('staff-finance', /\/supervisor/),
    await enter('staff-tax', /\/supervisor/, { theme: 'dark', width: 390 }),
  ];
  officials = { market, finance };
  await market.goto('/supervisor/cases');
  await market.getByRole('button', { name: 'Open a case' }).click();
  await market.getByRole('dialog').getByLabel('Title').fill('A sword that came from nowhere');
  await market.getByRole('dialog').getByLabel('Ground').fill('Rulebook CN-SV-04');
  await market.getByRole('dialog').getByRole('button', { name: 'Open a case' }).click();
  await market.waitForURL(/\/supervisor\/cases\/cas_/);
  const file = new URL(market.url()).pathname;
  await market.getByRole('button', { name: 'Tell Finance office' }).click();
  await market.getByRole('button', { name: 'Tell Tax office' }).click();
  await market.locator('[data-act="shared"]').nth(1).waitFor();
  await market.getByRole('button', { name: 'Freeze', exact: true }).click();
  const sheet = market.getByRole('dialog');
  await sheet.getByLabel('Id').fill(itemIds[1] ?? '');
  await sheet.getByLabel('Reason (ten').fill('The item went in a circle twice.');
  await sheet.getByText('7 days').click();
  await sheet.getByRole('button', { name: 'Confirm and sign' }).click();
  await market.locator('[data-freeze][data-state="proposed"]').waitFor();

  await finance.goto(file);
  await finance.getByRole('button', { name: 'Approve and sign' }).click();
  await finance.locator('[data-freeze][data-state="active"]').waitFor();

  const owner = await enter(CHEN_HAI.shown, /\/$/, { width: 390 });
  await owner.goto(`/i/${itemIds[1]}`);
  await owner.getByText('The item went in a circle twice.', { exact: false }).waitFor();
  await owner.getByText('It ends by itself at', { exact: false }).waitFor();
  await look(owner, 'restricted-phone');
  await owner.getByRole('button', { name: 'Appeal' }).click();
  await owner.getByRole('dialog').getByLabel('Why it should not').fill('I was given it by the studio itself.');
  await owner.getByRole('dialog').getByRole('button', { name: 'Send the appeal' }).click();
  await owner.getByText('Your appeal is in', { exact: false }).waitFor();

  // Whoever froze does not answer.
  await market.goto(file);
  await market.locator('[data-act="appeal"]').waitFor();
  expect(await market.getByRole('button', { name: 'Answer the appeal' }).count()).toBe(0);
  await tax.goto(file);
  await tax.getByRole('button', { name: 'Answer the appeal' }).click();
  await tax.getByRole('dialog').getByLabel('Reason').fill('The studio confirms that it gave the item.');
  await tax.getByRole('dialog').getByRole('button', { name: 'Grant it and lift' }).click();
  await tax.locator('[data-freeze][data-state="ended"]').waitFor();
  await look(tax, 'case-phone');
  await owner.getByText('Granted: The studio confirms', { exact: false }).waitFor();

  // V-17: a halt is on every screen at once.
  await market.getByRole('button', { name: 'Halt trading' }).click();
  await market.getByRole('dialog').getByText('Whole market').click();
  await market.getByRole('dialog').getByLabel('Reason (ten').fill('The clock of the market is wrong.');
  await market.getByRole('dialog').getByRole('button', { name: 'Confirm and sign' }).click();
  await market.locator('[data-halt][data-state="active"]').waitFor();
  await owner.getByTestId('halts').getByText('Trading is halted').waitFor();
  await look(owner, 'halted-phone');
  expect(visitors.flatMap(({ complaints }) => complaints)).toEqual([]);
});

test('an identity opens for a case, on a ground, with two signatures; each reading is counted (V-13)', async () => {
  if (officials === null) throw new Error('the officials of the freeze are there');
  const { market, finance } = officials;
  officials = null;
  const chen = await signedInPlayer(program, CHEN_HAI);
  const person = `/supervisor/people/${(await chen.api.account.me.query())?.acct ?? ''}`;
  await market.goto(person);
  await market.locator('[data-ask-opening]').click();
  const sheet = market.getByRole('dialog');
  await sheet.getByLabel('Case').selectOption({ index: 1 });
  await sheet.getByLabel('What it is needed for').fill('Whose sword it is decides the appeal.');
  await sheet.getByLabel('Name', { exact: true }).check();
  await sheet.getByRole('button', { name: 'Sign and ask' }).click();
  await sheet.getByText('opening_ground_missing').waitFor();
  await sheet.getByLabel('Legal ground').fill('E-Commerce Law art. 25');
  await look(market, 'opening-form');
  await sheet.getByRole('button', { name: 'Sign and ask' }).click();
  await market.locator('[data-opening][data-state="proposed"]').waitFor();
  expect(await market.getByRole('button', { name: 'Approve and sign' }).count()).toBe(0);
  await finance.goto(person);
  await finance.locator('[data-opening]').getByRole('button', { name: 'Approve and sign' }).click();
  await finance.locator('[data-opening][data-state="open"]').waitFor();
  await market.goto(person);
  await market.getByRole('button', { name: 'Read it (this is recorded)' }).click();
  await market.locator('[data-identity]').getByText('Name').waitFor();
  await market.getByText('read once').waitFor();
  await look(market, 'opening-read');
});

test('two items given in one sheet: one accepted on a phone, one declined, and both sides see how it ended', async () => {
  await passDays(await staffClient(program, 'staff-operator'), 7);
  const [kept = '', returned = ''] = itemIds.slice(2);
  const giver = await enter(CHEN_HAI.shown, /\/$/);
  await giver.goto('/portfolio');
  for (const itemId of [kept, returned])
    await giver
      .getByRole('listitem')
      .filter({ has: giver.locator(`a[href="/i/${itemId}"]`) })
      .getByRole('checkbox')
      .check();
  await giver.getByRole('button', { name: 'Give 2 items' }).click();
  const sheet = giver.getByRole('dialog');
  await sheet.getByLabel('Recipient').fill('小禾 Xiao He');
  await sheet.getByRole('button', { name: 'Check' }).click();
  await sheet.getByText('This person cannot receive gifts').waitFor();
  await sheet.getByLabel('Recipient').fill(LIN_YUE.shown);
  await sheet.getByRole('button', { name: 'Check' }).click();
  await sheet.getByText('Estimated tax', { exact: true }).waitFor();
  await look(giver, 'give-sheet');
  await sheet.getByRole('button', { name: 'Sign and send 2 items' }).click();
  await sheet.getByText('2 items sent').waitFor();
  await sheet.getByRole('button', { name: 'Done' }).click();

  const recipient = await enter(LIN_YUE.shown, /\/$/, { theme: 'dark', width: 390 });
  await recipient.getByTestId('gift-notice').getByRole('link').click();
  await recipient.waitForURL(/\/portfolio/);
  const gifts = recipient.locator('[data-gift]');
  await gifts.nth(1).waitFor();
  await look(recipient, 'gifts-phone');
  const giftOf = (page: Page, itemId: string) => page.locator('[data-gift]').filter({ has: page.locator(`a[href="/i/${itemId}"]`) });
  await giftOf(recipient, kept).getByRole('button', { name: 'Sign and accept' }).click();
  await giftOf(recipient, kept).getByText('Accepted').waitFor();
  await giftOf(recipient, returned).getByRole('button', { name: 'Decline' }).click();
  await giftOf(recipient, returned).getByRole('button', { name: 'Decline for sure?' }).click();
  await giftOf(recipient, returned).getByText('Declined').waitFor();
  // Told without looking again.
  await giftOf(giver, kept).getByText('Accepted').waitFor();
  await giftOf(giver, returned).getByText('Declined').waitFor();
  await recipient.goto(`/i/${kept}`);
  await recipient.getByText('Given', { exact: false }).first().waitFor();
  await recipient.getByText('This item is yours').first().waitFor();
});

test('a watched kind that comes down to the price is told on whatever page its watcher is (P-09, P-11)', async () => {
  const watcher = await enter(LIN_YUE.shown, /\/$/);
  await watcher.goto(`/c/${classId}`);
  await watcher.getByRole('button', { name: 'Watch', exact: true }).click();
  await watcher.getByRole('textbox', { name: 'Tell me when the lowest listing costs at most' }).fill('88.00');
  // Who leaves the page before the answer may leave the wish behind.
  await Promise.all([
    watcher.waitForResponse((answer) => answer.url().includes('watch.put') && (answer.request().postData() ?? '').includes('8800')),
    watcher.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  await watcher.goto('/orders');
  const chen = await signedInPlayer(program, CHEN_HAI);
  await place(chen, 'listing', { classId, itemId: itemIds[4] ?? '', priceFen: '8800', targetOrderId: null });
  const notice = watcher.getByTestId('watch-notice');
  await notice.getByText('is on sale at 88.00').waitFor();
  await look(watcher, 'watch-notice');
  // The bell counts it without another look; in the inbox it is read by opening it, and the bell is quiet (P-40).
  const bell = watcher.getByTestId('inbox-bell');
  await bell.getByText(/^\d+\+?$/).waitFor();
  const told = await watcher.context().newPage();
  await told.goto(new URL('/inbox', program.base).toString());
  await told.locator('[data-notice="price_reached"][data-read="false"]').first().waitFor();
  await look(told, 'inbox');
  await told.locator('[data-notice="price_reached"]').first().getByRole('link').click();
  await told.waitForURL(new RegExp(classId));
  await told.goBack();
  await told.locator('[data-notice="price_reached"][data-read="true"]').first().waitFor();
  await told.getByRole('button', { name: 'Mark all as read' }).click();
  await told.locator('[data-read="false"]').first().waitFor({ state: 'detached' });
  await told
    .getByTestId('inbox-bell')
    .getByText(/^\d+\+?$/)
    .waitFor({ state: 'detached' });
  await told.close();
  await notice.getByRole('link').click();
  await watcher.waitForURL(new RegExp(classId));
  await notice.getByRole('button', { name: 'Got it' }).click();
  await notice.waitFor({ state: 'detached' });
});

test('an offer on a listing: too low, made on a phone, answered with another price, accepted; both see the thread and the trade', async () => {
  const itemId = itemIds[3] ?? '';
  const holder = await enter(CHEN_HAI.shown, /\/$/);
  await holder.goto(`/sell?item=${itemId}`);
  const selling = holder.getByRole('dialog');
  await selling.getByLabel('Unit price').fill('900.00');
  await selling.getByText('More options').click();
  await selling.getByLabel('Smallest offer').fill('600.00');
  await look(holder, 'sell-smallest-offer');
  // The answer is lost on its way: asked again, the same bytes find the listing that stands, and there is no second one.
  const loseAnswer = async (route: Route) => {
    // However slow the machine is: a request that is neither answered nor broken off would be waited for.
    await route.fetch({ timeout: 120_000 });
    await route.abort('connectionreset');
  };
  await holder.route('**/api/trpc/order.place*', loseAnswer, { times: 1 });
  await selling.getByRole('button', { name: 'Sign and list' }).click();
  await selling.getByText('is not known yet').waitFor();
  await look(holder, 'sell-no-answer');
  await selling.getByRole('button', { name: 'Ask again what became of it' }).click();
  await selling.getByRole('status').getByText('Listed').waitFor();

  const buyer = await enter(LIN_YUE.shown, /\/$/, { theme: 'dark', width: 390 });
  await buyer.goto(`/i/${itemId}`);
  await buyer.getByRole('button', { name: 'Make an offer' }).click();
  const sheet = buyer.getByRole('dialog');
  await sheet.getByLabel('Unit price').fill('599.99');
  await sheet.getByText('The seller takes no offer this low').waitFor();
  await sheet.getByLabel('Unit price').fill('650.00');
  await sheet.getByText('Can be answered until').first().waitFor();
  await look(buyer, 'offer-sheet-phone');
  await sheet.getByRole('button', { name: 'Sign and offer' }).click();
  await sheet.getByText('Offered: the payment institution').waitFor();
  await sheet.getByRole('link', { name: 'See orders' }).click();
  await buyer.waitForURL(/tab=offers/);
  const mine = buyer.locator('[data-offer]');
  await mine.getByText('650.00').first().waitFor();
  // Half an hour has to pass before it can be taken back.
  await mine.getByText('can be withdrawn from').waitFor();
  expect(await mine.getByRole('button', { name: 'Withdraw' }).isDisabled()).toBe(true);
  await look(buyer, 'offer-waits-phone');

  await holder.goto('/orders?tab=offers');
  const theirs = holder.locator('[data-offer]');
  await theirs.getByText('Your turn').waitFor();
  await look(holder, 'offer-thread');
  await theirs.getByRole('button', { name: 'Another price' }).click();
  await selling.getByLabel('Unit price').fill('800.00');
  await selling.getByRole('button', { name: 'Sign and answer' }).click();
  await selling.getByText('Answered: waiting').waitFor();

  // Told without looking again.
  await mine.getByRole('button', { name: 'Accept 800.00' }).click();
  await sheet.getByText('You pay').first().waitFor();
  await look(buyer, 'offer-accept-phone');
  await sheet.getByRole('button', { name: 'Sign and buy' }).click();
  await sheet.getByText('Settled: the item is yours').waitFor();
  await sheet.getByRole('link', { name: 'See the trade' }).click();
  await buyer.waitForURL(/\/trades\/trd_/);
  await holder.reload();
  await holder.locator('[data-offer][data-state="accepted"]').waitFor();
  await look(holder, 'offer-traded');
});

test('a stolen item goes back: sworn by who lost it, frozen, given back on one sheet; the fund owes who bought it (P-34, P-35); a court’s judgement moves it again', async () => {
  await passDays(await staffClient(program, 'staff-operator'), 8);
  const itemId = itemIds[3] ?? '';
  const lin = await signedInPlayer(program, LIN_YUE);
  await waitFor(
    () => lin.api.trade.list.query({}),
    ({ rows }) => rows.some(({ state, grossFen }) => state === 'paid_out' && grossFen === '80000'),
    60_000,
    'the payout',
  );
  const robbed = await enter(CHEN_HAI.shown, /\/$/);
  await robbed.goto(`/i/${itemId}`);
  await robbed.getByRole('button', { name: 'Report', exact: true }).click();
  const statement = robbed.getByRole('dialog');
  await statement.getByText('This item was stolen from me').click();
  await statement.getByLabel('What happened').fill('Somebody sold it from my phone while I slept.');
  await statement.getByRole('button', { name: 'Send', exact: true }).click();
  await statement.getByRole('status').waitFor();

  const market = await enter('staff-market', /\/supervisor/);
  await market.goto('/supervisor/cases');
  await market.getByRole('button', { name: 'Open a case' }).click();
  await market.getByRole('dialog').getByLabel('Title').fill('A sword that was stolen');
  await market.getByRole('dialog').getByLabel('Ground').fill('Rulebook P-34');
  await market.getByRole('dialog').getByRole('button', { name: 'Open a case' }).click();
  await market.waitForURL(/\/supervisor\/cases\/cas_/);
  await market.getByRole('button', { name: 'Freeze', exact: true }).click();
  await market.getByRole('dialog').getByLabel('Id').fill(itemId);
  await market.getByRole('dialog').getByLabel('Reason (ten').fill('Sworn to be stolen by who held it.');
  await market.getByRole('dialog').getByRole('button', { name: 'Confirm and sign' }).click();
  await market.locator('[data-freeze][data-state="active"]').waitFor();
  const sworn = market.locator('[data-report]').filter({ hasText: 'Somebody sold it from my phone' });
  await sworn.getByText('800.00').waitFor();
  await sworn.getByRole('button', { name: 'Give the item back' }).click();
  const sheet = market.getByRole('dialog');
  expect(await sheet.getByLabel('The holder bought it in good faith').isChecked()).toBe(true);
  await sheet.getByLabel('Reason').fill('The phone company confirms the theft.');
  await look(market, 'return-sheet');
  await sheet.getByRole('button', { name: 'Confirm and sign' }).click();
  await market.getByText('Guarantee fund', { exact: true }).waitFor();
  await sworn.waitFor({ state: 'detached' });
  await robbed.goto(`/i/${itemId}`);
  await robbed.getByText('This item is yours').first().waitFor();

  // A court sees it otherwise: its judgement is carried out in the same case.
  await market.getByRole('button', { name: 'Freeze', exact: true }).click();
  await market.getByRole('dialog').getByLabel('Id').fill(itemId);
  await market.getByRole('dialog').getByLabel('Reason (ten').fill('The court has asked to hold it.');
  await market.getByRole('dialog').getByRole('button', { name: 'Confirm and sign' }).click();
  await market.locator(`[data-held="${itemId}"]`).getByRole('button', { name: 'Carry out a judgement' }).click();
  const buyer = (await program.api.session.demoAccounts.query()).find(({ name }) => name === LIN_YUE.shown);
  await sheet.getByLabel('Account that it goes to').fill(buyer?.acct ?? '');
  await sheet.getByLabel('Court', { exact: true }).fill('Hangzhou Internet Court');
  await sheet.getByLabel('Number of the court case').fill('(2026) Zhe 0192 No. 1234');
  const paper = { name: 'judgement.txt', mimeType: 'text/plain', buffer: Buffer.from('The sword belongs to the buyer.') };
  await sheet.getByLabel('The judgement, as a file').setInputFiles(paper);
  await sheet.getByLabel('Reason').fill('The judgement is final and was served on us.');
  await look(market, 'judgement-sheet');
  await sheet.getByRole('button', { name: 'Confirm and sign' }).click();
  await market.locator('[data-judgement]').getByText('Hangzhou Internet Court').waitFor();
  await look(market, 'judgement-done');
  await robbed.goto(`/i/${itemId}`);
  await robbed.getByText('Moved by judgement').waitFor();
});

test('somebody else used the account: one declaration, the banner says what is held and until when, the public page has the fund', async () => {
  const owner = await enter(CHEN_HAI.shown, /\/$/, { theme: 'dark', width: 390 });
  await owner.goto('/disputes');
  await owner.getByRole('button', { name: 'Somebody else used my account' }).click();
  const sheet = owner.getByRole('dialog');
  await sheet.getByText('For 30 days nothing is sold').waitFor();
  await sheet.getByLabel('What happened').fill('Somebody had my phone since Monday.');
  await look(owner, 'takeover-sheet-phone');
  await sheet.getByRole('button', { name: 'Sign and declare' }).click();
  await owner.getByTestId('takeover').getByText('the account cools until', { exact: false }).waitFor();
  const held = owner.getByTestId('holds');
  await held.getByText('Your account was used by somebody else').waitFor();
  await held.getByText('No sale, gift, withdrawal.').waitFor();
  await held.getByText('It ends by itself at', { exact: false }).waitFor();
  await look(owner, 'takeover-phone');
  await owner.goto('/transparency');
  await owner.getByTestId('fund').getByText('Balance').waitFor();
  await look(owner, 'fund-phone');
});
