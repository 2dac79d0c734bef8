/** What axe finds on a page against WCAG 2.2 AA (product Q-12). */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rules that colours and sizes decide; every other one is about names, roles and order, which a theme does not change. */
const STYLE = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'];

/** One line per rule, with the first place. `what`: `style` asks again, after a change of theme and width, only what that can have changed. */
export async function violationsOf(page: Page, what: 'all' | 'style' = 'all'): Promise<readonly string[]> {
  // Once per document: half a megabyte of script is not read anew for a second look.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(
    async ({ tags, rules }) => {
      const { run }: typeof axe = Object(globalThis).axe;
      const runOnly = rules === null ? { type: 'tag' as const, values: tags } : { type: 'rule' as const, values: rules };
      // What passes need not be described, and what fails only by its first place. No rule of these reads style sheets by itself.
      const { violations } = await run(document, { runOnly, resultTypes: ['violations'], preload: false });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
    },
    { tags: WCAG, rules: what === 'all' ? null : STYLE },
  );
}
