/**
 * Evidence that this member keeps and the ledger does not have yet (`ledger.md` 14): brought again at each start and every ten minutes. The first time
 * it may have come while a base was being certified, or the process ended before its LedgerTx was anywhere but in memory.
 */
import type postgres from 'postgres';
import { type FoundEvidence, readEvidence } from '../store/consortium.ts';
import type { LedgerLog } from '../types.ts';

export interface KeptEvidence {
  readonly sql: postgres.Sql;
  readonly now: () => number;
  readonly log: LedgerLog;
  readonly isRecorded: (evidence: FoundEvidence) => boolean;
  readonly submit: (evidence: FoundEvidence) => Promise<void>;
}

const AGAIN_MS = 600_000;
/** What the ledger has refused for so long convicts nobody. */
const GIVEN_UP_MS = 30n * 86_400_000n;

export function bringEvidenceAgain({ sql, now, log, isRecorded, submit }: KeptEvidence): { stop(): void } {
  let isStopped = false;
  const bring = async (): Promise<void> => {
    for (const evidence of await readEvidence(sql)) {
      if (isStopped) return;
      if (!isRecorded(evidence) && BigInt(now()) - evidence.foundAt < GIVEN_UP_MS) await submit(evidence);
    }
  };
  const bringSafely = (): void => {
    bring().catch((error: unknown) => {
      if (!isStopped) log.error(`couldn't bring evidence again: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const timer = setInterval(bringSafely, AGAIN_MS);
  timer.unref();
  bringSafely();
  return {
    stop: () => {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
