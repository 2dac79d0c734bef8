/** Where an item stands now, from its custody row: the first of these that holds (product P-13). */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { ItemState, OrderIntent } from '#server/trpc/views.ts';

export type HeldFor = OrderIntent | 'gift';
/** Of `custody.item_holds h` with `market.orders o` and `market.gifts g` beside it. */
export const HOLD_COLUMNS =
  "case when g.gift_id is null then o.intent else 'gift' end as held_for, coalesce(o.expires_at, g.accept_until) as held_until";
export const HOLD_JOINS = `left join custody.item_holds h on h.item_id = i.item_id and h.state = 'active'
       left join market.orders o on o.order_id = h.order_id
       left join market.gifts g on g.gift_id = h.order_id`;

export type StateFacts = {
  readonly isBurned: boolean;
  readonly frozenUntil: Date | null;
  readonly protectedUntil: Date | null;
  /** Intent of the order that holds it, or a gift that waits for its recipient. */
  readonly heldFor: HeldFor | null;
  /** When that ends by itself. */
  readonly heldUntil: Date | null;
};
export type StateNow = { readonly state: ItemState; readonly until: string | null; readonly reason: string | null };

export function itemStateOf(facts: StateFacts, now: Instant): StateNow {
  const until = (date: Date | null) => (date === null ? null : date.toISOString());
  const isAhead = (date: Date | null): boolean => date !== null && date.getTime() > now;
  if (facts.isBurned) return { state: 'burned', until: null, reason: 'item_burned' };
  if (isAhead(facts.frozenUntil)) return { state: 'frozen', until: until(facts.frozenUntil), reason: 'item_frozen' };
  if (facts.heldFor === 'listing') return { state: 'listed', until: until(facts.heldUntil), reason: 'item_held' };
  if (facts.heldFor === 'gift') return { state: 'held', until: until(facts.heldUntil), reason: 'item_given' };
  if (facts.heldFor !== null) return { state: 'held', until: until(facts.heldUntil), reason: 'item_held' };
  if (isAhead(facts.protectedUntil)) return { state: 'protected', until: until(facts.protectedUntil), reason: 'item_protected' };
  return { state: 'free', until: null, reason: null };
}

export function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
