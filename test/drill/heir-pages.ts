/** What a player sees in a browser on the market of whoever took over. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { signInAs, visit } from '#test/e2e/support/visitor.ts';
import { launchBrowser } from '#test/support/browser.ts';

/** Drills run from sources; pages are there once somebody has built them (`npm start` does). */
export const HAS_PAGES = existsSync(path.resolve(import.meta.dirname, '../../.next/BUILD_ID'));

export type Seen = {
  readonly home: boolean;
  readonly item: boolean;
  readonly complaints: readonly string[];
  readonly strangers: readonly string[];
};

/** Opens the first page, signs in with one click, and looks for the item among what is theirs and on its own page. */
export async function seeOwnItem(base: string, shown: string, itemId: string): Promise<Seen> {
  const browser = await launchBrowser();
  try {
    const visitor = await visit(browser, base);
    const { page, complaints, strangers } = visitor;
    const answer = await page.goto('/');
    await page.getByRole('searchbox').first().waitFor();
    await signInAs(visitor, shown, /\/$/);
    await page.goto('/portfolio');
    await page.locator(`main a[href="/i/${itemId}"]`).first().click();
    await page.waitForURL(`**/i/${itemId}`);
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByText('Verified on this machine').waitFor();
    return { home: answer?.status() === 200, item: true, complaints, strangers };
  } finally {
    await browser.close();
  }
}
