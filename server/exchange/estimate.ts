/** What a sale would bring and cost in taxes today: the same figures for the quote and for the check that it still holds. */
import { fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { type QuoteTermsAnswer, quoteTerms } from '#sandbox/decisions/quote-terms.ts';
import type { Override } from '#sandbox/experiments/experiment.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { sellerBasis } from '#server/settlement/assess-sale.ts';
import { PERSON_TAX_FACTS } from '#server/settlement/decided.ts';
import type { ClassRow, ItemRow } from '#server/settlement/model.ts';

export type EstimateFacts = {
  readonly pack: RulePack;
  readonly at: Instant;
  readonly itemClass: ClassRow;
  /** What would be sold; empty for a buyer. */
  readonly items: readonly ItemRow[];
  readonly unitPriceFen: bigint;
  readonly window: { readonly grossFen: bigint };
  readonly dayTradeIds: readonly string[];
};

export function estimateSale(facts: EstimateFacts): QuoteTermsAnswer {
  const { itemClass } = facts;
  return quoteTerms(
    {
      ...baseOf(facts),
      side: 'sell',
      quantity: facts.items.length,
      feeBps: itemClass.feeBps,
      royaltyBps: itemClass.royaltyBps,
      seller: {
        basis: sellerBasis(facts.pack, facts.items),
        ...PERSON_TAX_FACTS,
        windowTotalFen: fen(facts.window.grossFen),
        windowTradeIds: facts.dayTradeIds,
      },
    },
    facts.pack,
  );
}

/** A buyer sees nobody's taxes; fee and royalty come out of the seller's side. */
export function estimatePurchase(
  facts: Omit<EstimateFacts, 'items' | 'window' | 'dayTradeIds'> & { readonly overrides: readonly Override[] },
  quantity: number,
): QuoteTermsAnswer {
  const { itemClass, overrides } = facts;
  return quoteTerms(
    { ...baseOf(facts), side: 'buy', quantity, feeBps: itemClass.feeBps, royaltyBps: itemClass.royaltyBps, seller: null, overrides },
    facts.pack,
  );
}

function baseOf(facts: Pick<EstimateFacts, 'at' | 'unitPriceFen' | 'itemClass'>) {
  const { itemClass } = facts;
  return {
    at: facts.at,
    txType: 'P2P',
    unitPriceFen: fen(facts.unitPriceFen),
    publicityHours: itemClass.publicityHours,
    protectionHours: itemClass.protectionHours,
    itemClass: { isCollectible: itemClass.isCollectible, resaleWaitTradingDays: itemClass.resaleWaitTradingDays },
  } as const;
}
