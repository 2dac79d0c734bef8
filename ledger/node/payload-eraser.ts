/**
 * Destroys what PayloadErased entries name (`ledger.md` 15.2): the ciphertext of an envelope at every member that keeps it, after the entry
 * is final. Its key is of a day and opens others; without the ciphertext there is nothing left for it to open. Commitments and hashes stay,
 * so every proof holds.
 */
import type postgres from 'postgres';
import { RECORD } from '#ledger/codec/leaves.ts';
import type { StateView } from '#ledger/state/view.ts';
import { deleteEnvelopes } from './store/envelopes.ts';
import type { CertifiedBlock, LedgerLog } from './types.ts';

export const erases = ({ txs }: Pick<CertifiedBlock, 'txs'>): boolean =>
  txs.some(({ entry }) => entry.env.body.op.kind === 'payload_erased');

export class PayloadEraser {
  readonly #sql: postgres.Sql;
  readonly #log: LedgerLog;
  #running: Promise<void> = Promise.resolve();

  constructor(sql: postgres.Sql, log: LedgerLog) {
    this.#sql = sql;
    this.#log = log;
  }

  /** Everything that the certified state names as erased: also what a stop came between, or an old backup brought back. */
  follow(state: Pick<StateView, 'recordsOfKind'>): void {
    const named = state.recordsOfKind(RECORD.erased).map(({ key }) => key);
    if (named.length === 0) return;
    this.#running = this.#running
      .then(() => deleteEnvelopes(this.#sql, named))
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.#log.error(`an envelope that the ledger names as erased is still here; the next erasure or start destroys it: ${why}`);
      });
  }

  settled(): Promise<void> {
    return this.#running;
  }
}
