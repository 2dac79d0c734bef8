/** An answer to a complaint that money is missing (experiment X1, its `complaintSlaWorkingDays`): what the official signs. Pure, so that the browser
 *  signs the very document that the server checks: with the complaint as it was made, so that nobody answers another. */
import type { CaseDocument } from '#sandbox/cases/case-order.ts';

export type ComplaintAnswerOrder = {
  readonly actId: string;
  readonly tradeId: string;
  readonly experimentId: string;
  readonly complaint: string;
  readonly text: string;
};
export function complaintAnswerDocument({ actId, tradeId, experimentId, complaint, text }: ComplaintAnswerOrder): CaseDocument {
  return { act: 'answer_complaint', actId, tradeId, experimentId, complaint, text };
}
