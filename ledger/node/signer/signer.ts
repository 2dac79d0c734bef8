/**
 * What holds a member's node key (`ledger.md` 10.4, 20): a file beside the node, another process, or an HSM. Whoever implements it owns
 * the tables of what was signed: no Endorsement, Vote or Seal leaves before its record is on disk, and the three safety rules are
 * checked in the database transaction that writes the record.
 */
import type { Tag } from '#ledger/crypto/tagged-hash.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { SignRecord } from '../reducer/records.ts';

export const SIGNING_REFUSALS = [
  'locked',
  'stale_term',
  'voted_before',
  'epoch_sealed',
  'abstaining',
  'seal_low',
  'promise_unknown',
] as const;

/** S1 to S3, a Seal that was given, or a store that may be older than what this key has signed. */
export interface SigningRefusal {
  readonly kind: 'rejected';
  readonly code: (typeof SIGNING_REFUSALS)[number];
}

/** Signatures without a rule of their own. */
export type FreeTag = Extract<Tag, 'PLP1/peer' | 'PLP1/grant'>;

export interface Signer {
  readonly publicKey: Bytes;
  sign(tag: FreeTag, payload: Uint8Array): Bytes;
  /** Resolves when the record is durable; the same record twice is one. @throws when nobody knows whether it is */
  store(record: SignRecord): Promise<{ readonly kind: 'stored' } | SigningRefusal>;
  /** @throws when no such record is stored: nothing is signed without one */
  signRecord(record: SignRecord): Promise<Bytes>;
  /** From now on nothing is signed at this height or below (10.5). Durable on return; it only ever rises. */
  abstainUntil(height: bigint): Promise<void>;
  /** Abstains, also after a restart: `null` until the others have answered, then at heights up to this one (10.5). Durable on return. */
  abstain(until: bigint | null): Promise<void>;
  /** From now on nothing is signed in an epoch below. Durable on return. */
  acceptRecovery(newEpoch: number, height: bigint, body: Bytes): Promise<void>;
}
