/** A gift is a deemed sale by the giver (rulebook 2.6.5): the base counts in the giver's window, VAT and surtaxes follow, no income tax. */
import { addFen, type Fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { isOn } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { AssessInput } from './assessment.ts';

export type GiftFacts = {
  readonly givenAt: Instant;
  /** Reference price at the time of the gift, tax-inclusive; `null`: none. */
  readonly referencePriceFen: Fen | null;
  /** The giver's cost, the fallback base. */
  readonly costFen: Fen | null;
  /** The giver's window without this gift. */
  readonly windowTotalFen: Fen;
  readonly place: AssessInput['place'];
};

export function giftInput(facts: GiftFacts, pack: RulePack): AssessInput {
  const isDeemed = isOn(pack, 'giftDeemedSale');
  const base = isDeemed ? (facts.referencePriceFen ?? facts.costFen ?? ZERO_FEN) : ZERO_FEN;
  return {
    txType: 'GIFT',
    paidAt: facts.givenAt,
    grossFen: base,
    feeBps: 0,
    royaltyBps: 0,
    feeFen: null,
    royaltyFen: null,
    basis: null,
    window: { kind: 'total', totalFen: addFen(facts.windowTotalFen, base) },
    place: facts.place,
    vatStatus: 'SMALL_SCALE',
    flags: isDeemed && facts.referencePriceFen === null ? ['REF_PRICE_MISSING'] : [],
  };
}
