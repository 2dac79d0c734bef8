/** Every page, at the width of a desk and of a phone, dark and light, in both languages: accessible, quiet, self-contained, without
 *  sideways scrolling and with nothing cut off (product ). With `SHOTS=folder` it leaves pictures to look at. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClassId, TradeId } from '#ledger/primitives/ids.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { cutOff } from './support/cut-off.ts';
import { layoutShift } from './support/layout-shift.ts';
import { LIN_YUE, signedInPlayer } from './support/player.ts';
import { type SharedMarket, sharedMarket } from './support/shared-market.ts';
import { violationsOf } from './support/violations.ts';
import { choose, signInAs, type Visitor, visit } from './support/visitor.ts';

const EXPERIMENT = 'SBX-2026-0001';
/** A page is loaded as it is looked at first, and becomes the second in place: theme and width are a matter of style sheets alone. Both widths
 *  are looked at first once, so that every rule of axe meets both. */
const WAYS: readonly { readonly language: 'zh-CN' | 'en'; readonly first: Looks; readonly second: Looks; readonly edge: number }[] = [
  { language: 'zh-CN', first: { theme: 'light', width: 1440 }, second: { theme: 'dark', width: 390 }, edge: 2560 },
  { language: 'en', first: { theme: 'light', width: 390 }, second: { theme: 'dark', width: 1440 }, edge: 320 },
];
/** Product Q-21: everything that a player's page has loaded before anybody touches it, lazily or not. */
const SCRIPT_LIMIT = 250_000;
const SHIFT_LIMIT = 0.05;
/** The mouse lies still where it pressed last: one link at most is below it. */
const POINTED_AT = 1;
const WEIGHED: ReadonlySet<string> = new Set(['visitor', 'player']);
const shots = process.env.SHOTS;
let program: SharedMarket;
let browser: Browser;
let accounts: Awaited<ReturnType<SharedMarket['api']['session']['demoAccounts']['query']>>;
let pages: Readonly<Record<Person, readonly string[]>>;

type Looks = { readonly theme: 'light' | 'dark'; readonly width: 1440 | 390 };
type Way = (typeof WAYS)[number];
type Person = 'visitor' | 'player' | 'studio' | 'supervisor' | 'finance' | 'operator';
/** Where signing in leads to; null: nobody signs in. */
const ARRIVES: Record<Person, RegExp | null> = {
  visitor: null,
  player: /\/$/,
  studio: /\/studio/,
  supervisor: /\/supervisor/,
  finance: /\/supervisor/,
  operator: /\/(?:desk|node|supervisor|explorer)/,
};
/** Who looks after whom in one line; the lines run side by side, since most of a look is waiting for the page to rest. */
const LINES: readonly (readonly Person[])[] = [
  ['visitor', 'operator'],
  ['player', 'studio', 'supervisor', 'finance'],
];

