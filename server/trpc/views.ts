/** What procedures answer: shared by the server's routers and the pages (types only). Amounts are fen as decimal strings in fields that
 *  end in `Fen` (product Q-02), instants are ISO 8601 UTC, hashes are lower-case hex. */
import type { AccountId, ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';

export type FenText = string;
export type IsoText = string;
export type Hex = string;

/** Both languages; `zh` falls back to `en` where the catalogue has no Chinese name. */
export type Names = { readonly zh: string | null; readonly en: string };

export type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly traceId: string;
  readonly facts?: Readonly<Record<string, string>>;
};

export type Mechanism = 'fixed_price' | 'negotiated' | 'price_time';
export type TradeState = 'reserved' | 'publicity' | 'settled' | 'certified' | 'protected' | 'paid_out' | 'disputed' | 'reversed' | 'failed';
export type OrderState = 'new' | 'partially_filled' | 'filled' | 'canceled' | 'expired' | 'rejected';
/** What an order is for: a listing, a standing buy order, buying one listing, selling to one buy order, or the matched book. */
export type OrderIntent = 'listing' | 'buy_order' | 'take_listing' | 'serve_buy_order' | 'matched';
export type TimeInForce = 'gtc' | 'ioc' | 'fok';
export type RealNameLevel = 'R0' | 'R1' | 'R2' | 'R3';
export type StaffRole = 'sup_tax' | 'sup_market' | 'sup_finance' | 'auditor' | 'operator' | 'notary' | 'studio';

export type ClassCard = {
  readonly classId: ClassId;
  readonly names: Names;
  readonly gameId: string;
  readonly category: string;
  readonly type: string;
  readonly typeZh: string | null;
  readonly rarity: string | null;
  readonly refinement: string | null;
  /** Name of a Game Icons picture in the sprite `/art/sprite.svg`. */
  readonly icon: string;
  readonly issued: number;
  readonly listings: number;
  readonly lowestListingFen: FenText | null;
  readonly highestBuyFen: FenText | null;
  readonly referenceFen: FenText | null;
  readonly trades7d: number;
  readonly interchangeable: boolean;
  readonly experimentId: string | null;
};

export type AttributeValue = string | number | boolean;
export type AttributeDefinition = {
  readonly key: string;
  readonly type: 'enum' | 'integer' | 'decimal' | 'boolean' | 'text' | 'date';
  readonly labels: Names;
  readonly filterable: boolean;
};

export type Facet =
  | {
      readonly key: string;
      readonly labels: Names;
      readonly kind: 'enum' | 'boolean';
      readonly options: readonly { readonly value: string; readonly labels: Names; readonly count: number }[];
    }
  | {
      readonly key: string;
      readonly labels: Names;
      readonly kind: 'range';
      readonly min: number;
      readonly max: number;
      readonly buckets: readonly number[];
    };

export type SearchQuery = {
  readonly text?: string | undefined;
  readonly game?: string | undefined;
  readonly category?: readonly string[] | undefined;
  readonly rarity?: readonly string[] | undefined;
  /** Attribute filters: `key` → allowed values (enum, boolean as "true"/"false") or a range. */
  readonly where?:
    | Readonly<Record<string, readonly string[] | { readonly min?: number | undefined; readonly max?: number | undefined }>>
    | undefined;
  /** Attribute expression, such as `rarity in ("Rare", "Legendary") and polish < 0.07`. */
  readonly expression?: string | undefined;
  readonly minFen?: FenText | undefined;
  readonly maxFen?: FenText | undefined;
  readonly listed?: boolean | undefined;
  readonly experiment?: boolean | undefined;
  readonly sort?: 'best_deal' | 'price_up' | 'price_down' | 'newest' | 'most_traded' | 'rarity' | 'name' | undefined;
  readonly cursor?: string | undefined;
};
export type SearchPage = {
  readonly rows: readonly ClassCard[];
  readonly total: number;
  readonly facets: readonly Facet[];
  readonly nextCursor: string | null;
  readonly height: number;
};

