/** Orders of an intervention (product V-14, V-15): what an official signs, what of it the ledger gets, and how long it may last. Pure, so
 *  that the browser signs the very document that the server checks. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import type { FreezeTarget, Op } from '#ledger/codec/op-types.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, concat, utf8 } from '#ledger/primitives/bytes.ts';
import type { Clocks } from '../packs/clocks.ts';

export const FREEZE_SCOPES = ['item', 'class', 'account', 'payout'] as const;
export type FreezeScope = (typeof FREEZE_SCOPES)[number];

/** Why, in a word that never changes; the reason in a sentence stands beside it. */
export const FREEZE_REASONS = ['stolen_item', 'disputed_trade', 'market_abuse', 'laundering', 'minor', 'court_request', 'other'] as const;
export type FreezeReason = (typeof FREEZE_REASONS)[number];

/** A reason is a sentence. */
export const APPEAL_REASON_MIN = 10;

export type FreezeOrder = {
  /** 32 hex digits drawn by who signs: makes the order one and salts its hash. */
  readonly actId: string;
  readonly caseId: string;
  readonly scope: FreezeScope;
  readonly targetId: string;
  readonly reasonCode: FreezeReason;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly until: string;
};

/** A flat document of text: the same bytes in every implementation. */
export type CaseDocument = Readonly<Record<string, string>>;

export function freezeDocument(order: FreezeOrder): CaseDocument {
  const { actId, caseId, scope, targetId, reasonCode, reason, until } = order;
  return { act: 'freeze', actId, caseId, scope, targetId, reasonCode, reason, until };
}

export type LiftOrder = { readonly actId: string; readonly freezeId: string; readonly reason: string };
export function liftDocument({ actId, freezeId, reason }: LiftOrder): CaseDocument {
  return { act: 'unfreeze', actId, freezeId, reason };
}

export type AppealDecision = {
  readonly actId: string;
  readonly appealId: string;
  readonly isGranted: boolean;
  readonly reason: string;
};
export function appealDocument({ actId, appealId, isGranted, reason }: AppealDecision): CaseDocument {
  return { act: 'answer_appeal', actId, appealId, decision: isGranted ? 'granted' : 'rejected', reason };
}

/** `doc` of the LedgerTx: salted by the `actId` inside, so that nobody guesses a reason from its hash. */
export function documentHash(document: CaseDocument): Bytes {
  return sm3(canonicalBytes(document));
}

/** What the official's personal key signs. */
export function signedDocument(document: CaseDocument, chain: string, certificateSerial: string): Bytes {
  return concat(utf8('daoju.case/1\n'), canonicalBytes({ ...document, chain, certificateSerial }));
}

export const DOCUMENT_ATTEST = 4;
export const DISCLOSURE_ATTEST = 6;

/** A payout is not on the ledger: its freeze is a document about the account there. */
export function freezeOp(scope: FreezeScope, target: FreezeTarget, until: bigint, doc: Bytes): Op {
  if (scope === 'payout') return { kind: 'attest', subject: target, attestKind: DOCUMENT_ATTEST, doc };
  return { kind: 'freeze', target, until, doc };
}

export function unfreezeOp(scope: FreezeScope, target: FreezeTarget, doc: Bytes): Op {
  if (scope === 'payout') return { kind: 'attest', subject: target, attestKind: DOCUMENT_ATTEST, doc };
  return { kind: 'unfreeze', target, doc };
}

export type Term = 'temporary' | 'long';

/** How long by one official alone (AML Law art. 45), and how long at all with a case number: clocks of the pack in force. */
export type FreezeTerms = Pick<Clocks, 'temporaryFreezeMs' | 'longestFreezeMs'>;

/** `since`: start of the first freeze of this case on this target, or now. */
export function termOf(until: number, now: number, since: number, terms: FreezeTerms): Term | 'freeze_term' {
  if (until <= now || until > since + terms.longestFreezeMs) return 'freeze_term';
  return until <= since + terms.temporaryFreezeMs ? 'temporary' : 'long';
}
