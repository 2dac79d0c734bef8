/**
 * What holds a member's node key (`ledger.md` 10.4, 20): a file beside the node, another process, or an HSM. Whoever implements it owns
 * the tables of what was signed: no Endorsement, Vote or Seal leaves before its record is on disk, and the three safety rules are
 * checked in the database transaction that writes the record.
 */
import type postgres from 'postgres';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import type { Tag } from '#ledger/crypto/tagged-hash.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { SignRecord } from '../reducer/records.ts';
import type { SignatureRow, StoredStanding, VoteRow } from './signing-records.ts';

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

/** Signatures without a rule of their own. `PLP1/pop` covers 32 zero bytes instead of a chain. */
export type FreeTag = Extract<Tag, 'PLP1/peer' | 'PLP1/grant' | 'PLP1/promise' | 'PLP1/pop'>;

/** What the tables hold: a node takes it up again at its start, also one whose own store is new. */
export interface SignedFacts {
  /** Above a height, oldest first. */
  readonly endorsements: readonly SignatureRow[];
  readonly votes: readonly VoteRow[];
  /** PCE of every Seal given, oldest first. */
  readonly seals: readonly Bytes[];
  /** The highest epoch in any record; 0 before the first. */
  readonly signedEpoch: number;
  readonly standing: StoredStanding;
}

/** For people: which form, where, and whether it answers. */
export interface SignerState {
  readonly form: 'file' | 'remote';
  /** Address of a remote one. */
  readonly place: string | null;
  /** Why the last request had no answer; null while it answers. */
  readonly failure: SignerFailure | null;
  /** Since this node started. */
  readonly signed: number;
  readonly refused: number;
}

/** `unreachable` and `failed` pass by themselves; the others are a wrong setting. */
export const SIGNER_FAILURES = ['unreachable', 'failed', 'client_unknown', 'wrong_chain', 'untrusted', 'malformed'] as const;
export type SignerFailure = (typeof SIGNER_FAILURES)[number];

export interface Signer {
  readonly publicKey: Bytes;
  /** @throws {SignerAway} */
  sign(tag: FreeTag, payload: Uint8Array): Promise<Bytes>;
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
  /** Resolves when the signer answers. */
  facts(above: bigint): Promise<SignedFacts>;
  /** False: the tables know nothing of a Vote at that place. */
  hasVote(epoch: number, height: bigint): Promise<boolean>;
  state(): SignerState;
  /** Nothing waits for the signer any more. */
  close(): void;
}

/** The signer gave no answer that counts: whether it did anything is not known. */
export class SignerAway extends Error {
  readonly failure: SignerFailure;
  constructor(failure: SignerFailure, detail = '') {
    super(`the signer gives no answer (${failure}${detail === '' ? '' : `: ${detail}`})`);
    this.failure = failure;
  }
}

/** What a signer signs with: a key in memory, or a device that keeps it (an HSM). The tables stand before it, never in it. */
export interface KeyDevice {
  readonly publicKey: Bytes;
  /** SM2 with SM3 and the default id over the whole message: 64 bytes `r‖s`. */
  sign(message: Bytes): Promise<Bytes>;
}

/** Where the tables are, and what a node lends its signer. */
export interface SignerGround {
  readonly sql: postgres.Sql;
  readonly chain: Bytes;
  readonly sm2: Sm2;
  /** A LedgerTx that is being promised: it is kept with the promise. */
  readonly envOf: (txId: Bytes) => TxEnv | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
export type SignerOpener = (ground: SignerGround) => Signer;
