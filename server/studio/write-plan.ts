/** A checked write before it is signed: a result for each row and the LedgerTx bodies of the accepted ones. */
import type { TxBody } from '#ledger/codec/tx.ts';
import type { GroupResult } from '#ledger/node/ledger-node.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';

export type RowResult =
  | { readonly row: number; readonly state: 'accepted'; readonly id: string }
  | { readonly row: number; readonly state: 'rejected'; readonly id: string | null; readonly code: string };

export interface WritePlan {
  readonly results: readonly RowResult[];
  readonly bodies: readonly TxBody[];
  /** @throws {SequencingRefused} when the ledger refused one: then none is written. */
  txIdsOf(results: readonly GroupResult[]): readonly Bytes[];
}

/** The ledger refused a LedgerTx of a write; nothing was written. */
export class SequencingRefused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the ledger refused: ${code}`);
    this.name = 'SequencingRefused';
    this.code = code;
  }
}

export function planOf(results: readonly RowResult[], bodies: readonly TxBody[]): WritePlan {
  return {
    results,
    bodies,
    txIdsOf: (sequenced) =>
      sequenced.map((result) => {
        if (result.kind === 'rejected') throw new SequencingRefused(result.code);
        return result.txId;
      }),
  };
}

/** A minute back for clocks that differ, an hour ahead for a studio that signs elsewhere. Whole minutes, so that a body that was asked for
 *  with `dry_run` is found again. */
export function windowAt(now: Instant): { readonly notBefore: bigint; readonly notAfter: bigint } {
  const minute = BigInt(now) - (BigInt(now) % 60_000n);
  return { notBefore: minute - 60_000n, notAfter: minute + 3_600_000n };
}
