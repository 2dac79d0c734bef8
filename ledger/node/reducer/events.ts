/** Everything that can happen to a member. Events are facts: nothing in them is believed before it is verified. */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { BlockBody, PeerBody } from '#ledger/codec/peer-body.ts';
import type { Certified, SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import type { SignRecord } from './records.ts';

/** A LedgerTx that passed `apply` on this member's pending state, in the order of its sequence. */
export interface AdmittedTx {
  readonly txId: Bytes;
  readonly env: TxEnv;
}

export interface DroppedTx {
  readonly txId: Bytes;
  readonly code: LedgerCode;
}

/** What `check_block` found: the first code of 10.3 from `tx_refused` on, or nothing. */
export type BlockVerdict =
  | { readonly kind: 'sound' }
  | {
      readonly kind: 'rejected';
      readonly code: LedgerCode;
      readonly tx: { readonly pos: number; readonly txId: Bytes; readonly txCode: LedgerCode | null } | null;
    };

/** Why the engine is read: a term's first proposal, a new leader, a member that waits, a leader that may have stalled. */
export type ReadPurpose = 'propose' | 'sync' | 'wait' | 'stall';

export type MemberEvent =
  /** Time has passed. Due at `nextWakeAt`; one too many does no harm. */
  | { readonly kind: 'tick' }
  /** From a member of a configuration in force or pending, its `PLP1/peer` signature verified and its body decoded. */
  | { readonly kind: 'message'; readonly from: number; readonly body: PeerBody }

  // answers of the disk: what they name survives a power cut
  | { readonly kind: 'record_stored'; readonly record: SignRecord }
  /** Not stored, or nobody knows. Nothing was signed. The record binds this process all the same. */
  | { readonly kind: 'record_failed'; readonly record: SignRecord }
  /** The block, its entries, leaves and tip are stored. `config` is in force at the height after it. */
  | {
      readonly kind: 'block_stored';
      readonly certified: Certified;
      readonly config: ConsortiumConfig;
      /** A ConfigUpdate waits for its height. */
      readonly isConfigPending: boolean;
      /** Waiting LedgerTx that are in this block, or that `apply` refuses now for a code that is not transient. */
      readonly settled: readonly Bytes[];
    }
  /** `disk`: not stored, or nobody knows. `unsound`: the body does not give the header's roots; another member may have the right one. */
  | { readonly kind: 'block_failed'; readonly height: bigint; readonly reason: 'disk' | 'unsound' }
  | { readonly kind: 'recovery_stored'; readonly newEpoch: number }
  | { readonly kind: 'peer_seal_stored'; readonly signed: SignedSeal }
  /** `compare_finality` found another header, with its Finality, at that height. */
  | { readonly kind: 'contradiction'; readonly stored: Certified; readonly shown: Certified }

  // answers of the signer
  | { readonly kind: 'signed'; readonly record: SignRecord; readonly sig: Bytes }

  // answers of block execution
  | { readonly kind: 'block_built'; readonly job: number; readonly block: BlockBody; readonly dropped: readonly DroppedTx[] }
  | { readonly kind: 'block_checked'; readonly header: Bytes; readonly scope: 'endorse' | 'vote'; readonly verdict: BlockVerdict }

  // LedgerTx
  /** `local`: submitted here or sequenced here, and pushed to the other members; `sequencer`: from the operator, all of its message that
   *  waits here, in its order. `wantsPromise`: a client waits for a SubmitPromise. */
  | {
      readonly kind: 'txs_admitted';
      readonly txs: readonly AdmittedTx[];
      readonly origin: 'local' | 'peer' | 'sequencer';
      readonly wantsPromise: boolean;
    }

  // answers of the ordering engine; every call gets one, `engine_failed` or `read_failed` when its result is unknown
  | { readonly kind: 'campaigned'; readonly term: bigint | null }
  | { readonly kind: 'renewed'; readonly term: bigint; readonly ok: boolean }
  | {
      readonly kind: 'decided';
      readonly epoch: number;
      readonly height: bigint;
      readonly term: bigint;
      readonly won: boolean;
      /** PCE(EndorsementSet) that stands at the height; empty when the engine refused the term and holds none. */
      readonly slot: Bytes;
    }
  | {
      readonly kind: 'engine_read';
      readonly purpose: ReadPurpose;
      readonly epoch: number;
      readonly height: bigint;
      /** Of the leader now; 0 when there is none. */
      readonly term: bigint;
      readonly slot: Bytes | null;
    }
  | { readonly kind: 'engine_failed'; readonly call: 'campaign' | 'renew' | 'decide' }
  | { readonly kind: 'read_failed'; readonly purpose: ReadPurpose }
  /** From `engine.watch`. */
  | { readonly kind: 'slot_seen'; readonly epoch: number; readonly height: bigint; readonly slot: Bytes }

  /** The store turns out to be an older copy: abstain (10.5). */
  | { readonly kind: 'restored' }

  // orders of the member's own staff
  /** Leave the epoch (13.1): `npm run cli -- seal`. */
  | { readonly kind: 'seal_ordered'; readonly newEpoch: number }
  /** Give up the lead, to hand it over in peace. */
  | { readonly kind: 'resign_ordered' };
