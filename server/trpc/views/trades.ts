/** A trade with its money and its taxes, and what a person holds (product 1.4, 1.5). */
import type { AccountId, ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import type { ClassCard, ItemState } from './catalogue.ts';
import type { QuoteDocument } from './orders.ts';
import type { FenText, Hex, IsoText, Mechanism, Names, TradeState } from './words.ts';

export type TraceStep = {
  readonly id: string;
  readonly label: Names;
  readonly formula: string;
  readonly numbers: string;
  readonly result: string;
  readonly ruleId: string;
  readonly citation: string;
  readonly from: string;
  readonly before: string | null;
  readonly confidence: 'VERIFIED' | 'KNOWN' | 'UNSURE' | 'DESIGN';
};

/** A person's sales of a calendar year against the line of registration, and the hint that trade looks like a business (P-41). */
export type SellerYear = {
  readonly year: number;
  readonly turnoverFen: FenText;
  readonly lineFen: FenText;
  readonly leftFen: FenText;
  readonly isRegistrationDue: boolean;
  /** Twelve months up to today. */
  readonly recent: { readonly sales: number; readonly grossFen: FenText; readonly itemsSold: number; readonly itemsBought: number };
  readonly looksLikeBusiness: boolean;
  readonly steps: readonly TraceStep[];
};

/** What a seller was told, once a year each. */
export type SellerNoticeView = {
  readonly sellerRef: AccountId;
  readonly kind: 'registration_due' | 'business_hint';
  readonly year: number;
  readonly at: IsoText;
  readonly turnoverFen: FenText;
  readonly recentFen: FenText;
};

/** My sales of a period with their taxes (P-41); all figures are estimates until the tax office assesses. */
export type TaxStatement = {
  readonly period: string;
  readonly year: SellerYear | null;
  readonly sales: number;
  readonly gifts: number;
  /** Assessed again since they were first assessed. */
  readonly reassessed: number;
  readonly grossFen: FenText;
  /** Taken back in the period, whenever they were sold. */
  readonly refundFen: FenText;
  readonly feesFen: FenText;
  readonly royaltiesFen: FenText;
  readonly lines: readonly { readonly id: string; readonly label: Names; readonly amountFen: FenText; readonly due: readonly string[] }[];
  readonly totalFen: FenText;
  /** The quarter's report about me, if it has been made. */
  readonly reported: readonly { readonly period: string; readonly version: number; readonly at: IsoText }[];
  readonly rows: readonly {
    readonly saleId: string;
    readonly giftedItemId: ItemId | null;
    readonly at: IsoText;
    readonly grossFen: FenText;
    readonly costSource: string | null;
    readonly costFen: FenText | null;
    readonly taxFen: FenText;
    readonly version: number;
    readonly isReversed: boolean;
  }[];
  readonly rowsMore: boolean;
};

export type TaxLineView = {
  readonly id: string;
  readonly kind: string;
  readonly label: Names;
  readonly baseFen: FenText;
  readonly rate: string;
  readonly amountFen: FenText;
  readonly citation: string;
  readonly confidence: TraceStep['confidence'];
};

export type AssessmentView = {
  readonly assessmentHash: Hex;
  readonly packHash: Hex;
  readonly packId: string;
  readonly packVersion: string;
  readonly version: number;
  readonly isEstimate: boolean;
  readonly salesFen: FenText;
  readonly gainFen: FenText | null;
  readonly isVatTaxable: boolean;
  readonly mode: string;
  readonly lines: readonly TaxLineView[];
  readonly totalFen: FenText;
  readonly sellerAfterAllFen: FenText;
  readonly flags: readonly string[];
  /** Inputs and steps: what *compute again* runs in the browser. */
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
  readonly steps: readonly TraceStep[];
};

export type MoneyLeg = {
  readonly kind: 'price' | 'fee' | 'royalty' | 'hold' | 'refund' | 'payout';
  readonly fromRef: string;
  readonly toRef: string;
  readonly amountFen: FenText;
  readonly at: IsoText;
};

export type TradeView = {
  readonly tradeId: TradeId;
  readonly state: TradeState;
  readonly stateSince: IsoText;
  readonly deadlineAt: IsoText | null;
  readonly reason: string | null;
  readonly history: readonly { readonly state: TradeState; readonly at: IsoText }[];
  readonly classId: ClassId;
  readonly names: Names;
  readonly icon: string;
  readonly rarity: string | null;
  readonly items: readonly { readonly itemId: ItemId; readonly serialNo: number }[];
  readonly quantity: number;
  readonly side: 'sell' | 'buy' | 'none';
  readonly sellerRef: AccountId;
  readonly sellerName: string;
  readonly buyerRef: AccountId;
  readonly buyerName: string;
  readonly mechanism: Mechanism;
  readonly experimentId: string | null;
  readonly experimentLabel: Names | null;
  readonly priceFen: FenText;
  readonly grossFen: FenText;
  readonly feeFen: FenText;
  readonly royaltyFen: FenText;
  readonly sellerNetFen: FenText;
  /** For the seller and supervisors. */
  readonly quote: QuoteDocument | null;
  readonly assessment: AssessmentView | null;
  readonly assessmentHistory: readonly {
    readonly version: number;
    readonly at: IsoText;
    readonly totalFen: FenText;
    readonly cause: string;
  }[];
  readonly legs: readonly MoneyLeg[];
  readonly ledger: {
    readonly txId: Hex;
    readonly status: 'sequenced' | 'sealed' | 'certified' | 'refused';
    readonly height: number | null;
    readonly index: number | null;
    readonly signers: readonly string[];
    readonly hasReceipt: boolean;
  };
  readonly payoutAt: IsoText | null;
  /** Why it is later than protection asks; for the seller and supervisors. */
  readonly payoutHold: 'new_instrument' | null;
  readonly transferableFrom: IsoText | null;
  /** Payment from outside; for the buyer. */
  readonly payment: Transfer | null;
};

export type TradeRow = Pick<
  TradeView,
  | 'tradeId'
  | 'state'
  | 'stateSince'
  | 'classId'
  | 'names'
  | 'icon'
  | 'rarity'
  | 'quantity'
  | 'side'
  | 'grossFen'
  | 'sellerNetFen'
  | 'mechanism'
>;

export type PortfolioRow = {
  readonly itemId: ItemId;
  readonly serialNo: number;
  readonly card: ClassCard;
  readonly state: ItemState;
  readonly stateUntil: IsoText | null;
  readonly acquiredAt: IsoText;
  readonly costBasisFen: FenText | null;
  readonly costSource: 'bought_here' | 'assessed' | 'gift' | 'play' | 'none' | 'sealed';
  readonly referenceFen: FenText | null;
  readonly unrealisedFen: FenText | null;
  readonly orderId: OrderId | null;
};

export type Portfolio = {
  readonly rows: readonly PortfolioRow[];
  readonly totals: {
    readonly items: number;
    readonly costFen: FenText;
    readonly referenceFen: FenText;
    readonly unrealisedFen: FenText;
    readonly realisedYearFen: FenText;
  };
  readonly nextCursor: string | null;
  readonly height: number;
};

export type Transfer = {
  readonly id: string;
  readonly kind: 'deposit' | 'withdrawal' | 'purchase';
  readonly state: 'requested' | 'processing' | 'paid' | 'failed';
  readonly amountFen: FenText;
  readonly requestedAt: IsoText;
  readonly endedAt: IsoText | null;
  readonly reason: string | null;
  /** Of a purchase paid from outside. */
  readonly tradeId: TradeId | null;
  readonly payBy: IsoText | null;
};
/** The simulated institution's page for one payment order. */
export type CheckoutView = {
  readonly checkoutId: string;
  readonly tradeId: string;
  readonly amountFen: FenText;
  readonly state: 'open' | 'accepted' | 'done' | 'failed';
  readonly reason: string | null;
  readonly expiresAt: IsoText;
  readonly isSimulated: boolean;
};

export type MoneyView = {
  readonly availableFen: FenText;
  readonly heldFen: FenText;
  readonly comingFen: FenText;
  /** The payment institution's own figure (simulated), and the difference to ours: shown, never hidden. */
  readonly providerFen: FenText;
  readonly differenceFen: FenText;
  readonly providerName: string;
  readonly isSimulated: boolean;
  readonly held: readonly { readonly orderId: OrderId; readonly names: Names; readonly amountFen: FenText }[];
  readonly coming: readonly {
    readonly tradeId: TradeId;
    readonly names: Names;
    readonly amountFen: FenText;
    readonly at: IsoText;
    /** Why it comes later than protection asks. */
    readonly hold: 'new_instrument' | null;
  }[];
  readonly transfers: readonly Transfer[];
  readonly payoutAccount: string | null;
  readonly entries: readonly {
    readonly at: IsoText;
    readonly kind: string;
    readonly amountFen: FenText;
    readonly balanceFen: FenText;
    readonly tradeId: TradeId | null;
    readonly orderId: OrderId | null;
  }[];
};
