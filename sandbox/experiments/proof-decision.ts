/** A tax supervisor's decision about a proof of filing (experiment X1): what the official signs. Pure, so that the browser signs the very
 *  document that the server checks: the return as it was presented, so that nobody decides about another. */
import type { CaseDocument } from '#sandbox/cases/case-order.ts';

export type ProofDecisionOrder = {
  readonly actId: string;
  readonly proofId: string;
  readonly tax: string;
  readonly month: string;
  readonly receiptNo: string;
  readonly filedOn: string;
  readonly isConfirmed: boolean;
  readonly reason: string;
};
export function proofDecisionDocument(order: ProofDecisionOrder): CaseDocument {
  const { actId, proofId, tax, month, receiptNo, filedOn, isConfirmed, reason } = order;
  return {
    act: 'decide_filing_proof',
    actId,
    proofId,
    tax,
    month,
    receiptNo,
    filedOn,
    decision: isConfirmed ? 'confirmed' : 'refused',
    reason,
  };
}
