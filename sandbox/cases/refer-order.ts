/** Referring a case to another authority (product V-14): what the official signs, and what of it the ledger gets. Pure, as freezes are. */
import type { Op } from '#ledger/codec/op-types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, DOCUMENT_ATTEST } from './case-order.ts';

export const REFER_TO = ['public_security', 'aml_centre', 'tax_authority', 'market_regulator', 'court', 'other'] as const;
export type ReferTo = (typeof REFER_TO)[number];

export type ReferOrder = {
  /** 32 hex digits drawn by who signs: makes the order one and salts its hash. */
  readonly actId: string;
  readonly caseId: string;
  readonly authority: ReferTo;
  readonly reason: string;
};

export function referDocument({ actId, caseId, authority, reason }: ReferOrder): CaseDocument {
  return { act: 'refer', actId, caseId, authority, reason };
}

/** About nothing on the ledger: a case may name people, and its number alone would tell that there is one. */
export function referOp(doc: Bytes): Op {
  return { kind: 'attest', subject: { kind: 'none' }, attestKind: DOCUMENT_ATTEST, doc };
}
