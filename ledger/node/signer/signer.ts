/**
 * What holds a member's node key (`ledger.md` 10.4, 20): a file beside the node, another process, or an HSM. Whoever implements it owns
 * the tables of what was signed: no Endorsement, Vote or Seal leaves before its record is on disk, and the three safety rules are
 * checked in the database transaction that writes the record.
 */
import type { VotePayload } from '#ledger/codec/header.ts';
import type { Tag } from '#ledger/crypto/tagged-hash.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export interface Signed {
  readonly kind: 'signed';
  readonly sig: Bytes;
}

export const SIGNING_REFUSALS = ['locked', 'stale_term', 'voted_before', 'epoch_sealed', 'abstaining', 'seal_low'] as const;

/** S1 to S3, a Seal that was given, or a store that may be older than what this key has signed. */
export interface SigningRefusal {
  readonly kind: 'rejected';
  readonly code: (typeof SIGNING_REFUSALS)[number];
}

export interface SealToSign {
  readonly newEpoch: number;
  readonly tipHeight: bigint;
  /** PCE of the Seal: what the signature covers. */
  readonly payload: Bytes;
  /** PCE of the EndorsementSet that it reports; null when it reports none. */
  readonly endorsed: Bytes | null;
}

/** The body of the block that an Endorsement speaks for: stored with it, in one commit. */
export interface EndorsedBody {
  readonly header: Bytes;
  readonly height: bigint;
  readonly body: Bytes;
}

/** Signatures without a rule of their own; those with one have a method each. */
export type FreeTag = Extract<Tag, 'PLP1/promise' | 'PLP1/peer' | 'PLP1/grant'>;

export interface Signer {
  readonly publicKey: Bytes;
  sign(tag: FreeTag, payload: Uint8Array): Bytes;
  /** Resolves when record and body are durable. The same again answers with the signature of the first time. */
  endorse(payload: VotePayload, body: EndorsedBody): Promise<Signed | SigningRefusal>;
  /** The caller has verified an EndorsementSet of the same term and header (S2). */
  vote(payload: VotePayload): Promise<Signed | SigningRefusal>;
  seal(seal: SealToSign): Promise<Signed | SigningRefusal>;
  /** From now on nothing is signed at this height or below (10.5). Durable on return; it only ever rises. */
  abstainUntil(height: bigint): Promise<void>;
  /** From now on nothing is signed in an epoch below. Durable on return. */
  acceptRecovery(newEpoch: number, height: bigint, body: Bytes): Promise<void>;
}
