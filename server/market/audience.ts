/** Who looks at a trade, and what is masked for them: here and never in the page (product V-02). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { StaffRole } from '#server/trpc/views.ts';

export type SupervisorRole = Extract<StaffRole, 'sup_tax' | 'sup_market' | 'sup_finance'>;
export const SUPERVISOR_ROLES = ['sup_tax', 'sup_market', 'sup_finance'] as const satisfies readonly SupervisorRole[];

export type Audience =
  | { readonly kind: 'party'; readonly acct: AccountId }
  | { readonly kind: 'supervisor'; readonly role: SupervisorRole };

export type Sight = {
  /** Display names; without it the beginning of the account id stands there. */
  readonly names: boolean;
  /** Tax lines, cost basis, quote. */
  readonly tax: boolean;
  readonly flows: boolean;
};

export const SIGHT: Readonly<Record<SupervisorRole, Sight>> = {
  sup_tax: { names: true, tax: true, flows: true },
  sup_market: { names: false, tax: false, flows: false },
  sup_finance: { names: false, tax: false, flows: true },
};

/** Null: the trade is none of theirs. */
export function sightOf(audience: Audience, trade: { readonly seller: AccountId; readonly buyer: AccountId }): Sight | null {
  if (audience.kind === 'supervisor') return SIGHT[audience.role];
  if (audience.acct !== trade.seller && audience.acct !== trade.buyer) return null;
  return { names: true, tax: audience.acct === trade.seller, flows: true };
}

export function isSupervisor(role: StaffRole): role is SupervisorRole {
  return SUPERVISOR_ROLES.some((each) => each === role);
}
