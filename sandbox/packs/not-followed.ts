/** Values that a pack may name and this market does not follow (yet): it refuses to put such a pack in force, and to say what it would have
 *  changed, rather than compute something else in its name. Test cases (`solveTaxVector`) follow all of them but the last. */
import { findConstant } from './pack.ts';
import type { RulePack } from './rule-pack.ts';

type NotFollowed = { readonly constant: string; readonly follows: readonly string[] };

/** Limits of the ledger, which every member checks (`ledger.md` op 11): a pack may shorten these clocks and not lengthen them. */
const LEDGER_LIMITS: Readonly<Record<string, number>> = { operatorFreezeDays: 7, longestFreezeDays: 90 };

/** The market assesses at the settlement, counts a person's sales by day, and takes each item's own cost. */
const IN_FORCE: readonly NotFollowed[] = [
  { constant: 'vatTaxPoint', follows: ['PAYMENT'] },
  { constant: 'p2pThresholdMode', follows: ['PER_DAY_1000'] },
  { constant: 'costFlow', follows: ['FIFO'] },
  { constant: 'giftReceivedCost', follows: ['DOCUMENTED_FEES'] },
  // How long before its end a game must say so stands in the ledger's own limits, which every member checks (CN-MK-12).
  { constant: 'sunsetNoticeDays', follows: ['60'] },
  // One owner is the ledger's form of an item, not a figure that could be raised.
  { constant: 'maxCoHolders', follows: ['1'] },
  // No company buys from a person here, so nobody withholds and no agent is owed a fee (CN-IIT-13).
  { constant: 'handlingFee', follows: ['2/100'] },
];
/** A replay has whole windows of recorded sales, so that a month's line is nothing new to it; releases, lots and givers' costs it lacks. */
const IN_REPLAY = IN_FORCE.filter(({ constant }) => constant !== 'p2pThresholdMode');

export type Unfollowed = { readonly path: string; readonly value: string; readonly follows: string };

/** `null`: this market can do all that the pack says. */
export function findNotFollowed(pack: RulePack, purpose: 'IN_FORCE' | 'REPLAY'): Unfollowed | null {
  for (const { constant, follows } of purpose === 'REPLAY' ? IN_REPLAY : IN_FORCE) {
    const value = findConstant(pack, constant)?.value;
    if (value === undefined || follows.includes(value)) continue;
    return { path: `const.${constant}`, value, follows: follows.join(', ') };
  }
  for (const [constant, most] of Object.entries(LEDGER_LIMITS)) {
    const value = findConstant(pack, constant)?.value;
    if (value === undefined || BigInt(value) <= most) continue;
    return { path: `const.${constant}`, value, follows: `at most ${most}` };
  }
  return null;
}
