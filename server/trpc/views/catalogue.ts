/** What the catalogue says: kinds, attributes, search, home, the passport of an item (product 1.2). */
import type { AccountId, ClassId, ItemId, TradeId } from '#ledger/primitives/ids.ts';
import type { BuyOrderView, ExperimentView, ListingView, TapeRow } from './market.ts';
import type { ItemOffers } from './offers.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type ClassCard = {
  readonly classId: ClassId;
  readonly names: Names;
  readonly gameId: string;
  readonly category: string;
  readonly type: string;
  readonly typeZh: string | null;
  readonly rarity: string | null;
  readonly refinement: string | null;
  /** Name of a Game Icons picture in the sprite `/art/sprite.svg`, or `sm3:` and the digest of the studio's own art at `/media/`. */
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
  readonly unit: string | null;
  /** Decimals that every value is shown with; null: as many as it has. */
  readonly scale: number | null;
  /** The studio may change it on a single item. */
  readonly isMutable: boolean;
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
  /** Kinds that are not shown in public before their first sale. */
  readonly atOnce?: boolean | undefined;
  /** Kinds that may be sold on and given away with no wait of their own. */
  readonly transferable?: boolean | undefined;
  readonly sort?: SearchSort | undefined;
  readonly cursor?: string | undefined;
};

export type SearchSort =
  | 'best_deal'
  | 'discount'
  | 'price_up'
  | 'price_down'
  | 'newest'
  | 'ending_soon'
  | 'most_traded'
  | 'fastest_sold'
  | 'rarity'
  | 'name';

export type SearchPage = {
  readonly rows: readonly ClassCard[];
  readonly total: number;
  readonly facets: readonly Facet[];
  readonly nextCursor: string | null;
  readonly height: number;
};

export type MintStep = { readonly from: IsoText; readonly total: number };
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
  readonly isResalable: boolean;
  /** From each moment on at most so many units in all; empty: no schedule. */
  readonly mintSchedule: readonly MintStep[];
  /** Below this share of a listing's price no offer is taken, unless the listing says otherwise. */
  readonly smallestOfferBps: number;
  readonly origin: string;
};

/** What a studio announced of a kind: holds from `from` on (product T-06). */
export type AnnouncedTerms = {
  readonly from: IsoText;
  readonly daysLeft: number;
  readonly changes: readonly {
    readonly term:
      | 'royalty_bps'
      | 'fee_bps'
      | 'publicity_hours'
      | 'protection_hours'
      | 'resale_wait_trading_days'
      | 'is_collectible'
      | 'is_giftable'
      | 'is_resalable'
      | 'mint_schedule'
      | 'smallest_offer_bps';
    readonly before: number | boolean | readonly MintStep[];
    readonly now: number | boolean | readonly MintStep[];
  }[];
};
export type AnnouncedKind = AnnouncedTerms & {
  readonly classId: ClassId;
  readonly names: Names;
  readonly icon: string;
  readonly rarity: string | null;
};
/** Members that answer with the bytes of a picture, of all there are. */
export type ArtHolding = { readonly holders: number; readonly members: number };
export type ClassPage = {
  readonly card: ClassCard;
  /** Stands in an experiment that pairs orders. */
  readonly isMatched: boolean;
  readonly gameNames: Names;
  readonly studioNames: Names;
  /** Illegal content (CN-BC-02): neutral words and picture stand here; values and contents, a studio's words too, are left out. */
  readonly isHidden: boolean;
  readonly description: Names | null;
  readonly attributes: readonly { readonly definition: AttributeDefinition; readonly value: AttributeValue }[];
  /** What a container may hold, with its published odds in percent. */
  readonly contents: readonly { readonly name: string; readonly chance: number }[];
  readonly terms: ClassTerms;
  readonly announced: AnnouncedTerms | null;
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

/** Where a value stands among all live units of the kind. */
export type AttributePlace = {
  /** Live units of the kind. */
  readonly of: number;
  /** With the same value, this one among them. */
  readonly same: number;
  /** With a greater value; null for values that have no order. */
  readonly above: number | null;
};

export type ItemPage = {
  readonly itemId: ItemId;
  readonly serialNo: number;
  readonly ledgerSerial: string;
  readonly card: ClassCard;
  readonly isHidden: boolean;
  readonly terms: ClassTerms;
  /** As they are on this item now. */
  readonly attributes: ClassPage['attributes'];
  /** By key of the attribute. */
  readonly attributePlaces: Readonly<Record<string, AttributePlace>>;
  /** By the studio, oldest first; `before` null: as the kind was declared. */
  readonly attributeChanges: readonly {
    readonly at: IsoText;
    readonly key: string;
    readonly before: AttributeValue | null;
    readonly now: AttributeValue;
  }[];
  readonly contents: ClassPage['contents'];
  readonly ownerRef: AccountId;
  readonly ownerName: string;
  readonly isMine: boolean;
  readonly version: string;
  readonly state: ItemState;
  readonly stateUntil: IsoText | null;
  readonly stateReason: string | null;
  /** In English, as a refusal would say it. */
  readonly stateMessage: string;
  readonly listing: ListingView | null;
  readonly offers: ItemOffers;
  /** What people pay for one like this, best first. */
  readonly buyOrders: readonly BuyOrderView[];
  readonly hops: readonly Hop[];
  readonly certified: boolean;
  readonly height: number;
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
  /** Of the filing as a blockchain information service; `null`: none on record. */
  readonly filingNo: string | null;
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
  /** Rule packs, drafts open for comment, and terms of kinds that will change; the soonest first. */
  readonly announcements: readonly {
    readonly what: 'pack' | 'draft' | 'kind';
    readonly href: string;
    readonly from: IsoText;
    readonly daysLeft: number;
    readonly names: Names;
  }[];
};

/** An announced end, of all games of a studio. */
/** What the members keep of a game that has ended. */
export type GameArchiveView = {
  /** Of the certified header that its proofs are of. */
  readonly height: number;
  /** SM3 of its manifest, as the ledger states it. */
  readonly sm3: string;
  readonly size: number;
  readonly txId: string | null;
  readonly href: string;
};

/** A game whose studio gives no sign of life (T-28). */
export type SilentNotice = {
  readonly gameId: string;
  readonly names: Names;
  readonly silentSince: IsoText;
  readonly days: number;
  /** When the members decide, unless the studio is heard of. */
  readonly decidedAt: IsoText;
};

export type SunsetNotice = {
  readonly games: readonly { readonly gameId: string; readonly names: Names }[];
  readonly announcedAt: IsoText;
  /** Its last moment. */
  readonly lastDay: IsoText;
  /** 0: it is over. */
  readonly daysLeft: number;
  readonly refundTerms: string;
  readonly hasSuccessor: boolean;
  /** Null until it is over and written. */
  readonly file: GameArchiveView | null;
};
