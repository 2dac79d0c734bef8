/** A thousandth of the store each hour, beside everything else (`ledger.md` 21). Damage stops the member: it signs nothing on a store that lies. */
import type postgres from 'postgres';
import { LedgerDamage } from './damage.ts';
import { scrub } from './scrub.ts';
import type { LedgerLog } from './types.ts';

const SLICES = 1000;
const HOUR_MS = 3_600_000;

export interface ScrubberOptions {
  readonly sql: postgres.Sql;
  readonly exportDir: string | null;
  /** Where it begins: another place after each start, so that a node that is often restarted sees all of its store. */
  readonly first: number;
  readonly onDamage: (sentence: string) => void;
  readonly log: LedgerLog;
}

/** Answers the way to stop it. */
export function startScrubber({ sql, exportDir, first, onDamage, log }: ScrubberOptions): () => void {
  let at = first % SLICES;
  const timer = setInterval(() => {
    const slice = { at, of: SLICES };
    at = (at + 1) % SLICES;
    scrub(sql, exportDir, slice).catch((error: unknown) => {
      if (error instanceof LedgerDamage) onDamage(error.message);
      else log.error(`couldn't scrub: ${error instanceof Error ? error.message : String(error)}`);
    });
  }, HOUR_MS);
  timer.unref();
  return () => clearInterval(timer);
}
