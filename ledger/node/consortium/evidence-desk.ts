/**
 * Evidence of misbehaviour until it stands on the ledger (`ledger.md` 14). What was found is on disk first; it is submitted again, also
 * after a restart, until its record is certified: the block that it belongs to may still be on its way when it is found.
 */

import { RECORD } from '#ledger/codec/leaves.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { type FoundEvidence, insertEvidence, readEvidence } from '../store/consortium.ts';
import type { LedgerLog } from '../types.ts';

export interface EvidenceDeskOptions {
  readonly sql: CertifiedChain['sql'];
  /** Certified. */
  readonly state: Pick<StateView, 'record'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly elapsed: () => number;
  /** Puts op 19 on the ledger in this member's name. @throws with the reason when it is refused */
  readonly submit: (kind: number, a: FoundEvidence['a'], b: FoundEvidence['b']) => Promise<void>;
  readonly log: LedgerLog;
}

const TURN_MS = 15_000;
/** Between two attempts: doubled each time, so that what no chain will ever take costs little. */
const FIRST_RETRY_MS = 30_000;
const LAST_RETRY_MS = 3_600_000;
/** What the ledger has refused for so long convicts nobody. */
const GIVEN_UP_MS = 30n * 86_400_000n;

type Attempt = { dueAt: number; waitMs: number; reason: string | null };

export class EvidenceDesk {
  readonly #options: EvidenceDeskOptions;
  readonly #attempts = new Map<string, Attempt>();
  #timer: NodeJS.Timeout | null = null;
  #turning: Promise<void> = Promise.resolve();

  constructor(options: EvidenceDeskOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next();
    this.#timer = setInterval(() => this.#next(), TURN_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#turning;
  }

  /** Resolves when it is on disk and was submitted once. */
  async found(evidence: FoundEvidence): Promise<void> {
    const { sql, now, log } = this.#options;
    if (!(await insertEvidence(sql, evidence, BigInt(now())))) return;
    log.error('a member has contradicted itself', { member: evidence.member, kind: evidence.kind });
    this.#next();
    await this.#turning;
  }

  #next(): void {
    this.#turning = this.#turning
      .then(() => this.#turn())
      .catch((error: unknown) => this.#options.log.error(`couldn't look at the evidence: ${reasonOf(error)}`));
  }

  async #turn(): Promise<void> {
    const { sql, state, elapsed, now } = this.#options;
    for (const evidence of await readEvidence(sql)) {
      if (BigInt(now()) - evidence.foundAt > GIVEN_UP_MS) continue;
      const key = recordKey.evidence(evidence.kind, evidence.a, evidence.b);
      if (state.record(RECORD.evidence, key) !== null) {
        this.#attempts.delete(toHex(key));
        continue;
      }
      const attempt = this.#attempts.get(toHex(key)) ?? { dueAt: 0, waitMs: FIRST_RETRY_MS, reason: null };
      if (elapsed() < attempt.dueAt) continue;
      const reason = await this.#submit(evidence);
      if (reason !== null && reason !== attempt.reason)
        this.#options.log.error(`couldn't record evidence: ${reason}`, { member: evidence.member, kind: evidence.kind });
      const waitMs = Math.min(LAST_RETRY_MS, attempt.waitMs * 2);
      this.#attempts.set(toHex(key), { dueAt: elapsed() + attempt.waitMs, waitMs, reason });
    }
  }

  async #submit({ kind, a, b }: FoundEvidence): Promise<string | null> {
    try {
      await this.#options.submit(kind, a, b);
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
