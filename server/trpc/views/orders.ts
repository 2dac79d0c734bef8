/** Quote, order and cancel: what is signed and what is answered (product 1.3). */
import type { AccountId, ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import type { SaleId } from '#server/settlement/sale-id.ts';
import type { AssessmentView } from './trades.ts';
import type { FenText, Hex, IsoText, Mechanism, Names, OrderIntent, OrderState, PayFrom, TimeInForce, TradeState } from './words.ts';

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
  /** The open order of the same person that this one takes the place of. */
  readonly replaces: OrderId | null;
  readonly experimentId: string | null;
  readonly timeInForce: TimeInForce;
  readonly payFrom: PayFrom;
  /** Of a listing for one person; absent in orders signed before there were such. */
  readonly namedBuyer?: AccountId | null | undefined;
  /** Of a step of an offer that buys: the holder whose item it is. */
  readonly namedSeller?: AccountId | undefined;
  /** Of an offer or a counter: until when the other side may answer. */
  readonly offerUntil?: IsoText | undefined;
  /** Of a listing: below this no offer is taken. */
  readonly smallestOfferFen?: FenText | undefined;
  /** Signed condition of a buy order for any kind that fits, its game included; empty: for the kind itself. */
  readonly expression: string;
  /** Fewest units that a buyer takes at once. */
  readonly smallestFill: number;
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
    readonly reassessedTradeIds: readonly SaleId[];
  } | null;
  readonly payoutAt: IsoText | null;
  /** Of a sale whose proceeds wait longer, and why. */
  readonly payoutHold?: 'new_instrument' | undefined;
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

/** A cancel of one order and a new one in its place, signed both, done both or neither (P-37). */
export type ReplaceOrderInput = {
  readonly referenceId: string;
  readonly cancel: Omit<CancelOrderInput, 'referenceId'>;
  readonly place: Omit<PlaceOrderInput, 'referenceId'>;
};
export type ReplaceOrderAnswer =
  | (Omit<Extract<PlaceOrderAnswer, { kind: 'placed' }>, 'kind'> & { readonly kind: 'replaced'; readonly canceled: OrderView })
  | Extract<CancelOrderAnswer, { kind: 'already_filled' }>
  | Extract<PlaceOrderAnswer, { kind: 'rejected' }>;
export type CancelOrderInput = { readonly referenceId: string; readonly orderId: OrderId; readonly signedCancel: Hex };

export type CancelOrderAnswer =
  | { readonly kind: 'canceled'; readonly replayed: boolean; readonly order: OrderView }
  | { readonly kind: 'already_filled'; readonly replayed: boolean; readonly order: OrderView; readonly tradeId: TradeId }
  | {
      readonly kind: 'rejected';
      readonly replayed: boolean;
      readonly code: string;
      readonly message: string;
      readonly facts: Readonly<Record<string, string>>;
    };

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
  /** Condition of a buy order for any kind that fits; the kind above is one that does. */
  readonly expression: string | null;
  readonly smallestFill: number;
  readonly experimentId: string | null;
  readonly placedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly endedAt: IsoText | null;
  /** PCE of the Order itself in hex: what an OrderCancel carries. */
  readonly orderBytes: Hex;
};

/** One match seen from one order. */
export type OrderFill = {
  readonly tradeId: TradeId;
  readonly names: Names;
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly state: TradeState;
  readonly at: IsoText;
};
export type OrderWithFills = OrderView & {
  /** Name of the one person that a listing is for. */
  readonly namedBuyer: string | null;
  readonly fills: readonly OrderFill[];
};
