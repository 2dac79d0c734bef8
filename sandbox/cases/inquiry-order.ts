/** Asking for information in a case (product V-14): what the official signs, what comes back, and what of both the ledger gets. Pure, as
 *  freezes are. */
import type { Op } from '#ledger/codec/op-types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, DOCUMENT_ATTEST, type FreezeReason } from './case-order.ts';

export const INQUIRY_PARTIES = ['player', 'studio', 'operator'] as const;
export type InquiryParty = (typeof INQUIRY_PARTIES)[number];
/** `partyId` of the operator. */
export const OPERATOR_PARTY = 'operator';

export type InquiryOrder = {
  /** 32 hex digits drawn by who signs: names the question and salts its hash. */
  readonly actId: string;
  readonly caseId: string;
  readonly party: InquiryParty;
  /** The account; of the operator the word. */
  readonly partyId: string;
  readonly reasonCode: FreezeReason;
  readonly question: string;
  /** ISO 8601 UTC. */
  readonly dueAt: string;
};
export function inquiryDocument({ actId, caseId, party, partyId, reasonCode, question, dueAt }: InquiryOrder): CaseDocument {
  return { act: 'ask_information', actId, caseId, party, partyId, reasonCode, question, dueAt };
}

/** More time, granted once to who has asked for it: an order of its own, with its own date. */
export type InquiryExtension = { readonly actId: string; readonly inquiryId: string; readonly dueAt: string };
export function inquiryExtensionDocument({ actId, inquiryId, dueAt }: InquiryExtension): CaseDocument {
  return { act: 'extend_information', actId, inquiryId, dueAt };
}

/** `more_time` and `objected` leave the question open: the official reads them in the case. */
export const INQUIRY_REPLIES = ['answered', 'more_time', 'objected'] as const;
export type InquiryReply = (typeof INQUIRY_REPLIES)[number];

export type InquiryAnswer = {
  readonly actId: string;
  readonly inquiryId: string;
  readonly kind: InquiryReply;
  readonly text: string;
  /** SM3 of each file, hex, in order. */
  readonly files: readonly string[];
};
export function inquiryAnswerDocument({ actId, inquiryId, kind, text, files }: InquiryAnswer): CaseDocument {
  return { act: 'answer_information', actId, inquiryId, kind, text, files: files.join(' ') };
}

/** About nothing on the ledger, like a referral: an account there would tell that somebody is asked. */
export function inquiryOp(doc: Bytes): Op {
  return { kind: 'attest', subject: { kind: 'none' }, attestKind: DOCUMENT_ATTEST, doc };
}

/** `termMs`: the longest that the pack in force allows. */
export function mayBeDue(dueAt: number, now: number, termMs: number): boolean {
  return dueAt > now && dueAt <= now + termMs;
}

/** More time counts from the date that stands, or from now where that is past. */
export function mayExtendTo(dueAt: number, now: number, standing: number, termMs: number): boolean {
  return dueAt > standing && mayBeDue(dueAt, Math.max(now, standing), termMs);
}

/**
 * Rulebook CN-AML-04: tipping off is forbidden, and a question tells that there is a case, however neutral its words. So in a case about
 * laundering, or for that reason, only the operator may be asked: it keeps the data that such a case needs (CN-AML-01).
 */
export function wouldTipOff(party: InquiryParty, { topic, reasonCode }: { readonly topic: string; readonly reasonCode: string }): boolean {
  return party !== 'operator' && (topic === 'laundering' || reasonCode === 'laundering');
}