export type ListingView = {
  readonly orderId: OrderId;
  readonly classId: ClassId;
  readonly items: readonly { readonly itemId: ItemId; readonly serialNo: number }[];
  readonly priceFen: FenText;
  readonly sellerRef: AccountId;
  readonly sellerName: string;
  readonly mechanism: Mechanism;
  readonly state: 'publicity' | 'live' | 'reserved' | 'suspended';
  readonly placedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly isMine: boolean;
};
export type BuyOrderView = {
  readonly orderId: OrderId;
  readonly classId: ClassId;
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly leavesQuantity: number;
  readonly buyerRef: AccountId;
  readonly buyerName: string;
  readonly mechanism: Mechanism;
  readonly placedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly isMine: boolean;
};
export type TapeRow = {
  readonly tradeId: TradeId;
  readonly classId: ClassId;
  readonly names: Names;
  readonly icon: string;
  readonly rarity: string | null;
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly at: IsoText;
  readonly mechanism: Mechanism;
};

export type ClassTerms = {
  readonly supplyCap: number | null;
  readonly issued: number;
  readonly burned: number;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly publicityHours: number;
  readonly protectionHours: number;
  readonly resaleWaitTradingDays: number;
  readonly collectible: boolean;
  readonly interchangeable: boolean;
  readonly isGiftable: boolean;
  readonly origin: string;
};
export type ClassPage = {
  readonly card: ClassCard;
  readonly gameNames: Names;
  readonly studioNames: Names;
  readonly description: Names | null;
  readonly attributes: readonly { readonly definition: AttributeDefinition; readonly value: AttributeValue }[];
  /** What a container may hold, with its published odds in percent. */
  readonly contents: readonly { readonly name: string; readonly chance: number }[];
  readonly terms: ClassTerms;
  readonly listings: readonly ListingView[];
  readonly buyOrders: readonly BuyOrderView[];
  readonly recentTrades: readonly TapeRow[];
  readonly statistics: readonly {
    readonly window: '24h' | '7d' | '30d' | '90d';
    readonly trades: number;
    readonly volume: number;
    readonly medianFen: FenText | null;
    readonly turnoverFen: FenText;
  }[];
  /** Items of this kind that the caller holds and could sell now. */
  readonly mine: readonly {
    readonly itemId: ItemId;
    readonly serialNo: number;
    readonly isFree: boolean;
    readonly blockedBy: string | null;
  }[];
  readonly height: number;
};

export type Candle = {
  readonly start: IsoText;
  readonly openFen: FenText;
  readonly highFen: FenText;
  readonly lowFen: FenText;
  readonly closeFen: FenText;
  readonly medianFen: FenText;
  readonly volume: number;
  readonly trades: number;
};
export type CandlePage = {
  readonly interval: '5m' | '1h' | '6h' | '24h' | '7d';
  readonly candles: readonly Candle[];
  readonly asOf: IsoText;
  readonly confidence: 'none' | 'low' | 'medium' | 'high';
  readonly staleSeconds: number;
  readonly revision: number;
  readonly filtered: boolean;
  readonly shareLeftOut: string;
};
export type DepthLevel = { readonly priceFen: FenText; readonly count: number; readonly quantity: number; readonly cumulative: number };
export type Depth = {
  readonly mechanism: Mechanism;
  readonly experimentId: string | null;
  readonly bookSeq: number;
  readonly height: number;
  readonly sell: readonly DepthLevel[];
  readonly buy: readonly DepthLevel[];
};

