/** A person at a browser: language, size, what the page complained about and whom it asked. */
import type { Browser, BrowserContext, Page } from 'playwright-core';

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

/** One click on the sign-in page, as the demonstration offers it (product O-22). */
export async function signInAs({ page }: Visitor, name: string, arrives: RegExp): Promise<void> {
  await page.goto('/sign-in');
  await page.click(`[data-demo-account="${name}"]`);
  await page.waitForURL(arrives);
}
