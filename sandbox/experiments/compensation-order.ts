/** A decision to compensate somebody who took part in an experiment (product V-21): what the official signs. Pure, so that the browser signs
 *  the very document that the server checks. */
import type { CaseDocument } from '#sandbox/cases/case-order.ts';

export type CompensationOrder = {
  readonly actId: string;
  readonly experimentId: string;
  readonly acct: string;
  readonly amountFen: string;
  readonly reason: string;
};
export function compensationDocument({ actId, experimentId, acct, amountFen, reason }: CompensationOrder): CaseDocument {
  return { act: 'compensate', actId, experimentId, acct, amountFen, reason };
}
