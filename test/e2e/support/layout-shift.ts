/** How far a page has moved under its reader since it was loaded (product Q-16): Cumulative Layout Shift as web.dev defines it, the largest
 *  run of shifts that lie less than a second apart and span five at most, without those that answer a press. */
import type { Page } from 'playwright-core';

export type Shift = { readonly value: number; readonly sources: readonly string[] };

export async function layoutShift(page: Page): Promise<Shift> {
  return page.evaluate(
    () =>
      new Promise<Shift>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          observer.disconnect();
          resolve(worst(list.getEntries()));
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        // No entry at all, no call.
        setTimeout(() => resolve({ value: 0, sources: [] }), 100);

        function worst(entries: PerformanceEntryList): Shift {
          let [best, run]: [Shift, Shift] = [
            { value: 0, sources: [] },
            { value: 0, sources: [] },
          ];
          let [begun, last] = [0, 0];
          for (const entry of entries) {
            const { value, hadRecentInput, sources } = Object(entry);
            if (hadRecentInput === true) continue;
            const goesOn = entry.startTime - last < 1_000 && entry.startTime - begun < 5_000;
            if (!goesOn) begun = entry.startTime;
            last = entry.startTime;
            const names: string[] = [...(sources ?? [])].map((source) => nameOf(source.node));
            run = goesOn
              ? { value: run.value + Number(value), sources: [...run.sources, ...names] }
              : { value: Number(value), sources: names };
            if (run.value > best.value) best = run;
          }
          return best;
        }

        function nameOf(node: Node | null): string {
          const element = node instanceof Element ? node : (node?.parentElement ?? null);
          return element === null ? 'gone' : `${element.tagName.toLowerCase()}.${element.getAttribute('class')?.slice(0, 40) ?? ''}`;
        }
      }),
  );
}
