/** The one home of wall-clock time: everything else receives a `Clock`, or the instant itself, as an argument. */
import { type Instant, instant } from '#ledger/primitives/instant.ts';

export interface Clock {
  now(): Instant;
}

/** In answers of a market that was moved: how many milliseconds its business time is ahead of the machine's. */
export const CLOCK_HEADER = 'x-daoju-clock';

export const systemClock: Clock = { now: () => instant(Date.now()) };

/** The time of the market's business: the machine's, ahead by what an operator of a demonstration moved it (product O-25). */
export interface MovableClock extends Clock {
  readonly offsetMs: number;
  /** Never back: what is dated and sealed stays in the past. */
  moveTo(offsetMs: number): void;
}

export function movableClock(machine: Clock): MovableClock {
  let offsetMs = 0;
  return {
    get offsetMs() {
      return offsetMs;
    },
    now: () => instant(machine.now() + offsetMs),
    moveTo: (target) => {
      if (Number.isSafeInteger(target)) offsetMs = Math.max(offsetMs, target);
    },
  };
}
