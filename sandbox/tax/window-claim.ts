/**
 * Whether the total that an assessment claims of its seller's window can be right, by facts that whoever checks it has added up itself
 * (rulebook 2.6.3). The window total decides only the flag, so claim and facts are compared by the flag they lead to: another order of
 * arrival, or a sale that was settled and came to nothing, changes a total within a day and not what is owed.
 */

import { beijingDate } from '#ledger/primitives/instant.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { AssessInput } from './assessment.ts';
import { hasThreshold, isWindowTaxable } from './threshold.ts';

/** Of the window, this sale left out. */
export type WindowBounds = {
  /** Sales that surely count already, less what was reversed. */
  readonly leastFen: bigint;
  /** With those that may count; null: there may be others of an unknown amount, such as a gift. */
  readonly mostFen: bigint | null;
};

/** Which of the claims is wrong, or null: `understated` leaves tax out, `overstated` takes it from somebody below the line. */
export type WindowFault = 'no_window' | 'understated' | 'overstated';

export function refuseWindowClaim(
  pack: RulePack,
  { txType, paidAt, grossFen, window }: Pick<AssessInput, 'txType' | 'paidAt' | 'grossFen' | 'window'>,
  { leastFen, mostFen }: WindowBounds,
): WindowFault | null {
  if (pack.thresholdWindow === undefined) return null;
  // A kind of trade outside the window, or a flag without a total, would pass the line by.
  if (!hasThreshold(pack, txType) || window.kind !== 'total') return 'no_window';
  const date = beijingDate(paidAt);
  const isTaxable = (beforeFen: bigint) => isWindowTaxable(pack, date, beforeFen + grossFen);
  if (!isWindowTaxable(pack, date, window.totalFen)) return isTaxable(leastFen) ? 'understated' : null;
  return mostFen === null || isTaxable(mostFen) ? null : 'overstated';
}
