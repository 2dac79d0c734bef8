/** What a member knows between two events. Plain data: it is never changed, only replaced. */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import type { EndorsementSet, Finality, Header, VotePayload } from '#ledger/codec/header.ts';
import type { BlockBody, CertifiedBlock, Proposal, Refusal } from '#ledger/codec/peer-body.ts';
import type { Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

/** What never changes for a running member. */
export interface Ground {
  readonly chain: Bytes;
  readonly self: number;
  /** Curve arithmetic alone; SHOULD remember results (`ledger.md` 5.1). */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/** Time and chance of one step. */
export interface Moment {
  /** The member's wall clock in milliseconds since 1970: for `sealedAt`, `time_range` and promises. It may step. */
  readonly clock: bigint;
  /** Milliseconds of a monotonic clock: for every timer. */
  readonly elapsed: bigint;
  readonly random: (length: number) => Bytes;
}

export interface Tip {
  readonly header: Header;
  readonly hash: Bytes;
  /** Null at height 0. */
  readonly finality: Finality | null;
}

/** An Endorsement that binds this member, from the moment its record goes to the disk. */
export interface OwnEndorsement {
  readonly term: bigint;
  readonly header: Bytes;
  /** Who proposed, and gets the signature. */
  readonly to: number;
  readonly isStored: boolean;
}

export interface OwnVote {
  readonly term: bigint;
  readonly header: Bytes;
  /** The one that was seen. */
  readonly set: EndorsementSet;
  readonly isStored: boolean;
  readonly sig: Bytes | null;
  /** When it was last sent. */
  readonly sentAt: bigint;
}

/** One proposal at a time is looked at. `reading`: the engine is asked who leads; `checking`: the block is re-executed. */
export interface Examination {
  readonly from: number;
  readonly proposal: Proposal;
  readonly hash: Bytes;
  readonly stage: 'reading' | 'checking';
  readonly since: bigint;
}

/** Everything about the height after the tip, in one epoch. */
export interface Round {
  readonly epoch: number;
  readonly height: bigint;
  /** Whose members and policies endorse and vote. */
  readonly config: ConsortiumConfig;
  /** The only header that may be endorsed, after a recovery that found one. */
  readonly base: Header | null;
  /** What the next header built here must carry. */
  readonly ext: Bytes;
  readonly endorsed: readonly OwnEndorsement[];
  readonly vote: OwnVote | null;
  readonly examining: Examination | null;
  /** Proposals that this member has refused because of its promises. */
  readonly overdueRefusals: number;
  /** The newest proposal that waits for the examination to end. */
  readonly waiting: { readonly from: number; readonly proposal: Proposal } | null;
  /** Bodies by headerHash in hex. */
  readonly bodies: ReadonlyMap<string, BlockBody>;
  /** Headers that this member has executed and found right, in hex. */
  readonly sound: ReadonlySet<string>;
  /** Decided by the engine, verified, and not yet voted for. */
  readonly slot: EndorsementSet | null;
  readonly isSlotChecked: boolean;
  /** By epoch, then term; also from epochs before a recovery. */
  readonly highestSet: EndorsementSet | null;
  /** Verified statements of all members, this one included; at most two headers for each member and term. */
  readonly endorsements: readonly SignedVote[];
  readonly votes: readonly SignedVote[];
  /** Final, on its way to the disk or waiting for its body. */
  readonly certifying: Finality | null;
  /** The block of `certifying` has been handed to the disk. */
  readonly isStoring: boolean;
  readonly askedAt: bigint;
  /** Since when this round exists. */
  readonly since: bigint;
}

/** What the signer's tables hold above the tip when this process starts. */
export interface OwnRecords {
  readonly endorsements: readonly VotePayload[];
  readonly votes: readonly { readonly payload: VotePayload; readonly set: EndorsementSet }[];
}

/** Statements of a round that has ended: late ones may still convict. */
export interface PastRound {
  readonly epoch: number;
  readonly height: bigint;
  readonly config: ConsortiumConfig;
  readonly endorsements: readonly SignedVote[];
  readonly votes: readonly SignedVote[];
}

export interface OwnProposal {
  readonly hash: Bytes;
  readonly proposal: Proposal;
  readonly since: bigint;
  readonly sentAt: bigint;
  readonly refusals: ReadonlyMap<number, Refusal>;
  readonly isDeciding: boolean;
}

/** `FOLLOW → CAMPAIGN → SYNC → LEAD → FOLLOW` (10.6). */
export type Leading =
  | { readonly kind: 'follow'; readonly notBefore: bigint }
  | { readonly kind: 'campaign' }
  | {
      readonly kind: 'sync';
      readonly term: bigint;
      readonly renewedAt: bigint;
      readonly isRenewing: boolean;
      readonly since: bigint;
      /** The engine holds no slot above the tip. */
      readonly isEngineRead: boolean;
      /** Members that said which set they know. */
      readonly answered: ReadonlySet<number>;
    }
  | {
      readonly kind: 'lead';
      readonly term: bigint;
      readonly renewedAt: bigint;
      readonly isRenewing: boolean;
      /** A block is being built under this number. */
      readonly job: number | null;
      readonly proposed: OwnProposal | null;
    };

/** Whether this member may sign at all. */
export type Standing =
  | { readonly kind: 'signing' }
  /** Restored from a copy, or new under an old key: asks what it may have voted for (10.5). */
  | { readonly kind: 'asking'; readonly nonce: Bytes; readonly answers: ReadonlyMap<number, bigint>; readonly askedAt: bigint }
  | { readonly kind: 'halted'; readonly reason: string };

export interface PendingTx {
  readonly txId: Bytes;
  readonly env: TxEnv;
  readonly since: bigint;
  /** When it was last pushed; null for one that came from a peer. */
  readonly sentAt: bigint | null;
}

export interface OwnPromise {
  readonly txId: Bytes;
  readonly by: bigint;
  readonly isStored: boolean;
}

export interface CatchUp {
  /** The highest height that somebody showed a Finality or slot for. */
  readonly target: bigint;
  readonly askedAt: bigint;
  /** Turns through the members. */
  readonly turn: number;
  /** Certified blocks above the tip, in order. */
  readonly queue: readonly CertifiedBlock[];
}

export interface MemberState {
  readonly tip: Tip;
  readonly isConfigPending: boolean;
  /** Configurations that were or are in force, by epoch. */
  readonly configs: readonly ConsortiumConfig[];
  /** Accepted, oldest first. */
  readonly recoveries: readonly Recovery[];
  /** Valid and on its way to the disk, or waiting until the tip it names is here. */
  readonly accepting: Recovery | null;
  /** Nothing is endorsed or voted for in an epoch below it (13.1). */
  readonly floorEpoch: number;
  /** The highest epoch this member has signed in. */
  readonly signedEpoch: number;
  readonly standing: Standing;
  /** Nothing is signed at heights up to this one (10.5). */
  readonly quietUntil: bigint;
  readonly round: Round;
  /** From before this process: each binds in its round, when that comes. */
  readonly records: OwnRecords;
  /** A proposal for the height after, which came while this one goes to the disk. */
  readonly early: { readonly from: number; readonly proposal: Proposal } | null;
  readonly past: readonly PastRound[];
  readonly leading: Leading;
  /** The leader's term that this member has read from the engine. */
  readonly confirmedTerm: bigint;
  /** The leader's term that this member has known since then, with LedgerTx waiting and no slot at that height. */
  readonly stalled: { readonly term: bigint; readonly height: bigint; readonly since: bigint } | null;
  /** Of the last slot or Finality. */
  readonly progressAt: bigint;
  /** In order of sequence, by txId in hex. */
  readonly mempool: ReadonlyMap<string, PendingTx>;
  readonly promises: ReadonlyMap<string, OwnPromise>;
  readonly sealing: { readonly newEpoch: number; readonly since: bigint } | null;
  /** Verified, by `newEpoch:member`. */
  readonly seals: ReadonlyMap<string, SignedSeal>;
  readonly catchUp: CatchUp;
  /** Misbehaviour that has been submitted. */
  readonly convicted: ReadonlySet<string>;
  readonly jobs: number;
  readonly timers: Timers;
}

/** When each repeated act was last done, in monotonic time. */
export interface Timers {
  readonly tickedAt: bigint;
  readonly checkpointAt: bigint;
  readonly engineReadAt: bigint;
  readonly stallReadAt: bigint;
  readonly recoveryAskedAt: bigint;
}
