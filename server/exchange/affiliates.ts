/** A studio in another name: whom it declared as its affiliate trades its items no more than it does itself (product T-07, rulebook CN-MK-07). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { ClassRow } from '#server/settlement/model.ts';

/** Of an order the account alone is known: the account behind a name was read with the kind, and nobody has orders before he has a name. */
export function isAffiliate(
  { affiliates }: Pick<ClassRow, 'affiliates'>,
  { acct, displayName }: { readonly acct: AccountId; readonly displayName?: string },
): boolean {
  if (affiliates.size === 0) return false;
  return affiliates.has(acct) || (displayName !== undefined && affiliates.has(displayName.toLowerCase()));
}
