/** Where an item stands now, from its custody row: the first of these that holds (product P-13). */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { ItemState, OrderIntent } from '#server/trpc/views.ts';

export type StateFacts = {
  readonly isBurned: boolean;
  readonly frozenUntil: Date | null;
  readonly protectedUntil: Date | null;
  /** Intent of the order that holds it. */
  readonly heldFor: OrderIntent | null;
  /** When that order ends by itself. */
  readonly heldUntil: Date | null;
};
export type StateNow = { readonly state: ItemState; readonly until: string | null; readonly reason: string | null };

export function itemStateOf(facts: StateFacts, now: Instant): StateNow {
  const until = (date: Date | null) => (date === null ? null : date.toISOString());
  const isAhead = (date: Date | null): boolean => date !== null && date.getTime() > now;
  if (facts.isBurned) return { state: 'burned', until: null, reason: 'item_burned' };
  if (isAhead(facts.frozenUntil)) return { state: 'frozen', until: until(facts.frozenUntil), reason: 'item_frozen' };
  if (facts.heldFor === 'listing') return { state: 'listed', until: until(facts.heldUntil), reason: 'item_held' };
  if (facts.heldFor !== null) return { state: 'held', until: until(facts.heldUntil), reason: 'item_held' };
  if (isAhead(facts.protectedUntil)) return { state: 'protected', until: until(facts.protectedUntil), reason: 'item_protected' };
  return { state: 'free', until: null, reason: null };
}

export function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
