/** The operator's desk (product O-17): what is sworn to it and what it signs. Pure, so that the browser signs the document that is checked. */
import type { CaseDocument } from './case-order.ts';

export const DESK_QUEUES = ['theft', 'objection', 'report', 'hidden', 'payout', 'break', 'studio'] as const;
export type DeskQueue = (typeof DESK_QUEUES)[number];
export const DESK_ACTS = ['noted', 'taken', 'closed', 'frozen', 'upheld', 'false', 'verified', 'suspended', 'hidden', 'shown'] as const;
/** `taken`: by who signs, until another takes it; `verified`, `suspended`: a studio that joins; `upheld`: an objection; `hidden`, `shown`: words and picture of the kind that a report is about (rulebook CN-BC-02); `false`: a sworn claim or an objection that was made against better knowledge. */
export type DeskAct = (typeof DESK_ACTS)[number];

/** A sworn claim that an item was stolen (product P-34). */
export type TheftClaim = { readonly actId: string; readonly itemId: string; readonly text: string };
export function theftDocument({ actId, itemId, text }: TheftClaim): CaseDocument {
  return { act: 'swear_theft', actId, itemId, text };
}

export type DeskOrder = {
  readonly actId: string;
  readonly queue: DeskQueue;
  readonly subjectId: string;
  readonly act: DeskAct;
  readonly text: string;
};
export function deskDocument({ actId, queue, subjectId, act, text }: DeskOrder): CaseDocument {
  return { act: `desk_${act}`, actId, queue, subjectId, text };
}
