/** A clock that stands still until a test moves it. */
import { type Instant, instant, parseInstant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';

export interface FakeClock extends Clock {
  set(iso: string): void;
  advance(milliseconds: number): Instant;
}

export function fakeClock(start = '2026-11-23T02:00:00.000Z'): FakeClock {
  let at = parseInstant(start);
  return {
    now: () => at,
    set: (iso) => {
      at = parseInstant(iso);
    },
    advance: (milliseconds) => {
      at = instant(at + milliseconds);
      return at;
    },
  };
}
