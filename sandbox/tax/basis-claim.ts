/**
 * Whether the cost that an assessment claims of its seller's items can be right (rulebook 2.6.1, CN-ALG-01), by what the ledger proves of how
 * the seller got each: the price of a certified sale is the cost, and neither hidden nor invented. What no ledger proves is the platform's word.
 */
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { Basis } from './assessment.ts';
import { basisOf, NO_BASIS_FACTS } from './basis.ts';

/** How the seller got an item. `unknown`: not readable here, such as a sale under a key that this member was not granted. */
export type ItemOrigin =
  | { readonly kind: 'bought'; readonly costFen: Fen }
  | { readonly kind: 'issued' }
  | { readonly kind: 'given' }
  | { readonly kind: 'unknown' };

/** `hidden`: a purchase is proven and not claimed; `wrong`: another amount than was paid, or another way than the rule's; `invented`: a
 *  purchase is claimed of items that were never bought. */
export type BasisFault = 'hidden' | 'wrong' | 'invented';

/** Values that a paper outside the ledger proves: the rule lets them stand where no purchase is recorded. */
const DECLARED: readonly Basis['source'][] = ['VOUCHER', 'TAX_OFFICE'];

export function refuseBasisClaim(pack: RulePack, basis: Basis | null, origins: readonly ItemOrigin[]): BasisFault | null {
  const bought = origins.flatMap((origin) => (origin.kind === 'bought' ? [origin.costFen] : []));
  const isAllKnown = origins.every(({ kind }) => kind !== 'unknown');
  const paidFen = fen(bought.reduce((sum, costFen) => sum + costFen, 0n));
  if (bought.length > 0) {
    if (basis?.source !== 'PLATFORM_RECORD') return 'hidden';
    if (!isAllKnown) return basis.mode === 'COST' && (basis.costFen ?? 0n) >= paidFen ? null : 'wrong';
    const isPartlyUnproven = bought.length < origins.length;
    return isSame(basis, basisOf({ ...NO_BASIS_FACTS, platformCostFen: paidFen, isPartlyUnproven }, pack)) ? null : 'wrong';
  }
  if (!isAllKnown) return null;
  if (basis === null) return 'wrong';
  if (basis.source === 'PLATFORM_RECORD' || basis.source === 'STATED') return 'invented';
  if (DECLARED.includes(basis.source)) return null;
  return possible(pack, origins).some((each) => isSame(basis, each)) ? null : 'wrong';
}

/** Whether a kind comes from play stands in its studio's words, on no leaf: of issued items both ways are possible. */
function possible(pack: RulePack, origins: readonly ItemOrigin[]): readonly Basis[] {
  const isEach = (kind: ItemOrigin['kind']) => origins.every((origin) => origin.kind === kind);
  if (isEach('given')) return [basisOf({ ...NO_BASIS_FACTS, origin: 'GIFT_RECEIVED' }, pack)];
  const none = basisOf(NO_BASIS_FACTS, pack);
  return isEach('issued') ? [none, basisOf({ ...NO_BASIS_FACTS, origin: 'EARNED' }, pack)] : [none];
}

const isSame = (a: Basis, b: Basis): boolean =>
  a.mode === b.mode && a.source === b.source && a.costFen === b.costFen && a.flags.join() === b.flags.join();
