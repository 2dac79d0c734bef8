/** Opening an identity (product V-13; rulebook CN-PI-03): what two officials sign, what of it the ledger gets, and how long the subject is not
 *  told. Pure, so that the browser signs the very document that the server checks. */
import type { Op } from '#ledger/codec/op-types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, DISCLOSURE_ATTEST } from './case-order.ts';

/** What of a person may be read; each is asked for by itself. */
export const OPENING_SCOPES = ['name', 'id_number', 'phone'] as const;
export type OpeningScope = (typeof OPENING_SCOPES)[number];

const DAY_MS = 86_400_000;
/** A request that nobody approves lapses. */
export const OPENING_WAIT_MS = 7 * DAY_MS;
/** A legal ground names a statute and its article. */
export const OPENING_TEXT_MIN = 10;

export type OpeningOrder = {
  /** 32 hex digits drawn by who asks: makes the request one and salts its hash. */
  readonly actId: string;
  readonly caseId: string;
  /** The account. */
  readonly subject: string;
  readonly legalGround: string;
  readonly reason: string;
  readonly scope: readonly OpeningScope[];
};

/** Both officials sign the same document. */
export function openingDocument({ actId, caseId, subject, legalGround, reason, scope }: OpeningOrder): CaseDocument {
  const fields = OPENING_SCOPES.filter((field) => scope.includes(field)).join(' ');
  return { act: 'open_identity', actId, caseId, subject, legalGround, reason, scope: fields };
}

export type SealingOrder = { readonly actId: string; readonly openingId: string; readonly until: string; readonly reason: string };
export function sealingDocument({ actId, openingId, until, reason }: SealingOrder): CaseDocument {
  return { act: 'extend_sealing', actId, openingId, until, reason };
}

/** A statement about the account: that it was opened, and the hash of why (`ledger.md` op 14). */
export function openingOp(acct: Bytes, doc: Bytes): Op {
  return { kind: 'attest', subject: { kind: 'account', acct }, attestKind: DISCLOSURE_ATTEST, doc };
}

/** Further ahead than it is, and by no more than one term of the pack (`sealingDays`) from now: the subject is told when sealing ends. */
export function mayExtend(until: number, now: number, sealedUntil: number, termMs: number): boolean {
  return until > sealedUntil && until <= now + termMs;
}
