/** Every page, at the width of a desk and of a phone, dark and light, in both languages: accessible, quiet, self-contained and without
 *  sideways scrolling (product ). With `SHOTS=folder` it leaves pictures to look at. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { findPort, makeDataDir, type Program, removeInstallation, startProgram, waitUntilOpen } from './support/program.ts';
import { signInAs, type Visitor, type VisitorOptions, visit } from './support/visitor.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const EXPERIMENT = 'SBX-2026-0001';
const WAYS: readonly Required<VisitorOptions>[] = [
  { language: 'zh-CN', theme: 'light', width: 1440 },
  { language: 'en', theme: 'dark', width: 1440 },
  { language: 'zh-CN', theme: 'dark', width: 390 },
  { language: 'en', theme: 'light', width: 390 },
];
/** Product Q-21: everything that a player's page has loaded before anybody touches it, lazily or not. */
const SCRIPT_LIMIT = 250_000;
const WEIGHED: ReadonlySet<string> = new Set(['visitor', 'player']);
const dataDir = makeDataDir();
const shots = process.env.SHOTS;
let program: Program;
let browser: Browser;
let pages: Readonly<Record<'player' | 'visitor' | 'supervisor' | 'studio', readonly string[]>>;

beforeAll(async () => {
  browser = await launchBrowser();
  program = await startProgram(dataDir, await findPort());
  const home = await waitUntilOpen(program);
  const kinds = await program.api.search.list.query({ listed: true });
  const [sold] = home.tape;
  const kind = await program.api.itemClass.get.query({ classId: kinds.rows[0]?.classId ?? '' });
  const item = kind.listings[0]?.items[0]?.itemId;
  const matched = await program.api.search.list.query({ experiment: true });
  pages = {
    visitor: [
      '/',
      '/search?q=prime&listed=1',
      `/c/${sold?.classId}`,
      `/c/${matched.rows[0]?.classId}`,
      `/i/${item}`,
      '/join',
      '/sign-in',
      '/verify',
      '/explorer',
      '/explorer/blocks/3',
      '/explorer/entries/3',
      `/experiments/${EXPERIMENT}`,
      '/rules',
      '/transparency',
      '/credits',
      '/no-such-page',
    ],
    player: ['/sell', '/portfolio', '/orders', '/money', `/c/${kind.card.classId}`],
    supervisor: [
      '/supervisor',
      '/supervisor/alerts',
      '/supervisor/detectors',
      '/supervisor/tax',
      '/supervisor/reports',
      `/supervisor/flows?kind=trade&id=${sold?.tradeId}&back=3&forth=3`,
      `/supervisor/trades/${sold?.tradeId}`,
    ],
    studio: ['/studio'],
  };
});
afterAll(async () => {
  await browser?.close();
  await removeInstallation(program, dataDir);
});

test.each(WAYS)('$language, $theme, $width px', async (way) => {
  const faults: string[] = [];
  const accounts = await program.api.session.demoAccounts.query();
  const tax = accounts.find(({ role }) => role === 'sup_tax')?.name ?? '';
  const people = [
    ['visitor', null, /./],
    ['player', '林月 Lin Yue', /\/$/],
    ['supervisor', tax, /\/supervisor/],
    ['studio', 'studio', /\/studio/],
  ] as const;
  for (const [person, account, arrives] of people) {
    const visitor = await visit(browser, program.base, way);
    if (account !== null) await signInAs(visitor, account, arrives);
    for (const address of pages[person]) faults.push(...(await faultsOf(visitor, person, address, way)));
    faults.push(...visitor.complaints, ...visitor.strangers.map((url) => `asked ${url}`));
    await visitor.context.close();
  }
  // The page that is not there answers 404, which the browser reports of itself.
  expect(faults.filter((fault) => !/^\/no-such-page: Failed to load resource.*404/.test(fault))).toEqual([]);
});

async function faultsOf(
  { page }: Visitor,
  person: keyof typeof pages,
  address: string,
  { language, theme, width }: Required<VisitorOptions>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  await page.goto(address);
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-skeleton]').length === 0);
  await page.waitForTimeout(400);
  if (WEIGHED.has(person)) {
    const bytes = await scriptBytes(page);
    if (bytes > SCRIPT_LIMIT) faults.push(`${address}: ${Math.round(bytes / 1_000)} KB of script, gzipped (Q-21)`);
  }
  const scroll = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (scroll > 0) faults.push(`${address}: ${scroll} px wider than the screen`);
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  for (const { id, nodes } of violations) faults.push(`${address}: ${id}: ${nodes[0]?.html.slice(0, 160)}`);
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    const name = address.replace(/[?].*/, '').replaceAll('/', '_').slice(0, 24);
    await page.screenshot({ path: path.join(shots, `${name}-${language}-${theme}-${width}.png`), fullPage: true });
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
