/** Who gets what of a settled trade: the split at the payment institution, what a buying company withholds, a tax reserve (rulebook
 *  2.6.2, 2.6.5, 6.6). Without an experiment taxes are never deducted from the seller's payout. */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { Assessment } from './assessment.ts';
import { holds } from './expression.ts';

export type WithheldLine = { readonly id: string; readonly kind: string; readonly amountFen: Fen };
export type MoneySplit = {
  /** What the buyer pays in. */
  readonly payInFen: Fen;
  readonly sellerFen: Fen;
  readonly sellerTaxReserveFen: Fen;
  readonly platformFen: Fen;
  readonly studioFen: Fen;
  readonly withheld: readonly WithheldLine[];
  readonly withheldTotalFen: Fen;
};

/** Always: payIn = seller + reserve + platform + studio, and payIn + withheld = gross. */
export function splitMoney(assessment: Assessment, pack: RulePack, reserveTax: boolean): MoneySplit {
  const { input, feeFen, royaltyFen } = assessment;
  const withheld = withheldLines(assessment, pack);
  const withheldTotal = withheld.reduce((sum, line) => sum + line.amountFen, 0n);
  const payout = input.grossFen - feeFen - royaltyFen - withheldTotal;
  const unpaid = assessment.taxTotalFen - withheldTotal;
  const reserve = !reserveTax || payout <= 0n ? 0n : unpaid < payout ? unpaid : payout;
  return {
    payInFen: fen(input.grossFen - withheldTotal),
    sellerFen: fen(payout - reserve),
    sellerTaxReserveFen: reserve === 0n ? ZERO_FEN : fen(reserve),
    platformFen: feeFen,
    studioFen: royaltyFen,
    withheld,
    withheldTotalFen: fen(withheldTotal),
  };
}

export function withheldLines(assessment: Assessment, pack: RulePack): readonly WithheldLine[] {
  const { txType, paidAt } = assessment.input;
  const scope = { pack, date: beijingDate(paidAt), facts: {} };
  const types = pack.withholding
    .filter((rule) => rule.txTypes.includes(txType) && (rule.when === undefined || holds(rule.when, scope)))
    .flatMap((rule) => rule.lineTypes);
  return assessment.lines.filter((line) => types.includes(line.type)).map(({ id, kind, amountFen }) => ({ id, kind, amountFen }));
}
