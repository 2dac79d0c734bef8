/** What the later minutes of the tour do on screen, apart from the story that test/e2e/tour.test.ts tells. */
import { spawnSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { TrafficReport } from '#server/workers/demonstration/traffic.ts';
import { type Program, waitFor } from './program.ts';
import type { StaffClient } from './staff-client.ts';

const STEP_HOURS = { '24h': 24, '7d': 168 } as const;

const ABUSE = ['--rate', '6', '--minutes', '0.15', '--people', '1', '--abuse', '1'];
const TRIES = 6;

/** Simulated people trade and abuse for some seconds, as `npm run demo:traffic` makes them, until a pattern went through whole: how many do
 *  in these seconds hangs on the machine and on the hour of the day. `detector`: the one that has to find it. */
export function runAbuse(program: Pick<Program, 'base'>, seed: string, detector?: string): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const args = ['demo-traffic', '--base', program.base, ...ABUSE, '--seed', tries === 0 ? seed : `${seed}${tries}`];
    const traffic = spawnSync(process.execPath, ['server/cli/index.ts', ...args], { encoding: 'utf8' });
    expect(traffic.status, traffic.stderr).toBe(0);
    const { labels }: TrafficReport = JSON.parse(traffic.stdout);
    if (labels.some((label) => label.isComplete && (detector ?? label.detector) === label.detector)) return;
  }
  throw new Error(`no abuse went through whole in ${TRIES} runs`);
}

/** On the operator's panel: chosen, confirmed, and the banner says how far. */
export async function moveClock(page: Page, step: keyof typeof STEP_HOURS): Promise<void> {
  await page.goto('/desk/clock');
  await page.locator(`[data-clock-step="${step}"]`).click();
  await page.getByRole('button', { name: 'Move it forward' }).click();
  await page.getByText('Done; it is').waitFor({ timeout: 40_000 });
  await page.locator('[data-moved-clock]').waitFor();
}

/** Without a screen, where only the time matters. */
export async function passDays(operator: StaffClient, days: number): Promise<void> {
  for (let left = days; left > 0; ) {
    const step = left >= 7 ? '7d' : '24h';
    const { offsetMs } = await operator.clock.get.query();
    const moved = await waitFor(
      () => operator.clock.forward.mutate({ step, fromOffsetMs: offsetMs }).catch(() => null),
      (view) => view !== null,
      60_000,
      'the clock of the demonstration',
    );
    expect(moved?.offsetMs).toBe(offsetMs + STEP_HOURS[step] * 3_600_000);
    left -= STEP_HOURS[step] / 24;
  }
}

export async function takeStep(page: Page, step: string, reason: string): Promise<void> {
  await page.getByRole('button', { name: step, exact: true }).click();
  await page.getByLabel('Reason (at least five characters)').fill(reason);
  const confirm = page.getByRole('button', { name: 'Confirm', exact: true });
  await confirm.click();
  // The answer closes whatever form is open by then: the next step begins after it.
  await confirm.waitFor({ state: 'detached' });
}
