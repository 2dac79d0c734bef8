/**
 * The end of the log of entries (product V-01): six months are the least that the law asks for (rulebook CN-BC-02), and what the pack in force says is
 * how long they are kept. What is older is deleted in small steps, so that nothing waits for it.
 */
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Clocks } from '#sandbox/packs/clocks.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { deleteEntriesBefore } from './sessions.repo.ts';

type Ground = { readonly sql: Sql; readonly clock: Clock; readonly clocks: () => Pick<Clocks, 'accessLogMonths'> };

export const ENTRIES_PER_STEP = 500;
const EVERY_MS = 60_000;

/** @returns `turn`: how many entries were deleted; a full step is followed by another turn at once */
export function endAccessLog({ sql, clock, clocks }: Ground): { turn(): Promise<number> } {
  let last: Instant | null = null;
  return {
    turn: async () => {
      const now = clock.now();
      if (last !== null && Math.abs(now - last) < EVERY_MS) return 0;
      const deleted = await deleteEntriesBefore(sql, monthsBefore(now, clocks().accessLogMonths), ENTRIES_PER_STEP);
      last = deleted < ENTRIES_PER_STEP ? now : null;
      return deleted;
    },
  };
}

/** The same day of the calendar, or the month's last: whole months at least. */
export function monthsBefore(now: Instant, months: number): Instant {
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return instant(date.getTime());
}
