/**
 * Everything a member does to the world. The shell carries effects out in the order of the list; one that stores must have
 * stored before the next begins. A store that fails is answered, never skipped.
 */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { SubmitPromise } from '#ledger/codec/header.ts';
import type { BlockBody, CertifiedBlock, PeerBody } from '#ledger/codec/peer-body.ts';
import type { Certified, Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import type { AdmittedTx, ReadPurpose } from './events.ts';
import type { SignRecord } from './records.ts';

/** Codes for the operator's log and alarms. */
export type AlertCode =
  | 'set_invalid'
  | 'slot_unsound'
  | 'slot_below_endorsement'
  | 'record_failed'
  | 'block_failed'
  | 'engine_failed'
  | 'leader_removed'
  | 'proposal_refused'
  | 'recovery_invalid'
  | 'seal_refused'
  | 'own_signature_unknown'
  | 'evidence'
  | 'epoch_unknown';

export type Effect =
  // the disk
  /** Keeps a body that this member is about to endorse, or needs to vote: synced before the next effect. Not answered. */
  | { readonly kind: 'store_body'; readonly block: BlockBody }
  /** Inserts, synced, where no other record has its key; the same record twice is one. → `record_stored` or `record_failed` */
  | { readonly kind: 'store_record'; readonly record: SignRecord }
  /** Executes the block on the certified state and stores it all in one database transaction. → `block_stored` or `block_failed` */
  | { readonly kind: 'store_block'; readonly block: CertifiedBlock }
  /**
   * Abstains (10.5), also after a restart: `null` until the others have answered, then at heights up to this one. Not answered; before any
   * signature of later.
   */
  | { readonly kind: 'store_abstention'; readonly until: bigint | null }
  /** Keeps the Recovery and its configuration for good. → `recovery_stored` */
  | { readonly kind: 'store_recovery'; readonly recovery: Recovery }
  /** Keeps a verified Seal of another member, in case that forgets it. The same twice is one. → `peer_seal_stored` */
  | { readonly kind: 'store_peer_seal'; readonly signed: SignedSeal }

  // the signer
  /** Only ever after `record_stored` of the same record; the signer MUST refuse where it finds no such row. → `signed` */
  | { readonly kind: 'sign'; readonly record: SignRecord }

  // peers
  /** `to`: member ids. Loss is allowed: whatever matters is sent again. */
  | { readonly kind: 'send'; readonly to: readonly number[]; readonly body: PeerBody }
  /** Answers `sync_ask` from the store with `sync_blocks`, as many as fit into one message. */
  | { readonly kind: 'serve_blocks'; readonly to: number; readonly from: bigint }
  /** Answers `body_ask` from the store with `body`, if it is there. */
  | { readonly kind: 'serve_body'; readonly to: number; readonly height: bigint; readonly header: Bytes }
  /** Compares with the stored header of that height. → `contradiction` when they differ */
  | { readonly kind: 'compare_finality'; readonly shown: Certified }

  // the ordering engine of the configuration in force (10.7)
  | { readonly kind: 'campaign'; readonly ttlMs: number }
  | { readonly kind: 'renew'; readonly term: bigint }
  /** Not answered. */
  | { readonly kind: 'resign'; readonly term: bigint }
  | { readonly kind: 'decide'; readonly epoch: number; readonly height: bigint; readonly term: bigint; readonly slot: Bytes }
  /** Answered with the same purpose; at most one of each is on its way. */
  | { readonly kind: 'read_engine'; readonly purpose: ReadPurpose; readonly epoch: number; readonly height: bigint }

  // block execution, on the certified state at the tip
  /** → `block_built` */
  | {
      readonly kind: 'build_block';
      readonly job: number;
      readonly config: ConsortiumConfig;
      readonly sealedAt: bigint;
      readonly ext: Bytes;
      readonly envs: readonly TxEnv[];
    }
  /**
   * → `block_checked`. Scope `endorse`: every check of 10.3 from `tx_refused` on. Scope `vote`: execution alone, since a quorum has
   * endorsed it. `isOwn`: this process has just built it. `overdue`: promised LedgerTx past their time; the first that is not in
   * the block and still passes after it is `promise_overdue`.
   */
  | {
      readonly kind: 'check_block';
      readonly block: BlockBody;
      readonly config: ConsortiumConfig;
      readonly scope: 'endorse' | 'vote';
      readonly isOwn: boolean;
      readonly overdue: readonly AdmittedTx[];
    }

  // LedgerTx
  /** LedgerTx from a peer: runs `apply` on the pending state, at the operator in its sequencer. → `txs_admitted` */
  | { readonly kind: 'admit'; readonly from: number; readonly envs: readonly TxEnv[] }
  | { readonly kind: 'answer_promise'; readonly promise: SubmitPromise; readonly sig: Bytes }
  /** Will not be in any block: dropped while building, or refused by name out of reach of Finality. What it does to the books: 6.1. */
  | { readonly kind: 'tx_refused'; readonly txId: Bytes; readonly code: LedgerCode }

  // misbehaviour
  /** Record it by op 19, signed by this member's account. */
  | { readonly kind: 'submit_evidence'; readonly evidenceKind: number; readonly member: number; readonly a: Bytes; readonly b: Bytes }

  // people
  | {
      readonly kind: 'alert';
      readonly code: AlertCode;
      readonly facts: Readonly<Record<string, string | number | bigint>>;
    }
  /** Signs nothing more in this process's life. */
  | { readonly kind: 'halt'; readonly reason: string };
