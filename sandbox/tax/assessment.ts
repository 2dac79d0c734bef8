/** What an assessment takes in and gives back. Plain data: the same input and pack give the same lines and trace in a browser. */
import type { Fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Confidence, LineType, Role, Texts, TxType } from '../packs/rule-pack.ts';

/** How the cost basis was found (rulebook CN-ALG-01). */
export type AssessMode = 'COST' | 'FIXED_COST' | 'ZERO_COST' | 'PCT_OF_REVENUE';
export type Basis = {
  readonly mode: AssessMode;
  /** `null` only in mode PCT_OF_REVENUE. */
  readonly costFen: Fen | null;
  readonly source: 'PLATFORM_RECORD' | 'VOUCHER' | 'TAX_OFFICE' | 'EARNED' | 'GIFT_RECEIVED' | 'NONE' | 'STATED';
  readonly flags: readonly string[];
};

export type AssessInput = {
  readonly txType: TxType;
  /** Payment success; decides the window and whether the pack is in force. */
  /** The tax point (`taxPointOf`): by default when the buyer paid. */
  readonly paidAt: Instant;
  /** Tax-inclusive price of the whole trade (gift: its reference price). After refunds: what is left. */
  readonly grossFen: Fen;
  readonly feeBps: number;
  readonly royaltyBps: number;
  /** Set when a refund left a fee or royalty as it was (rulebook 2.6.4); otherwise `null`: computed from the gross. */
  readonly feeFen: Fen | null;
  readonly royaltyFen: Fen | null;
  /** `null` where no income tax line applies (PRIMARY, GIFT, ROYALTY, FEE). */
  readonly basis: Basis | null;
  /** Gross of the seller's whole window, this order included; or a flag frozen by a later refund. */
  readonly window: { readonly kind: 'total'; readonly totalFen: Fen } | { readonly kind: 'frozen'; readonly isTaxable: boolean };
  /** Facts that pick among constants and lines, in the pack's own words (pack CN: CITY, COUNTY, OTHER; GENERAL, SMALL_SCALE). */
  readonly place: string;
  readonly vatStatus: string;
  /** Flags found before the assessment, carried along. */
  readonly flags: readonly string[];
};

export type TaxLine = {
  readonly id: string;
  readonly type: LineType;
  readonly kind: string;
  readonly name: Texts;
  readonly payer: Role;
  readonly applies: boolean;
  readonly amountFen: Fen;
  readonly baseFen: Fen;
  /** The rate after reductions, as a fraction. */
  readonly rate: string;
  readonly ruleId: string;
  readonly citation: string;
  readonly confidence: Confidence;
  readonly dueRule: string;
};

export type TraceStep = {
  readonly id: string;
  readonly name: Texts;
  /** The formula in words. */
  readonly formula: Texts;
  /** The formula with its numbers, in fen. */
  readonly numbers: string;
  readonly result: string;
  readonly rounding: string | null;
  readonly ruleId: string;
  readonly citation: string;
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly confidence: Confidence;
};

export type Assessment = {
  readonly packId: string;
  readonly packVersion: string;
  /** SM3 of the pack, lower-case hex. */
  readonly packHash: string;
  readonly input: AssessInput;
  readonly isTaxable: boolean;
  /** In pack order; lines that do not apply stand with 0. */
  readonly lines: readonly TaxLine[];
  /** Tax-exclusive sales: `salesFen + VAT = grossFen`. */
  readonly salesFen: Fen;
  readonly feeFen: Fen;
  readonly royaltyFen: Fen;
  /** `null` in mode PCT_OF_REVENUE and where no income tax applies. */
  readonly gainFen: Fen | null;
  readonly taxTotalFen: Fen;
  readonly sellerAfterAllFen: Fen;
  readonly assessModeApplied: AssessMode | null;
  readonly flags: readonly string[];
  readonly trace: readonly TraceStep[];
};

export const ASSESS_REFUSALS = ['PACK_EXPIRED', 'PACK_NOT_YET_EFFECTIVE'] as const;
export type AssessRefusal = (typeof ASSESS_REFUSALS)[number];
export type AssessAnswer =
  | { readonly kind: 'assessed'; readonly assessment: Assessment }
  | { readonly kind: 'rejected'; readonly code: AssessRefusal; readonly packId: string; readonly date: string };
