/** The saved verifier, opened from disk with the network off (product P-44): words, steps, and no request to anybody. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { zipSync } from 'fflate';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toHex } from '#ledger/primitives/bytes.ts';
import { buildItemPassport } from '#ledger/proof/build-receipt.ts';
import { bundleVerifier } from '#server/build-verifier.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { openEvidenceRig } from '#test/support/evidence-rig.ts';
import { actor } from '#test/vectors/ledger-world.ts';
import { marketDay } from '#test/vectors/sealed-world.ts';

const { world } = marketDay();
const folder = mkdtempSync(path.join(tmpdir(), 'daoju-verifier-'));
const page = path.join(folder, 'verify.html');
const good = path.join(folder, 'good.plproof');
const broken = path.join(folder, 'broken.plproof');
let browser: Browser;

beforeAll(async () => {
  const passport = await buildItemPassport(world.source(), 0n);
  if (passport === null) throw new Error('the Item exists');
  writeFileSync(page, (await bundleVerifier()).html);
  writeFileSync(good, passport);
  passport[passport.length - 40] = (passport[passport.length - 40] ?? 0) ^ 1;
  writeFileSync(broken, passport);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test.each<['en-US' | 'zh-CN', 'light' | 'dark', number]>([
  ['en-US', 'light', 1440],
  ['zh-CN', 'dark', 390],
])('a passport in %s, %s, %i px: compared first, then proven; one byte changed, not', async (locale, colorScheme, width) => {
  const context = await browser.newContext({ locale, colorScheme, offline: true, viewport: { width, height: 900 } });
  const tab = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  tab.on('request', (request) => requests.push(request.url()));
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(error.message));
  await tab.goto(pathToFileURL(page).href);
  await tab.setInputFiles('#pv-file', good);
  // Before anybody has compared the fingerprint nothing is called proven.
  expect((await tab.textContent('.pv-print'))?.replaceAll(' ', '')).toBe(toHex(world.chain));
  expect(await tab.locator('[data-outcome]').count()).toBe(0);
  await tab.click('.pv-result .pv-button');
  expect(await tab.getAttribute('.pv-outcome', 'data-outcome')).toBe('proven');
  expect(await tab.textContent('.pv-sentence')).toContain(toHex(actor('carol').acct));
  expect(await tab.locator('tbody tr').count()).toBe(3);
  expect(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  const shots = process.env.SCREENSHOTS;
  if (shots !== undefined) await tab.screenshot({ path: path.join(shots, `verify-${locale}-${width}.png`), fullPage: true });

  await tab.setInputFiles('#pv-file', broken);
  expect(await tab.getAttribute('.pv-outcome', 'data-outcome')).toBe('disproven');
  expect(await tab.getAttribute('.pv-step-bad', 'data-code')).toBe('E46');
  expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test('an evidence package, dropped: eleven steps and the warnings in both languages; one byte changed, not', async () => {
  const rig = await openEvidenceRig();
  try {
    const { zip, files } = await rig.take(rig.m.bob);
    const whole = path.join(folder, 'evidence.zip');
    const altered = path.join(folder, 'altered.zip');
    writeFileSync(whole, zip);
    const readme = new Uint8Array(files.get('README.txt') ?? new Uint8Array(0));
    readme[3] = (readme[3] ?? 0) ^ 1;
    writeFileSync(altered, zipSync(Object.fromEntries(new Map([...files]).set('README.txt', readme))));
    for (const [locale, width, words] of [
      ['zh-CN', 390, '十一个步骤全部通过'],
      ['en-US', 1440, 'All eleven steps passed'],
    ] as const) {
      const context = await browser.newContext({ locale, offline: true, viewport: { width, height: 900 } });
      const tab = await context.newPage();
      // The market's clock stands in 2026; the reader's may be behind it.
      await tab.clock.setFixedTime(rig.m.clock.now());
      await tab.goto(pathToFileURL(page).href);
      await tab.setInputFiles('#pv-file', whole);
      expect((await tab.textContent('.pv-print'))?.replaceAll(' ', '')).toBe(toHex(rig.m.ledger.chain));
      await tab.click('.pv-result .pv-button');
      expect(await tab.getAttribute('.pv-outcome', 'data-outcome')).toBe('proven');
      expect(await tab.textContent('.pv-sentence')).toContain(words);
      expect(await tab.locator('.pv-result > .pv-steps > li').count()).toBe(11);
      expect(await tab.locator('.pv-warnings li').count()).toBeGreaterThan(3);
      expect(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      const shots = process.env.SCREENSHOTS;
      if (shots !== undefined) await tab.screenshot({ path: path.join(shots, `evidence-${locale}-${width}.png`), fullPage: true });
      await tab.setInputFiles('#pv-file', altered);
      expect(await tab.getAttribute('.pv-outcome', 'data-outcome')).toBe('malformed');
      expect(await tab.getAttribute('.pv-step-bad', 'data-code')).toBe('file_changed');
      await context.close();
    }
  } finally {
    await rig.stop();
  }
});
