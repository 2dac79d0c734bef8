/** The movable clock of a demonstration (product O-25). */
import type { IsoText } from './words.ts';

export type ClockStep = '15m' | '24h' | '72h' | '7d';

export type ClockView = {
  /** The market's time. */
  readonly now: IsoText;
  /** Ahead of the machine's clock. */
  readonly offsetMs: number;
  /** The newest first; `at` by the machine's clock. */
  readonly moves: readonly { readonly offsetMs: number; readonly by: string; readonly at: IsoText }[];
};
