/**
 * Whether this member's own clock is behind what the others have certified. Signing never goes back in time (`CertifiedChain.notBeforeTip`),
 * which would hide such a clock for good: so it is measured beside that, and told.
 */
import type { LedgerLog } from './types.ts';

export interface ClockWatchOptions {
  readonly now: () => number;
  /** Milliseconds of a clock that never steps back. */
  readonly elapsed: () => number;
  readonly log: LedgerLog;
}

export class ClockWatch {
  readonly #options: ClockWatchOptions;
  /** It was at least so late at that moment of the clock that never steps back. */
  #known = { sealedAt: 0, at: 0 };
  #isBehind = false;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
  }

  /** A newer certified header; `skewMs` is what the configuration in force allows. */
  follow(sealedAt: bigint, skewMs: number): void {
    this.#known = { sealedAt: Number(sealedAt), at: this.#options.elapsed() };
    const behindMs = this.behindMs();
    const isBehind = behindMs > skewMs;
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    const { log } = this.#options;
    if (isBehind) log.error("this member's clock is behind the newest certified block: it refuses blocks of now", { behindMs, skewMs });
    else log.info("this member's clock is level with the certified blocks again", { behindMs });
  }

  /**
   * The least that this clock is behind, whatever it says: time has gone on since that header by the other clock. Up to `skewMs` of it may
   * be the leader's who was ahead.
   */
  behindMs(): number {
    const { now, elapsed } = this.#options;
    return Math.max(0, Math.round(this.#known.sealedAt + elapsed() - this.#known.at - now()));
  }
}
