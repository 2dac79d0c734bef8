/** A notary's word about an evidence package (rulebook CN-EV-06, CN-EV-09): what the notary's person signs, and what of it the ledger gets.
 *  Pure, so that the browser signs the very document that the server checks. */
import type { Op } from '#ledger/codec/op-types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, DOCUMENT_ATTEST } from './case-order.ts';

export type CountersignOrder = {
  /** 32 hex digits drawn by who signs: makes the act one and salts its hash. */
  readonly actId: string;
  readonly exportId: string;
  /** SM3 of the zip that was looked at, in hex. */
  readonly packageSm3: string;
  /** `trade trd_…` or `item itm_…`. */
  readonly subject: string;
  /** What the notary adds in its own words; may be empty. */
  readonly note: string;
};

/** The sentence that a countersign means, in both languages; it is part of what is signed. */
export const COUNTERSIGN_STATEMENT = {
  zh: '本机构已独立核对上述证据包的全部步骤，结论为属实；已留存其 SM3。',
  en: 'This office has verified every step of the package by itself, found it proven, and keeps its SM3.',
} as const;

export function countersignDocument({ actId, exportId, packageSm3, subject, note }: CountersignOrder): CaseDocument {
  const { zh, en } = COUNTERSIGN_STATEMENT;
  return { act: 'countersign', actId, exportId, packageSm3, subject, note, statement: `${zh} ${en}` };
}

export type DeclineOrder = { readonly actId: string; readonly exportId: string; readonly packageSm3: string; readonly reason: string };
export function declineDocument({ actId, exportId, packageSm3, reason }: DeclineOrder): CaseDocument {
  return { act: 'decline_countersign', actId, exportId, packageSm3, reason };
}

/** By the notary's own account: the entry stands whether or not the operator goes on. */
export function countersignOp(doc: Bytes): Op {
  return { kind: 'attest', subject: { kind: 'none' }, attestKind: DOCUMENT_ATTEST, doc };
}
