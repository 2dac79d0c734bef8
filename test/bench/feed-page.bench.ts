/**
 * The supervisor's feed page with 50,000 rows in memory (product V-03), in the pinned Chromium without a graphics card: how long it takes until
 * they are there, each checked against its hash and chain; what they weigh; how a reader scrolls through them while more arrive; and the time
 * from the COMMIT of a batch of 200 to its rows on the page. Needs built pages (`npm run build`).
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { openPages } from '#server/http/open-pages.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { type Services, tradeMessages, withFeedGround } from './feed-ground.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ROWS = 50_000;
const BATCH = 200;
const ROUNDS = 20;
const FRAMES = 300;
const SCROLL_PX = 440;
const ARRIVE_EVERY_MS = 200;
const ARRIVE = 10;
const PATIENCE_MS = 180_000;

export async function benchFeedPage(): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path.join(ROOT, '.next/BUILD_ID'))) throw new Error('the pages are not built: npm run build');
  const browser = await launchBrowser();
  try {
    return await withFeedGround(
      (httpServer) => openPages({ dir: ROOT, isDev: false, httpServer, host: '127.0.0.1', port: 0 }),
      async ({ base, services, signIn }) => {
        const context = await browser.newContext({ baseURL: base, viewport: { width: 1440, height: 900 } });
        const [name = '', value = ''] = (await signIn('sup_market')).split('=');
        await context.addCookies([{ name, value, url: base }]);
        const page = await context.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        const figures = await measure(page, services);
        await context.close();
        return figures;
      },
    );
  } finally {
    await browser.close();
  }
}

async function measure(page: Page, services: Services): Promise<Readonly<Record<string, unknown>>> {
  const writer = feedWriter(services);
  await writer.append(BATCH);
  await page.goto('/supervisor');
  await page.waitForSelector('[data-feed-rows]');
  await noteLongTasks(page);
  const fillFrom = performance.now();
  while (writer.count() < ROWS) await writer.append(BATCH);
  const appended = performance.now() - fillFrom;
  await rowsShown(page, ROWS);
  const filled = performance.now() - fillFrom;
  const heapMegabytes = await heapOf(page);
  const delays: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const wanted = (await shownNow(page)) + BATCH;
    await writer.append(BATCH);
    const committed = Date.now();
    delays.push(Math.max(0, (await rowsShown(page, wanted)) - committed));
  }
  const arriving = setInterval(() => void writer.append(ARRIVE), ARRIVE_EVERY_MS);
  const frames = await scroll(page);
  clearInterval(arriving);
  await writer.idle();
  const longTasks: number[] = JSON.parse(await page.evaluate(() => document.body.dataset.longTasks ?? '[]'));
  return {
    rows: await shownNow(page),
    appendSeconds: Math.round(appended / 100) / 10,
    fillSeconds: Math.round(filled / 100) / 10,
    heapMegabytes,
    domNodes: await page.evaluate(() => document.querySelectorAll('*').length),
    batchOf: BATCH,
    commitToRowsMs: spread(delays),
    frameMs: spread(frames),
    framesPerSecond: Math.round(1000 / (frames.reduce((sum, each) => sum + each, 0) / frames.length)),
    framesOver50Ms: frames.filter((each) => each > 50).length,
    longestTaskMs: Math.round(Math.max(0, ...longTasks)),
  };
}

/** One commit after the other, as one market writes. */
function feedWriter({ sql, outbox, clock }: Services) {
  let written = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const append = (rows: number) => {
    writing = writing.then(() => {
      const at = clock.now();
      const messages = Array.from({ length: rows }, (_, n) => tradeMessages(written + n + 1, at)).flat();
      written += rows;
      return sql.begin((tx) =>
        outbox.append(
          tx,
          messages.filter(({ room }) => room === 'sup:market'),
        ),
      );
    });
    return writing;
  };
  return { append, count: () => written, idle: () => writing };
}

/** From now on the page notes its long tasks. */
async function noteLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration));
      document.body.dataset.longTasks = JSON.stringify(tasks);
    }).observe({ entryTypes: ['longtask'] });
  });
}
const shownNow = (page: Page) =>
  page.evaluate(() => Number(document.querySelector('[data-feed-rows]')?.getAttribute('data-feed-rows') ?? 0));

/** @returns when the rows were there, on the clock that both processes share */
async function rowsShown(page: Page, wanted: number): Promise<number> {
  return page.evaluate(
    (count) =>
      new Promise<number>((resolve) => {
        const list = document.querySelector('[data-feed-rows]');
        const look = () => {
          if (Number(list?.getAttribute('data-feed-rows') ?? 0) < count) return false;
          resolve(Date.now());
          return true;
        };
        if (list === null || look()) return;
        const observer = new MutationObserver(() => {
          if (look()) observer.disconnect();
        });
        observer.observe(list, { attributes: true, attributeFilter: ['data-feed-rows'] });
      }),
    wanted,
  );
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return Math.round((metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? 0) / 1_048_576);
}

/** Ten rows a frame, as somebody does who pulls the bar. @returns the time of each frame */
async function scroll(page: Page): Promise<readonly number[]> {
  return page.evaluate(
    ({ frames, pixels }) =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector('[data-feed-rows]');
        const times: number[] = [];
        let before = performance.now();
        const step = (now: number) => {
          times.push(now - before);
          before = now;
          list?.scrollBy(0, pixels);
          if (times.length > frames) resolve(times.slice(1));
          else requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    { frames: FRAMES, pixels: SCROLL_PX },
  );
}

function spread(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
