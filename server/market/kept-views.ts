/**
 * Answers that many people ask for again and again. One that was worked out under a version is given to everybody while the version stands;
 * one that took long is given for ten times as long as it took, and the next is made behind it, so that looking costs at most a tenth of a core.
 */
import type { Sql } from '#server/db.ts';

/** Below it an answer is simply made again. */
export const HEAVY_MS = 500;
const KEPT_TIMES = 10;
const LONGEST_MS = 600_000;
const MOST = 200;

type Kept = {
  answer: object | null;
  version: string | null;
  /** When it was there, and how long it took. */
  at: number;
  tookMs: number;
  running: Promise<object> | null;
};

export type KeptViews = {
  /** `version` null: nothing says whether it still holds. */
  get<T extends object>(key: string, version: string | null, make: () => Promise<T>): Promise<T>;
};

/** `now` in milliseconds of any clock that only goes forward. */
export function openKeptViews(now: () => number): KeptViews {
  const views = new Map<string, Kept>();

  function start(key: string, kept: Kept, version: string | null, make: () => Promise<object>): Promise<object> {
    const began = now();
    const running = make().then(
      (answer) => {
        Object.assign(kept, { answer, version, at: now(), tookMs: now() - began, running: null });
        return answer;
      },
      (error: unknown) => {
        kept.running = null;
        if (kept.answer === null) views.delete(key);
        throw error;
      },
    );
    kept.running = running;
    return running;
  }

  async function get(key: string, version: string | null, make: () => Promise<object>): Promise<object> {
    const kept = views.get(key) ?? { answer: null, version: null, at: 0, tookMs: 0, running: null };
    views.delete(key);
    views.set(key, kept);
    for (const oldest of views.keys()) {
      if (views.size <= MOST) break;
      views.delete(oldest);
    }
    if (kept.answer === null) return kept.running ?? start(key, kept, version, make);
    if (version !== null && kept.version === version) return kept.answer;
    if (kept.tookMs < HEAVY_MS) return kept.running ?? start(key, kept, version, make);
    const isRested = now() - kept.at >= Math.min(kept.tookMs * KEPT_TIMES, LONGEST_MS);
    // Whoever waits for it has the last answer; the next question asks again if it fails.
    if (isRested && kept.running === null) start(key, kept, version, make).catch(() => undefined);
    return kept.answer;
  }

  // What a key holds is what its own `make` gave.
  return { get: get as KeptViews['get'] };
}

const opened = new WeakMap<Sql, KeptViews>();

/** One for each database. */
export function keptViews(sql: Sql): KeptViews {
  const views = opened.get(sql) ?? openKeptViews(() => performance.now());
  opened.set(sql, views);
  return views;
}