export type ItemState = 'free' | 'listed' | 'held' | 'protected' | 'frozen' | 'burned';
export type Hop = {
  readonly act: 'issued' | 'sold' | 'given' | 'returned' | 'court';
  readonly at: IsoText;
  readonly entry: number;
  readonly height: number | null;
  readonly fromRef: AccountId | null;
  readonly toRef: AccountId;
  readonly fromName: string | null;
  readonly toName: string;
  /** Only for its parties and supervisors. */
  readonly priceFen: FenText | null;
  readonly tradeId: TradeId | null;
};
export type ItemPage = {
  readonly itemId: ItemId;
  readonly serialNo: number;
  readonly ledgerSerial: string;
  readonly card: ClassCard;
  readonly terms: ClassTerms;
  readonly attributes: ClassPage['attributes'];
  readonly contents: ClassPage['contents'];
  readonly ownerRef: AccountId;
  readonly ownerName: string;
  readonly isMine: boolean;
  readonly version: string;
  readonly state: ItemState;
  readonly stateUntil: IsoText | null;
  readonly stateReason: string | null;
  readonly listing: ListingView | null;
  readonly hops: readonly Hop[];
  readonly certified: boolean;
  readonly height: number;
};

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

/** The signed quote document (P-18). `document` is exactly what `quoteHash` and `sig` cover (RFC 8785). */
export type QuoteDocument = {
  readonly quoteId: string;
  readonly chain: Hex;
  readonly intent: OrderIntent;
  readonly side: 'sell' | 'buy';
  readonly mechanism: Mechanism;
  readonly acct: AccountId;
  readonly keyEpoch: number;
  readonly keyIdx: number;
  readonly classId: ClassId;
  readonly classSerial: number;
  readonly items: readonly { readonly itemId: ItemId; readonly serial: string; readonly ver: string }[];
  readonly targetOrderId: OrderId | null;
  readonly experimentId: string | null;
  readonly timeInForce: TimeInForce;
  readonly quantity: number;
  readonly priceFen: FenText;
  readonly grossFen: FenText;
  readonly feeFen: FenText;
  readonly royaltyFen: FenText;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly youPayFen: FenText;
  readonly youReceiveFen: FenText;
  readonly costBasisFen: FenText | null;
  readonly costSource: string | null;
  readonly estimatedLines: readonly { readonly id: string; readonly amountFen: FenText }[];
  readonly estimatedTaxFen: FenText;
  readonly leftAfterAllFen: FenText;
  readonly dayLine: {
    readonly reaches: boolean;
    readonly salesBeforeFen: FenText;
    readonly lineFen: FenText;
    readonly reassessedTradeIds: readonly TradeId[];
  } | null;
  readonly payoutAt: IsoText | null;
  readonly transferableFrom: IsoText | null;
  readonly packHash: Hex;
  readonly disclosureVersion: string;
  readonly orderNotBefore: IsoText;
  readonly orderNotAfter: IsoText;
  readonly issuedAt: IsoText;
  readonly expiresAt: IsoText;
};
export type Quote = {
  readonly document: QuoteDocument;
  readonly quoteHash: Hex;
  readonly sig: Hex;
  readonly keyId: string;
  readonly assessment: AssessmentView | null;
  readonly experimentLabel: Names | null;
};

export type OpenedField = { readonly id: number; readonly salt: Hex; readonly value: Hex };
/** `signedOrder` is the PCE of SignedOrder in hex; `terms` opens all 16 fields of its set 2. */
export type PlaceOrderInput = {
  readonly referenceId: string;
  readonly intent: OrderIntent;
  readonly targetOrderId: OrderId | null;
  readonly signedOrder: Hex;
  readonly terms: readonly OpenedField[];
  readonly quote: { readonly document: QuoteDocument; readonly sig: Hex };
};
export type PlaceOrderAnswer =
  | {
      readonly kind: 'placed';
      readonly replayed: boolean;
      readonly order: OrderView;
      readonly trades: readonly {
        readonly tradeId: TradeId;
        readonly priceFen: FenText;
        readonly quantity: number;
        readonly state: TradeState;
      }[];
    }
  | {
      readonly kind: 'rejected';
      readonly replayed: boolean;
      readonly code: string;
      readonly message: string;
      readonly facts: Readonly<Record<string, string>>;
      readonly freshQuote: Quote | null;
    };
export type CancelOrderInput = { readonly referenceId: string; readonly orderId: OrderId; readonly signedCancel: Hex };
export type CancelOrderAnswer =
  | { readonly kind: 'canceled'; readonly replayed: boolean; readonly order: OrderView }
  | { readonly kind: 'already_filled'; readonly replayed: boolean; readonly order: OrderView; readonly tradeId: TradeId }
  | { readonly kind: 'rejected'; readonly replayed: boolean; readonly code: string; readonly message: string };

