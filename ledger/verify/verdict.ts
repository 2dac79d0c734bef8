/** What the verifier answers: an outcome, every step, what was proven, and one sentence in each language. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import type { StepNumber, VerifyCode, Words } from './codes.ts';

/** `malformed` covers untrusted as well: nothing in the file may be believed. `disproven`: the header holds, what is claimed under it doesn't. */
export const OUTCOMES = ['proven', 'disproven', 'malformed', 'insufficient'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const EXIT_CODE = { proven: 0, disproven: 1, malformed: 2, insufficient: 3 } as const satisfies Readonly<Record<Outcome, number>>;

/** A step that ran. `ok` with a W code is a reservation. */
export interface Step {
  readonly step: StepNumber;
  readonly ok: boolean;
  readonly code: VerifyCode | null;
  readonly facts: ErrorFacts;
}

/** From one change of an Item to the next. */
export interface Ownership {
  readonly owner: Bytes;
  /** Height of the entry that began it. */
  readonly fromHeight: bigint;
  /** Height of the next change, or of the header when it is the current one; `null`: the receipt does not say. */
  readonly toHeight: bigint | null;
  readonly entry: bigint;
  readonly op: string;
  readonly ver: bigint;
  /** Recorded on a predecessor chain, whose heights are its own. */
  readonly isPredecessor: boolean;
}

export type Finding =
  | { readonly kind: 'entry'; readonly index: bigint; readonly height: bigint; readonly op: string; readonly txId: Bytes }
  | {
      readonly kind: 'item';
      readonly serial: bigint;
      /** Known when the receipt holds the class's leaf as well. */
      readonly itemId: string | null;
      readonly owner: Bytes;
      readonly ver: bigint;
      readonly isBurned: boolean;
      readonly isFrozen: boolean;
      readonly lastEntry: bigint;
      readonly meta: Bytes;
    }
  | { readonly kind: 'account'; readonly acct: Bytes; readonly accountKind: number; readonly itemCount: bigint; readonly keyEpoch: number }
  | {
      readonly kind: 'class';
      readonly cls: bigint;
      readonly issuer: Bytes;
      readonly minted: bigint;
      readonly burned: bigint;
      readonly supplyCap: bigint;
    }
  | { readonly kind: 'order'; readonly order: Bytes; readonly filled: number; readonly quantity: number; readonly isClosed: boolean }
  | { readonly kind: 'record'; readonly recordKind: number; readonly key: Bytes; readonly value: Bytes }
  | { readonly kind: 'absent'; readonly reg: number; readonly index: bigint }
  | {
      readonly kind: 'title';
      readonly serial: bigint;
      readonly itemId: string | null;
      readonly isSinceMint: boolean;
      readonly isCurrent: boolean;
      readonly owners: readonly Ownership[];
    }
  | { readonly kind: 'holdings'; readonly acct: Bytes; readonly serials: readonly bigint[] }
  | { readonly kind: 'consistency'; readonly height: bigint; readonly logSize: bigint }
  | { readonly kind: 'signers'; readonly entry: bigint; readonly accounts: readonly Bytes[]; readonly unchecked: readonly Bytes[] }
  | { readonly kind: 'field'; readonly entry: bigint; readonly slot: number; readonly id: number; readonly value: Bytes };

/** What the asker wants to know; without one the receipt's own claims are the question. */
export type Question =
  | { readonly kind: 'owns'; readonly serial: bigint; readonly owner: Bytes }
  /** From the state after `fromHeight` to the state after `toHeight`, without interruption. */
  | { readonly kind: 'owned'; readonly serial: bigint; readonly owner: Bytes; readonly fromHeight: bigint; readonly toHeight: bigint };

export interface Certification {
  readonly height: bigint;
  readonly sealedAt: bigint;
  readonly headerHash: Bytes;
  readonly logSize: bigint;
  readonly by: readonly { readonly id: number; readonly org: string }[];
  readonly memberCount: number;
  /** A demonstration chain proves the same and means nothing. */
  readonly isDemonstration: boolean;
}

export interface Verdict {
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly file: 'receipt' | 'trust' | 'unknown';
  /** SM3 of the file. */
  readonly sm3: Bytes;
  /** The chain that the file itself names; `null` when it cannot be read. */
  readonly namedChain: Bytes | null;
  readonly certification: Certification | null;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly sentences: Words;
  /** The same as data without bigints and bytes, for RFC 8785. */
  readonly json: JsonObject;
}

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The check that does not hold. Thrown inside the verifier, never out of it. */
export class VerifyFailure extends Error {
  readonly code: VerifyCode;
  readonly facts: ErrorFacts;
  constructor(code: VerifyCode, reason: string, facts: ErrorFacts = {}) {
    super(`${code} ${reason}`);
    this.name = 'VerifyFailure';
    this.code = code;
    this.facts = { reason, ...facts };
  }
}

export function demand(condition: boolean, code: VerifyCode, reason: string, facts: ErrorFacts = {}): asserts condition {
  if (!condition) throw new VerifyFailure(code, reason, facts);
}