beforeAll(async () => {
  browser = await launchBrowser();
  program = await sharedMarket();
  const home = await program.api.home.get.query();
  accounts = await program.api.session.demoAccounts.query();
  const kinds = await program.api.search.list.query({ listed: true });
  const [sold] = home.tape;
  const kind = await program.api.itemClass.get.query({ classId: kinds.rows[0]?.classId ?? '' });
  const item = kind.listings[0]?.items[0]?.itemId;
  const matched = await program.api.search.list.query({ experiment: true });
  const reserved = await reserve(kinds.rows.map(({ classId }) => classId));
  pages = {
    visitor: [
      '/',
      '/search?q=prime&listed=1',
      `/c/${sold?.classId}`,
      `/c/${matched.rows[0]?.classId}`,
      `/i/${item}`,
      `/sellers/${kind.listings[0]?.sellerRef}`,
      '/join',
      '/sign-in',
      '/verify',
      '/explorer',
      '/explorer/blocks/3',
      '/explorer/entries/3',
      '/explorer/state/items/0',
      '/node',
      '/experiments',
      `/experiments/${EXPERIMENT}`,
      '/agreement',
      '/rules',
      '/transparency',
      '/credits',
      '/problems#reference_conflict',
      '/reference',
      '/no-such-page',
    ],
    player: [
      '/sell',
      '/portfolio',
      '/orders',
      '/inbox',
      '/money',
      '/tax',
      '/settings/data',
      `/c/${kind.card.classId}`,
      `/trades/${reserved}`,
      `/pay/${reserved.replace('trd_', 'pay_')}`,
    ],
    studio: ['/studio', '/studio/join', '/studio/kinds', `/studio/kinds/${kind.card.classId}`],
    supervisor: [
      '/supervisor',
      '/supervisor/alerts',
      '/supervisor/cases',
      '/supervisor/detectors',
      '/supervisor/rows?tile=trades&period=2026-11',
      '/supervisor/tax',
      '/supervisor/tax/returns',
      '/supervisor/tax/reserves',
      '/supervisor/packs',
      '/supervisor/experiments',
      `/supervisor/experiments/${EXPERIMENT}`,
      '/supervisor/replay',
      '/supervisor/reports',
      `/supervisor/flows?kind=trade&id=${sold?.tradeId}&back=3&forth=3`,
      `/supervisor/trades/${sold?.tradeId}`,
    ],
    finance: ['/supervisor/reconciliation', '/supervisor/flows'],
    operator: ['/desk/certificates'],
  };
});

/** Lin Yue reserves a listing and has not paid for it yet. */
async function reserve(classIds: readonly ClassId[]): Promise<TradeId> {
  const lin = await signedInPlayer(program, LIN_YUE);
  for (const classId of classIds) {
    const { listings } = await program.api.itemClass.get.query({ classId });
    const listing = listings.find(({ state, mechanism }) => state === 'live' && mechanism === 'fixed_price');
    if (listing === undefined) continue;
    const quote = await lin.api.quote.get.mutate({
      intent: 'take_listing',
      classId,
      itemIds: listing.items.map(({ itemId }) => itemId),
      targetOrderId: listing.orderId,
      priceFen: listing.priceFen,
      quantity: listing.items.length,
      timeInForce: 'gtc',
      payFrom: 'outside',
    });
    const [sheet] = lin.signSheet([{ quote, referenceId: 'pages-test-reserve' }]);
    const answer = sheet === undefined ? null : await lin.api.order.place.mutate(sheet);
    const trade = answer?.kind === 'placed' ? answer.trades[0] : undefined;
    if (trade !== undefined) return trade.tradeId;
  }
  throw new Error('the demonstration has a listing that can be reserved');
}

afterAll(async () => {
  await browser?.close();
  program?.leave();
});

test.each(WAYS)('$language: $first.theme at $first.width px, $second.theme at $second.width px', { timeout: 600_000 }, async (way) => {
  const lines = await Promise.all(LINES.map((people) => faultsOfLine(people, way)));
  // The page that is not there answers 404, which the browser reports of itself.
  expect(lines.flat().filter((fault) => !/^\/no-such-page: Failed to load resource.*404/.test(fault))).toEqual([]);
});

async function faultsOfLine(people: readonly Person[], way: Way): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const person of people) {
    const visitor = await come(person, way);
    for (const address of pages[person]) faults.push(...(await faultsOf(visitor, person, address, way)));
    faults.push(...visitor.complaints.splice(0), ...visitor.strangers.splice(0).map((url) => `asked ${url}`));
    // An open page goes on asking.
    await visitor.page.goto('about:blank');
  }
  return faults;
}

/** They sign in once and stay: in the other language they look at the same pages. */
const here = new Map<Person, Visitor>();

