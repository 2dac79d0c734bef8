/** The sale that the law sees in a gift (rulebook 2.6.5), as the assessment takes it. */
import { fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { AssessInput } from '#sandbox/tax/assessment.ts';
import { giftInput } from '#sandbox/tax/gift.ts';
import { PERSON_TAX_FACTS } from '#server/settlement/decided.ts';
import type { ItemRow } from '#server/settlement/model.ts';

/** Of an item as it stands; the day's window is told by whoever assesses. */
export function deemedSale(
  item: ItemRow,
  facts: { readonly at: Instant; readonly referenceFen: bigint | null },
  pack: RulePack,
): AssessInput {
  return giftInput(
    {
      givenAt: facts.at,
      referencePriceFen: facts.referenceFen === null ? null : fen(facts.referenceFen),
      costFen: item.costFen === null ? null : fen(item.costFen),
      windowTotalFen: ZERO_FEN,
      place: PERSON_TAX_FACTS.place,
    },
    pack,
  );
}