export type OrderView = {
  readonly orderId: OrderId;
  readonly intent: OrderIntent;
  readonly side: 'sell' | 'buy';
  readonly mechanism: Mechanism;
  readonly state: OrderState;
  readonly reason: string | null;
  readonly classId: ClassId;
  readonly names: Names;
  readonly icon: string;
  readonly rarity: string | null;
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly filledQuantity: number;
  readonly leavesQuantity: number;
  readonly heldFen: FenText;
  readonly heldItems: readonly ItemId[];
  readonly experimentId: string | null;
  readonly placedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly endedAt: IsoText | null;
  /** PCE of the Order itself in hex: what an OrderCancel carries. */
  readonly orderBytes: Hex;
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
  readonly transferableFrom: IsoText | null;
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
  readonly costSource: 'bought_here' | 'assessed' | 'gift' | 'play' | 'none';
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
  readonly kind: 'deposit' | 'withdrawal';
  readonly state: 'requested' | 'processing' | 'paid' | 'failed';
  readonly amountFen: FenText;
  readonly requestedAt: IsoText;
  readonly endedAt: IsoText | null;
  readonly reason: string | null;
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
  readonly coming: readonly { readonly tradeId: TradeId; readonly names: Names; readonly amountFen: FenText; readonly at: IsoText }[];
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

export type ImportProgress = {
  readonly jobId: string;
  readonly state: 'queued' | 'running' | 'paused' | 'finished' | 'failed';
  readonly done: number;
  readonly total: number;
  readonly certified: number;
  readonly rejected: number;
  readonly perMinute: number;
  readonly etaSeconds: number | null;
  readonly classes: number;
  readonly items: number;
};
export type Home = {
  readonly chain: Hex;
  readonly isDemonstration: boolean;
  readonly height: number;
  readonly members: { readonly signed: number; readonly total: number; readonly note: Names };
  readonly classes: number;
  readonly items: number;
  readonly listings: number;
  readonly buyOrders: number;
  readonly imports: readonly ImportProgress[];
  readonly tape: readonly TapeRow[];
  readonly newest: readonly ClassCard[];
  readonly popular: readonly ClassCard[];
  readonly games: readonly {
    readonly gameId: string;
    readonly names: Names;
    readonly turnover7dFen: FenText;
    readonly turnoverRaw7dFen: FenText;
    readonly classes: number;
  }[];
  readonly experiments: readonly ExperimentView[];
  readonly announcements: readonly { readonly packId: string; readonly from: IsoText; readonly summary: Names }[];
};
export type ExperimentView = {
  readonly experimentId: string;
  readonly title: Names;
  readonly status: string;
  readonly label: Names;
  readonly isSeeded: boolean;
  readonly from: string;
  readonly to: string;
  readonly arms: readonly { readonly id: string; readonly share: string }[];
  readonly classIds: readonly ClassId[];
  readonly caps: readonly {
    readonly name: string;
    readonly limit: string;
    readonly used: string;
    readonly reserved: string;
    readonly isMoney: boolean;
  }[];
  readonly mine: {
    readonly hasJoined: boolean;
    readonly arm: string | null;
    readonly dayUsedFen: FenText;
    readonly monthUsedFen: FenText;
  } | null;
  readonly disclosure: Names;
};

export type Me = {
  readonly acct: AccountId;
  readonly displayName: string;
  readonly level: RealNameLevel;
  readonly isAdult: boolean;
  readonly hasRecovery: boolean;
  readonly isDemonstration: boolean;
  readonly keyEpoch: number;
  readonly keyIdx: number;
  readonly publicKey: Hex;
  readonly sessionId: string;
  readonly holds: readonly { readonly code: string; readonly until: IsoText }[];
};
export type StaffMe = {
  readonly staffId: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly organisation: string;
  readonly certificateSerial: string;
};
export type SessionView = {
  readonly sessionId: string;
  readonly createdAt: IsoText;
  readonly lastUsedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly device: string;
  readonly isCurrent: boolean;
};

export type BlockRow = {
  readonly height: number;
  readonly headerHash: Hex;
  readonly prevHash: Hex;
  readonly sealedAt: IsoText;
  readonly txCount: number;
  readonly logSize: number;
  readonly signers: readonly string[];
  readonly certified: boolean;
};
export type BlockPage = BlockRow & {
  readonly logRoot: Hex;
  readonly stateRoot: Hex;
  readonly configHash: Hex;
  readonly entries: readonly EntryRow[];
};
export type EntryRow = {
  readonly index: number;
  readonly pos: number;
  readonly txId: Hex;
  readonly op: string;
  readonly summary: string;
  readonly size: number;
};
export type EntryPage = EntryRow & {
  readonly height: number;
  readonly sealedAt: IsoText;
  readonly bytes: Hex;
  readonly decoded: unknown;
  readonly effects: readonly { readonly register: string; readonly index: string; readonly leaf: Hex; readonly prev: string | null }[];
  readonly signers: readonly { readonly acct: Hex; readonly keyIdx: number; readonly batchSize: number }[];
};

export type SupervisorTiles = {
  readonly day: string;
  readonly trades: number;
  readonly tradesBefore: number;
  readonly turnoverFen: FenText;
  readonly turnoverBeforeFen: FenText;
  readonly assessedFen: FenText;
  readonly assessedBeforeFen: FenText;
  readonly sellers: number;
  readonly frozen: number;
  readonly certifyP50Ms: number | null;
  readonly certifyP95Ms: number | null;
  readonly reconciliationFen: FenText;
  readonly capsUsed: readonly { readonly name: string; readonly ratio: string }[];
  readonly membersUp: number;
  readonly membersTotal: number;
};
export type TaxDay = {
  readonly day: string;
  readonly lines: readonly { readonly id: string; readonly label: Names; readonly amountFen: FenText }[];
  readonly totalFen: FenText;
  readonly trades: readonly {
    readonly tradeId: TradeId;
    readonly at: IsoText;
    readonly sellerRef: AccountId;
    readonly grossFen: FenText;
    readonly taxFen: FenText;
    readonly isVatTaxable: boolean;
    readonly version: number;
  }[];
  readonly crossings: readonly {
    readonly sellerRef: AccountId;
    readonly at: IsoText;
    readonly grossFen: FenText;
    readonly salesFen: FenText;
    readonly byTradeId: TradeId;
    readonly reassessed: readonly TradeId[];
  }[];
};

export type StudioOverview = {
  readonly studioRef: AccountId;
  readonly names: Names;
  readonly isHosted: boolean;
  readonly games: readonly {
    readonly gameId: string;
    readonly names: Names;
    readonly approvalNo: string;
    readonly classes: number;
    readonly items: number;
  }[];
  readonly issued: number;
  readonly traded: number;
  readonly revenueFen: FenText;
  readonly royaltiesFen: FenText;
  readonly imports: readonly ImportProgress[];
  readonly keys: readonly {
    readonly keyId: string;
    readonly kind: 'write' | 'read';
    readonly lastUsedAt: IsoText | null;
    readonly expiresAt: IsoText;
  }[];
  readonly problems: readonly { readonly at: IsoText; readonly code: string; readonly traceId: string; readonly detail: string }[];
};

export type RulesView = {
  readonly packId: string;
  readonly version: string;
  readonly packHash: Hex;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly {
    readonly id: string;
    readonly ruleId: string;
    readonly name: { readonly zh: string; readonly en: string };
    readonly citation: string;
    readonly confidence: TraceStep['confidence'];
  }[];
  readonly parameters: readonly {
    readonly name: string;
    readonly ruleId: string;
    readonly value: string;
    readonly unit: 'fen' | 'rate' | 'days' | 'count' | 'switch';
    readonly citation: string;
    readonly confidence: TraceStep['confidence'];
    readonly asOf: string;
    readonly from: string;
    readonly to: string | null;
  }[];
};
