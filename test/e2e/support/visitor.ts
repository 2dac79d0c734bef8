/** A person at a browser: language, size, what the page complained about and whom it asked. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

export type Visitor = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts and of the console, in order. */
  readonly complaints: string[];
  /** Requests that left for another host than the program's. */
  readonly strangers: string[];
};

export type VisitorOptions = {
  readonly language?: 'zh-CN' | 'en';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
};

export async function visit(browser: Browser, base: string, options: VisitorOptions = {}): Promise<Visitor> {
  const { language = 'en', theme = 'light', width = 1440 } = options;
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width, height: 900 },
    acceptDownloads: true,
    reducedMotion: 'reduce',
  });
  await choose({ context }, base, { language, theme });
  const complaints: string[] = [];
  const strangers: string[] = [];
  context.on('page', arriveLive);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${new URL(page.url()).pathname}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${new URL(page.url()).pathname}: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (/^(?:http|ws)s?:/.test(url) && new URL(url).host !== new URL(base).host) strangers.push(url);
  });
  return { context, page, complaints, strangers };
}

/** A page that comes is there to be read before it answers to hands: what is pressed or filled in earlier is lost. Whoever goes somewhere
 *  waits for the mark that the page sets when it does (`app/_components/providers.tsx`). */
function arriveLive(page: Page): void {
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
  page.goto = async (...where) => {
    const answer = await goto(...where);
    await untilLive(page);
    return answer;
  };
  page.reload = async (...how) => {
    const answer = await reload(...how);
    await untilLive(page);
    return answer;
  };
}

async function untilLive(page: Page): Promise<void> {
  // A file from disk has no such mark, an empty page neither.
  if (/^http/.test(page.url())) await page.waitForSelector('html[data-live]', { state: 'attached' });
}

/** From the next page on. */
export async function choose(
  { context }: Pick<Visitor, 'context'>,
  base: string,
  { language, theme }: Required<Pick<VisitorOptions, 'language' | 'theme'>>,
): Promise<void> {
  await context.addCookies([
    { name: 'daoju_lang', value: language, url: base },
    { name: 'daoju_theme', value: theme, url: base },
  ]);
}

/** A list hears keys a moment after it stands there: `j` is pressed until a row is chosen. */
export async function walkInto(page: Page, chosen: string): Promise<void> {
  const isChosen = async () => {
    await page.keyboard.press('j');
    return page.locator(chosen).first().isVisible();
  };
  await expect.poll(isChosen, { timeout: 60_000, interval: 500 }).toBe(true);
}

/** One click on the sign-in page, as the demonstration offers it (product O-22). */
export async function signInAs({ page }: Visitor, name: string, arrives: RegExp): Promise<void> {
  await page.goto('/sign-in');
  await page.click(`[data-demo-account="${name}"]`);
  await page.waitForURL(arrives);
  await untilLive(page);
}
