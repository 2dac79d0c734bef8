/** What the market shows of a kind: listings, buy orders, the tape, candles, depth, experiments (product P-12 to P-15, P-23). */
import type { AccountId, ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import type { ClassCard, ClassPage } from './catalogue.ts';
import type { FenText, IsoText, Mechanism, Names } from './words.ts';

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
  /** Name of the only person who may take it; nobody else but its seller sees it. */
  readonly namedBuyer: string | null;
  /** Below this its seller takes no offer; for one unit. */
  readonly smallestOfferFen: FenText;
};

export type BuyOrderView = {
  readonly orderId: OrderId;
  readonly classId: ClassId;
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly leavesQuantity: number;
  /** Of an order for any kind that fits. */
  readonly expression: string | null;
  readonly smallestFill: number;
  readonly buyerRef: AccountId;
  readonly buyerName: string;
  readonly mechanism: Mechanism;
  readonly placedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly isMine: boolean;
};

/** Live listings that a condition takes, before anybody places a buy order for it (P-22). */
export type FittingListings = {
  readonly kinds: number;
  readonly listings: number;
  readonly cheapest: readonly { readonly listing: ListingView; readonly card: ClassCard }[];
  readonly height: number;
};

/** A kind on somebody's watch list. */
export type WatchedKind = {
  readonly card: ClassCard;
  /** Tell when the lowest listing costs this or less. */
  readonly belowFen: FenText | null;
  /** Lowest listing when watching began. */
  readonly sinceFen: FenText | null;
  readonly changeFen: FenText | null;
  readonly isReached: boolean;
  readonly watchedAt: IsoText;
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

/** By the number of trades behind a figure. */
export type Confidence = 'none' | 'low' | 'medium' | 'high';
export type Candle = {
  readonly start: IsoText;
  readonly openFen: FenText;
  readonly highFen: FenText;
  readonly lowFen: FenText;
  readonly closeFen: FenText;
  readonly medianFen: FenText;
  readonly volume: number;
  readonly trades: number;
  /** When the bucket was last worked out. */
  readonly asOf: IsoText;
  readonly confidence: Confidence;
  /** Age of the newest trade in it. */
  readonly staleSeconds: number;
  /** Raised by every reversal and every label that came or went. */
  readonly revision: number;
  /** Trades of the bucket that were undone, failed a check or bear a label of supervision, shown or not (product V-09). */
  readonly leftOut: number;
};

export type CandlePage = {
  readonly interval: '5m' | '1h' | '6h' | '24h' | '7d';
  readonly candles: readonly Candle[];
  readonly asOf: IsoText;
  readonly confidence: Confidence;
  readonly staleSeconds: number;
  readonly revision: number;
  readonly filtered: boolean;
  readonly shareLeftOut: string;
};

export type DepthLevel = { readonly priceFen: FenText; readonly count: number; readonly quantity: number; readonly cumulative: number };

/** The best levels of a kind's book, with the number of the last change in them. */
/** A kind's page, all of one snapshot; `height` of page and depth are the same. */
export type KindPanels = { readonly page: ClassPage; readonly candles: CandlePage; readonly depth: Depth };

export type Depth = {
  readonly mechanism: Mechanism;
  readonly experimentId: string | null;
  /** A book that was opened later has a higher one; each counts its changes from 1. */
  readonly bookId: number;
  readonly bookSeq: number;
  readonly height: number;
  readonly sell: readonly DepthLevel[];
  readonly buy: readonly DepthLevel[];
};

/** What a level is from now on; `count` 0: it is gone. */
export type LevelChange = {
  readonly side: 'sell' | 'buy';
  readonly priceFen: FenText;
  readonly count: number;
  readonly quantity: number;
};

/** Body of `book.delta` (product V-25): what one change of the book, place, fill, cancel, expiry, freeze or release, makes of the levels of
 *  `Depth`. `bookSeq` is one more than that of the change before it; `bookId` 0 names a kind of which nobody has asked for a book. */
export type DepthDelta = {
  readonly classId: ClassId;
  readonly bookId: number;
  readonly bookSeq: number;
  readonly height: number;
  readonly changes: readonly LevelChange[];
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

/** A seller as everybody may see him: the shop of Decree 810. */
export type SellerPage = {
  readonly acct: AccountId;
  readonly names: Names;
  readonly kind: 'person' | 'studio';
  /** Of a studio that has joined with its licence; null: a person, or made up for a demonstration. */
  readonly creditCode: string | null;
  readonly since: IsoText;
  readonly closedAt: IsoText | null;
  /** Of a studio: what it issues. */
  readonly games: readonly { readonly gameId: string; readonly names: Names; readonly kinds: number }[];
  /** Live listings that anybody may take, of which the cheapest are here. */
  readonly total: number;
  readonly listings: readonly { readonly listing: ListingView; readonly card: ClassCard }[];
  readonly height: number;
};
