/** What somebody signs who agrees to a rule pack, or agrees to a step of an experiment or takes it (product V-01, V-19, V-20). Pure, as freezes
 *  are: the browser signs the document that the server checks, and every reading checks it again. */
import type { CaseDocument } from './case-order.ts';

export type PackApproval = {
  /** 32 hex digits drawn by who signs: makes the act one. */
  readonly actId: string;
  readonly proposalId: string;
  /** SM3 of the whole pack: the agreement is to these figures and no others. */
  readonly packHash: string;
  readonly mode: string;
  /** ISO 8601 UTC. */
  readonly effectiveFrom: string;
};
export function packApprovalDocument({ actId, proposalId, packHash, mode, effectiveFrom }: PackApproval): CaseDocument {
  return { act: 'approve_pack', actId, proposalId, packHash, mode, effectiveFrom };
}

export type StepApproval = {
  readonly actId: string;
  readonly experimentId: string;
  readonly step: string;
  /** Of an extension; else empty. */
  readonly newEnd: string;
  /** SM3 of the experiment as it stood: rules by arm, caps, period, state. */
  readonly documentHash: string;
};
export function stepApprovalDocument({ actId, experimentId, step, newEnd, documentHash }: StepApproval): CaseDocument {
  return { act: 'approve_step', actId, experimentId, step, newEnd, documentHash };
}
export function stepDocument(order: StepApproval & { readonly reason: string }): CaseDocument {
  return { ...stepApprovalDocument(order), act: 'take_step', reason: order.reason };
}
