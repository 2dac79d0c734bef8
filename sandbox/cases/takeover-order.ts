/** An account that somebody else used (product P-33): what its owner signs, and what follows. Pure, so that the browser signs the very document
 *  that the server checks. */
import type { CaseDocument } from './case-order.ts';

/** Selling, giving and withdrawing ask for their own word in the code of a hold; buying and cancelling are never held. */
export const TAKEOVER_HOLD = 'takeover_sale_gift_withdrawal';

export type TakeoverDeclaration = { readonly actId: string; readonly text: string };
export function takeoverDocument({ actId, text }: TakeoverDeclaration): CaseDocument {
  return { act: 'declare_takeover', actId, text };
}
