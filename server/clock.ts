/** The one home of wall-clock time: everything else receives a `Clock`, or the instant itself, as an argument. */
import { type Instant, instant } from '#ledger/primitives/instant.ts';

export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => instant(Date.now()) };
