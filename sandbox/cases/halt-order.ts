/** A halt (product V-17): what is stopped, why, until when, and what becomes of open orders. Signed as a freeze is. */
import type { AttestSubject, Op } from '#ledger/codec/op-types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, DOCUMENT_ATTEST } from './case-order.ts';

export const HALT_SCOPES = ['class', 'game', 'market'] as const;
export type HaltScope = (typeof HALT_SCOPES)[number];
export const HALT_REASONS = ['market_abuse', 'technical', 'security', 'court_request', 'other'] as const;
export type HaltReason = (typeof HALT_REASONS)[number];
/** Kept orders stand and trade again after the end; cancelled ones end now, and what they held is free. */
export type OpenOrders = 'keep' | 'cancel';
export const WHOLE_MARKET = 'market';

export type HaltOrder = {
  readonly actId: string;
  readonly caseId: string;
  readonly scope: HaltScope;
  /** A kind, a game, or `market`. */
  readonly targetId: string;
  readonly reasonCode: HaltReason;
  readonly reason: string;
  readonly openOrders: OpenOrders;
  /** ISO 8601 UTC. */
  readonly until: string;
};
export function haltDocument({ actId, caseId, scope, targetId, reasonCode, reason, openOrders, until }: HaltOrder): CaseDocument {
  return { act: 'halt', actId, caseId, scope, targetId, reasonCode, reason, openOrders, until };
}

export type ResumeOrder = { readonly actId: string; readonly haltId: string; readonly reason: string };
export function resumeDocument({ actId, haltId, reason }: ResumeOrder): CaseDocument {
  return { act: 'resume', actId, haltId, reason };
}

/** The ledger knows no halt: it has the office's statement, about the kind where it is one. */
export function haltOp(cls: number | null, doc: Bytes): Op {
  const subject: AttestSubject = cls === null ? { kind: 'none' } : { kind: 'class', cls };
  return { kind: 'attest', subject, attestKind: DOCUMENT_ATTEST, doc };
}
