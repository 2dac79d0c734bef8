/** Compares the books by itself while the market runs, so that a break is found without anybody asking. What it finds
 *  stands still (`exchange/broken-books.ts`) and all else goes on; what a break means is for people to decide, and `reconcile` on the command
 *  line shows it again. */
import type { Log } from '#server/log.ts';
import type { Break } from './breaks.repo.ts';

export const WATCH_EVERY_MS = 10 * 60_000;
/** After a start: what stood still before it does so again soon. */
const FIRST_MS = 30_000;
/** A log line is read by people; the command line has all of them. */
const SHOWN = 20;

export type BooksGround = { readonly log: Log; find(): Promise<readonly Break[]> };
export interface BooksWatch {
  /** One comparison now. @returns the breaks; null when the books could not be read */
  turn(): Promise<readonly Break[] | null>;
  /** What the last comparison found; null before the first. */
  last(): readonly Break[] | null;
  start(): void;
  /** Waits for a comparison that runs. */
  stop(): Promise<void>;
}

export function watchBooks({ log, find }: BooksGround, { everyMs = WATCH_EVERY_MS }: { readonly everyMs?: number } = {}): BooksWatch {
  let timer: NodeJS.Timeout | null = null;
  let isRunning = false;
  let last: readonly Break[] | null = null;
  let turning: Promise<unknown> = Promise.resolve();

  async function turn(): Promise<readonly Break[] | null> {
    const begun = performance.now();
    try {
      const breaks = await find();
      last = breaks;
      const ms = Math.round(performance.now() - begun);
      if (breaks.length === 0) log.info({ breaks: 0, ms }, 'all books agree');
      else
        log.error(
          { breaks: breaks.length, shown: breaks.slice(0, SHOWN), ms },
          "books don't agree; nothing was changed, and what they contradict each other about stands still",
        );
      return breaks;
    } catch (error) {
      if (isRunning) log.error({ error }, "couldn't compare the books; the next turn tries again");
      return null;
    }
  }

  /** The next wait begins when a comparison is over, so that two never run at once. */
  function schedule(inMs: number): void {
    if (!isRunning) return;
    timer = setTimeout(() => {
      turning = turn().then(() => schedule(everyMs));
    }, inMs);
    timer.unref();
  }

  return {
    turn,
    last: () => last,
    start: () => {
      isRunning = true;
      schedule(Math.min(everyMs, FIRST_MS));
    },
    stop: async () => {
      isRunning = false;
      if (timer !== null) clearTimeout(timer);
      await turning;
    },
  };
}
