/** Which cost basis a sale has, and how it was found (rulebook 2.6.1, CN-ALG-01). The order is the rule: a seller must not gain by
 *  hiding a cost that the platform knows. */
import { assert, unreachable } from '#ledger/primitives/assert.ts';
import { type Fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { constantOf } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { AssessMode, Basis } from './assessment.ts';

export type BasisFacts = {
  /** Cost of the lots that the platform recorded; `null`: it holds no purchase record. */
  readonly platformCostFen: Fen | null;
  readonly voucherCostFen: Fen | null;
  readonly taxOfficeCostFen: Fen | null;
  readonly origin: 'PURCHASED' | 'EARNED' | 'GIFT_RECEIVED' | 'EXTERNAL';
  /** Fees and taxes documented for a gift received, and the other values a switch may choose. */
  readonly documentedFeesFen: Fen | null;
  readonly giverCostFen: Fen | null;
  readonly giftRefPriceFen: Fen | null;
  /** Units without proof among units with one. */
  readonly isPartlyUnproven: boolean;
};

export const NO_BASIS_FACTS: BasisFacts = {
  platformCostFen: null,
  voucherCostFen: null,
  taxOfficeCostFen: null,
  origin: 'EXTERNAL',
  documentedFeesFen: null,
  giverCostFen: null,
  giftRefPriceFen: null,
  isPartlyUnproven: false,
};

export function basisOf(facts: BasisFacts, pack: RulePack): Basis {
  const flags = facts.isPartlyUnproven ? ['COST_PARTLY_UNPROVEN'] : [];
  if (facts.platformCostFen !== null) return { mode: 'COST', costFen: facts.platformCostFen, source: 'PLATFORM_RECORD', flags };
  if (facts.voucherCostFen !== null) return { mode: 'COST', costFen: facts.voucherCostFen, source: 'VOUCHER', flags };
  if (facts.taxOfficeCostFen !== null) return { mode: 'FIXED_COST', costFen: facts.taxOfficeCostFen, source: 'TAX_OFFICE', flags };
  if (facts.origin === 'EARNED') return withoutProof(constantOf(pack, 'earnedMode').value, 'EARNED', flags);
  if (facts.origin === 'GIFT_RECEIVED') return { mode: 'COST', costFen: giftCost(facts, pack), source: 'GIFT_RECEIVED', flags };
  return withoutProof(constantOf(pack, 'assessMode').value, 'NONE', flags);
}

function withoutProof(mode: string, source: Basis['source'], flags: readonly string[]): Basis {
  if (mode === 'PCT_OF_REVENUE') return { mode, costFen: null, source, flags };
  // FIXED_COST without a value from the tax office can prove nothing, so it counts as no cost.
  return { mode: 'ZERO_COST', costFen: ZERO_FEN, source, flags };
}

function giftCost(facts: BasisFacts, pack: RulePack): Fen {
  const choice = constantOf(pack, 'giftReceivedCost').value;
  const documented = facts.documentedFeesFen ?? ZERO_FEN;
  if (choice === 'GIVER_COST') return facts.giverCostFen ?? documented;
  return choice === 'REF_PRICE' ? (facts.giftRefPriceFen ?? documented) : documented;
}

/** A mode named from outside (a test case, a ruling): the cost goes with it. */
export function statedBasis(mode: AssessMode, costFen: Fen | null, fixedCostFen: Fen | null): Basis {
  switch (mode) {
    case 'COST':
      return { mode, costFen: costFen ?? ZERO_FEN, source: 'STATED', flags: [] };
    case 'FIXED_COST': {
      const value = fixedCostFen ?? costFen;
      assert(value !== null, 'FIXED_COST comes with the value that the tax office set');
      return { mode, costFen: value, source: 'STATED', flags: [] };
    }
    case 'ZERO_COST':
      return { mode, costFen: ZERO_FEN, source: 'STATED', flags: [] };
    case 'PCT_OF_REVENUE':
      return { mode, costFen: null, source: 'STATED', flags: [] };
    default:
      return unreachable(mode);
  }
}