async function come(person: Person, { language, first }: Way): Promise<Visitor> {
  const known = here.get(person);
  if (known !== undefined) {
    await choose(known, program.base, { language, theme: first.theme });
    return known;
  }
  const visitor = await visit(browser, program.base, { language, ...first });
  const arrives = ARRIVES[person];
  if (arrives !== null) await signInAs(visitor, nameOf(person), arrives);
  here.set(person, visitor);
  return visitor;
}

function nameOf(person: Person): string {
  if (person === 'player') return LIN_YUE.shown;
  const role = person === 'supervisor' ? 'sup_tax' : person === 'finance' ? 'sup_finance' : person;
  return accounts.find((account) => account.role === role)?.name ?? role;
}

async function faultsOf(
  { page }: Visitor,
  person: Person,
  address: string,
  { language, first, second, edge }: Way,
): Promise<readonly string[]> {
  await page.setViewportSize({ width: first.width, height: 900 });
  const fetched = new Set<string>();
  const note = (request: Request) => {
    if (request.headers()['next-router-prefetch'] !== undefined) fetched.add(new URL(request.url()).pathname);
  };
  page.on('request', note);
  await page.goto(address);
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-skeleton]').length === 0);
  const faults: string[] = [];
  const shift = await layoutShift(page);
  if (shift.value > SHIFT_LIMIT) faults.push(`moved by ${shift.value.toFixed(3)} while loading: ${shift.sources.join(', ')} (Q-16)`);
  faults.push(...(await faultsToSee(page, `${language}-${first.theme}-${first.width}`, 'all')));
  await become(page, second);
  faults.push(...(await faultsToSee(page, `${language}-${second.theme}-${second.width}`, 'style')));
  if (WEIGHED.has(person) && language === 'zh-CN') {
    // What is loaded lazily has come by now; it weighs the same in the other language.
    const bytes = await scriptBytes(page);
    if (bytes > SCRIPT_LIMIT) faults.push(`${Math.round(bytes / 1_000)} KB of script, gzipped (Q-21)`);
  }
  // The narrowest and the widest screen: nothing sideways and nothing cut off.
  await page.setViewportSize({ width: edge, height: 900 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  for (const fault of await sidewaysFaults(page)) faults.push(`${language}-${edge}: ${fault}`);
  page.off('request', note);
  if (fetched.size > POINTED_AT) faults.push(`fetched ${[...fetched].join(', ')} although nobody pointed there`);
  return faults.map((fault) => `${address}: ${fault}`);
}

/** As the switch of the theme and a hand at the window's edge do, but at once: colours that glide are a style of every element every frame. */
async function become(page: Page, { theme, width }: Looks): Promise<void> {
  await page.evaluate((next) => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
    document.documentElement.setAttribute('data-theme', next);
  }, theme);
  await page.setViewportSize({ width, height: 900 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

async function sidewaysFaults(page: Page): Promise<readonly string[]> {
  const scroll = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return [...(scroll > 0 ? [`${scroll} px wider than the screen`] : []), ...(await cutOff(page))];
}

async function faultsToSee(page: Page, way: string, what: 'all' | 'style'): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const fault of [...(await sidewaysFaults(page)), ...(await violationsOf(page, what))]) faults.push(`${way}: ${fault}`);
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    const name = new URL(page.url()).pathname.replaceAll('/', '_').slice(0, 24);
    await page.screenshot({ path: path.join(shots, `${name}-${way}.png`), fullPage: true });
  }
  return faults;
}

const weights = new Map<string, Promise<number>>();

/** Of the scripts that the page has asked for, each once. */
async function scriptBytes(page: Page): Promise<number> {
  const urls = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .filter((name) => new URL(name).pathname.endsWith('.js')),
  );
  const sizes = [...new Set(urls)].map((url) => {
    const known = weights.get(url) ?? gzippedBytes(url);
    weights.set(url, known);
    return known;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

async function gzippedBytes(url: string): Promise<number> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return gzipSync(new Uint8Array(await response.arrayBuffer())).byteLength;
}
