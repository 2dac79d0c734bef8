/** What is kept back for taxes in experiment X1, and proofs of filing. */
import type { AccountId, TradeId } from '#ledger/primitives/ids.ts';
import type { ExperimentState } from '#sandbox/experiments/experiment.ts';
import type { ReservedTax } from '#sandbox/experiments/tax-reserve.ts';
import type { Texts } from '#sandbox/packs/rule-pack.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type { ReservedTax } from '#sandbox/experiments/tax-reserve.ts';

export type ReserveCause = 'filing' | 'date' | 'ended' | 'left';
export type ReservePartView = {
  readonly tradeId: TradeId;
  readonly names: Names;
  readonly experimentId: string;
  readonly tax: ReservedTax;
  readonly lines: readonly { readonly id: string; readonly name: Texts; readonly amountFen: FenText }[];
  readonly amountFen: FenText;
  /** The same lines as they are assessed now: a difference changes nothing of what is kept. */
  readonly assessedFen: FenText;
  /** Of the income. */
  readonly month: string;
  readonly keptAt: IsoText;
  /** Last day of filing in time, and when it comes free without any proof. */
  readonly dueOn: string;
  readonly freeAt: IsoText;
  readonly freedAt: IsoText | null;
  readonly cause: ReserveCause | null;
  readonly hasComplained: boolean;
};
export type FilingProofView = {
  readonly proofId: string;
  readonly tax: ReservedTax;
  readonly month: string;
  readonly receiptNo: string;
  readonly filedOn: string;
  readonly presentedAt: IsoText;
  readonly state: 'waiting' | 'confirmed' | 'refused';
  readonly decidedAt: IsoText | null;
  readonly by: 'simulated_office' | 'supervisor' | null;
  /** A code of the office, or the supervisor's words. */
  readonly reason: string | null;
};
/** A return of a month in which somebody sold inside a trial. */
export type DueReturn = {
  readonly tax: ReservedTax;
  readonly month: string;
  readonly dueOn: string;
  readonly taxFen: FenText;
  readonly isProven: boolean;
};
/** That the money of a sale is missing, and what the tax supervisor said to it. */
export type ComplaintView = {
  readonly tradeId: TradeId;
  readonly experimentId: string;
  readonly at: IsoText;
  readonly text: string;
  readonly dueAt: IsoText;
  /** Answered after its date, or not yet and past it. */
  readonly isLate: boolean;
  readonly answer: { readonly at: IsoText; readonly text: string } | null;
};
export type ReserveView = {
  readonly keptFen: FenText;
  /** Newest first; what is kept before what has come free. */
  readonly parts: readonly ReservePartView[];
  readonly complaints: readonly ComplaintView[];
  readonly proofs: readonly FilingProofView[];
  readonly returns: readonly DueReturn[];
  /** Trials that the caller takes part in, and his arm. */
  readonly trials: readonly {
    readonly experimentId: string;
    readonly title: Texts;
    readonly status: ExperimentState;
    readonly keeps: boolean;
  }[];
  /** A demonstration has a tax office to file with. */
  readonly hasSimulatedOffice: boolean;
};

export type ReserveDesk = {
  /** What a decision about a proof is signed for. */
  readonly chain: Hex;
  readonly keptFen: FenText;
  /** The institution's own figure over all sub-accounts, and ours less what is on its way there. */
  readonly providerFen: FenText;
  readonly differenceFen: FenText;
  readonly sums: readonly {
    readonly cause: ReserveCause | null;
    readonly parts: number;
    readonly sellers: number;
    readonly fen: FenText;
  }[];
  readonly parts: readonly (ReservePartView & { readonly sellerRef: AccountId })[];
  readonly proofs: readonly (FilingProofView & { readonly sellerRef: AccountId })[];
  /** What waits for an answer first. */
  readonly complaints: readonly (ComplaintView & { readonly sellerRef: AccountId; readonly by: string | null })[];
};
