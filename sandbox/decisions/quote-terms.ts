/** What an order would cost and bring, before anyone signs (product P-18): shares, money both ways, estimated tax lines, the day line,
 *  when the money is paid out and when the item may go on. Estimates: the tax office assesses. */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { applyOverrides, type Override } from '../experiments/experiment.ts';
import { constantOf, packHash } from '../packs/pack.ts';
import type { RulePack, TxType } from '../packs/rule-pack.ts';
import { divide } from '../parameters/decimal.ts';
import { assess } from '../tax/assess.ts';
import type { AssessInput, Assessment, AssessRefusal, Basis } from '../tax/assessment.ts';
import { hasThreshold, isWindowTaxable, thresholdTest, windowKey } from '../tax/threshold.ts';
import { transferableFrom, type WaitFacts } from './calendar.ts';

export type QuoteTermsInput = {
  readonly at: Instant;
  readonly txType: Extract<TxType, 'PRIMARY' | 'P2P' | 'P2B'>;
  readonly side: 'buy' | 'sell';
  readonly unitPriceFen: Fen;
  readonly quantity: number;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly publicityHours: number;
  readonly protectionHours: number;
  readonly itemClass: WaitFacts;
  /** Of the experiment that the order stands inside: the wait before a resale is theirs. */
  readonly overrides?: readonly Override[];
  /** The seller's own facts when a seller asks; `null` for buyers, who see no one else's tax. */
  readonly seller: {
    readonly basis: Basis | null;
    readonly place: AssessInput['place'];
    readonly vatStatus: AssessInput['vatStatus'];
    /** Gross of the seller's window so far. */
    readonly windowTotalFen: Fen;
    /** Ids of the window's earlier trades that are not fully refunded. */
    readonly windowTradeIds: readonly string[];
  } | null;
};

export type QuoteTerms = {
  readonly grossFen: Fen;
  readonly feeFen: Fen;
  readonly royaltyFen: Fen;
  readonly youPayFen: Fen;
  readonly youReceiveFen: Fen;
  readonly costBasisFen: Fen | null;
  readonly costSource: Basis['source'] | null;
  readonly assessment: Assessment | null;
  readonly estimatedTaxFen: Fen;
  readonly leftAfterAllFen: Fen;
  readonly dayLine: {
    readonly window: string;
    readonly reaches: boolean;
    readonly salesBeforeFen: Fen;
    readonly lineFen: Fen;
    readonly reassessedTradeIds: readonly string[];
  } | null;
  /** Earliest payout to the seller if the trade settled at once. */
  readonly payoutAt: Instant;
  /** From when the buyer may sell or give the item on. */
  readonly transferableFrom: Instant;
  readonly packHash: string;
};
export type QuoteTermsAnswer =
  | { readonly kind: 'quoted'; readonly terms: QuoteTerms }
  | { readonly kind: 'rejected'; readonly code: AssessRefusal; readonly packId: string; readonly date: string };

const HOUR_MS = 3_600_000;

export function quoteTerms(input: QuoteTermsInput, pack: RulePack): QuoteTermsAnswer {
  const gross = fen(input.unitPriceFen * BigInt(input.quantity));
  const answer = assess(assessInputOf(input, gross), pack);
  if (answer.kind === 'rejected') return answer;
  const isSeller = input.side === 'sell';
  const assessment = isSeller && input.seller !== null ? answer.assessment : null;
  const { feeFen, royaltyFen } = answer.assessment;
  const receives = gross - feeFen - royaltyFen;
  const settledAt = instant(input.at + input.publicityHours * HOUR_MS);
  return {
    kind: 'quoted',
    terms: {
      grossFen: gross,
      feeFen,
      royaltyFen,
      youPayFen: isSeller ? ZERO_FEN : gross,
      youReceiveFen: isSeller ? fen(receives) : ZERO_FEN,
      costBasisFen: assessment?.input.basis?.costFen ?? null,
      costSource: assessment?.input.basis?.source ?? null,
      assessment,
      estimatedTaxFen: assessment?.taxTotalFen ?? ZERO_FEN,
      leftAfterAllFen: isSeller ? (assessment?.sellerAfterAllFen ?? fen(receives)) : ZERO_FEN,
      dayLine: assessment === null ? null : dayLineOf(input, gross, pack),
      payoutAt: payoutAt(pack, settledAt, input.protectionHours),
      transferableFrom: freeFrom(applyOverrides(pack, input.overrides ?? []), settledAt, input),
      packHash: packHash(pack),
    },
  };
}

/** A share of the price in basis points, rounded as the pack rounds. */
export function shareOf(pack: RulePack, grossFen: Fen, bps: number): Fen {
  return divide(grossFen * BigInt(bps), 10_000n, pack.rounding.mode);
}

/** End of the last open window: the protection window, never before the pack's shortest time. */
export function payoutAt(pack: RulePack, settledAt: Instant, protectionHours: number): Instant {
  return instant(settledAt + Math.max(protectionHours, Number(constantOf(pack, 'payoutHoursMin').value)) * HOUR_MS);
}

function freeFrom(pack: RulePack, settledAt: Instant, { txType, protectionHours, itemClass }: QuoteTermsInput): Instant {
  const acquiredBy = txType === 'PRIMARY' ? 'primary' : 'secondary';
  const waited = transferableFrom(pack, { acquiredAt: settledAt, acquiredBy }, itemClass);
  return instant(Math.max(waited, settledAt + protectionHours * HOUR_MS));
}

function dayLineOf({ at, txType, seller }: QuoteTermsInput, gross: Fen, pack: RulePack): QuoteTerms['dayLine'] {
  if (seller === null || !hasThreshold(pack, txType)) return null;
  const date = beijingDate(at);
  const wasTaxable = isWindowTaxable(pack, date, seller.windowTotalFen);
  const reaches = isWindowTaxable(pack, date, fen(seller.windowTotalFen + gross));
  return {
    window: windowKey(pack, at),
    reaches,
    salesBeforeFen: seller.windowTotalFen,
    lineFen: fen(thresholdTest(pack, date).thresholdFen),
    reassessedTradeIds: reaches && !wasTaxable ? seller.windowTradeIds : [],
  };
}

function assessInputOf(input: QuoteTermsInput, gross: Fen): AssessInput {
  const before = input.seller?.windowTotalFen ?? ZERO_FEN;
  return {
    txType: input.txType,
    paidAt: input.at,
    grossFen: gross,
    feeBps: input.feeBps,
    royaltyBps: input.royaltyBps,
    feeFen: null,
    royaltyFen: null,
    basis: input.txType === 'PRIMARY' ? null : (input.seller?.basis ?? { mode: 'ZERO_COST', costFen: ZERO_FEN, source: 'NONE', flags: [] }),
    window: { kind: 'total', totalFen: fen(before + gross) },
    place: input.seller?.place ?? 'CITY',
    vatStatus: input.seller?.vatStatus ?? 'GENERAL',
    flags: [],
  };
}
