/**
 * LedgerTx that wait for a block at this member. The operator's desk is its sequencer, which also keeps the books; every other
 * member's is a mempool that validates, forwards and remembers.
 */

import type { StateLeaf } from '#ledger/codec/leaves.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { AdmittedTx } from '../reducer/events.ts';
import type { DisplacedSerials, LedgerOptions, RefusedTx } from '../types.ts';

/** What a block did to the LedgerTx that waited here. */
export interface Settled {
  /** In the block, or refused for good. */
  readonly txIds: readonly Bytes[];
  readonly refused: readonly RefusedTx[];
  /** Everything up to this place of the sequence is decided; 0 where nothing is sequenced. */
  readonly lastSeq: bigint;
  /** Place in the sequence of a LedgerTx of the block; 0 for one that was not sequenced here. */
  readonly seqOf: (txId: Bytes) => bigint;
  /** Items that stand otherwise now than whoever sequenced here was told. */
  readonly displaced: DisplacedSerials;
}

export interface TxDesk {
  /** Certified state with everything that waits applied. */
  readonly pending: StateView;
  readonly waiting: readonly AdmittedTx[];
  /** One that waits here. */
  envOf(txId: Uint8Array): TxEnv | null;
  /**
   * LedgerTx from a peer, one message. Resolves those of it that wait here now, in its order. `isSequence`: it comes from whoever sequences,
   * and its order is kept.
   */
  admit(envs: readonly TxEnv[], isSequence: boolean): Promise<readonly AdmittedTx[]>;
  /** Runs while nobody applies anything to the pending state. */
  between<T>(work: () => T | Promise<T>): Promise<T>;
  /** The state in memory has moved by a block, which changed these leaves: inside `between`. `named`: refused by the rounds, by txId in hex. */
  settle(entered: ReadonlySet<string>, named: ReadonlyMap<string, string>, changed: readonly StateLeaf[]): Settled;
  /** Puts right the books about what was sequenced here; null where nobody keeps any. */
  readonly onDisplaced: LedgerOptions['onDisplaced'] | null;
}
