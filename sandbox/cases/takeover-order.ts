/** An account that somebody else used (product P-33): what its owner signs, and what follows. Pure, so that the browser signs the very document
 *  that the server checks. */
import type { CaseDocument } from './case-order.ts';

const DAY_MS = 24 * 3_600_000;
/** Pack CN, product 1.6: trades of 7 days are claimed, the account cools for 30. */
export const TAKEOVER_TRADES_MS = 7 * DAY_MS;
export const TAKEOVER_COOL_MS = 30 * DAY_MS;
/** Selling, giving and withdrawing ask for their own word in the code of a hold; buying and cancelling are never held. */
export const TAKEOVER_HOLD = 'takeover_sale_gift_withdrawal';

export type TakeoverDeclaration = { readonly actId: string; readonly text: string };
export function takeoverDocument({ actId, text }: TakeoverDeclaration): CaseDocument {
  return { act: 'declare_takeover', actId, text };
}
