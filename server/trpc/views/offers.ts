/** Threads of offers (product P-24) as their two people see them. */
import type { AccountId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import type { ClassCard } from './catalogue.ts';
import type { OrderView } from './orders.ts';
import type { FenText, IsoText, OfferParty, OfferRoundState, OfferState } from './words.ts';

export type OfferRoundView = {
  readonly round: number;
  readonly orderId: OrderId;
  readonly by: OfferParty;
  readonly isMine: boolean;
  readonly priceFen: FenText;
  readonly placedAt: IsoText;
  /** Until when the other side may answer. */
  readonly expiresAt: IsoText;
  readonly state: OfferRoundState;
  readonly endedAt: IsoText | null;
};

export type OfferThreadView = {
  readonly offerId: string;
  readonly itemId: ItemId;
  readonly serialNo: number;
  readonly card: ClassCard;
  /** Which side the looker is. */
  readonly mine: OfferParty;
  readonly otherRef: AccountId;
  readonly otherName: string;
  readonly state: OfferState;
  /** Why it ended by itself. */
  readonly reason: string | null;
  readonly openedAt: IsoText;
  readonly endedAt: IsoText | null;
  readonly tradeId: TradeId | null;
  /** What the item is listed at, for this pair. */
  readonly listingFen: FenText | null;
  /** Oldest first. */
  readonly rounds: readonly OfferRoundView[];
  readonly roundsMax: number;
  /** What the looker may do about the step that stands. */
  readonly canAnswer: boolean;
  readonly canCounter: boolean;
  /** From when the looker may withdraw the own step that stands; null: there is none. */
  readonly withdrawFrom: IsoText | null;
  /** The order of the own step that stands: what a withdrawal cancels. */
  readonly order: OrderView | null;
};

export type OfferList = {
  /** Open ones, then those that have ended, each the newest first. */
  readonly rows: readonly OfferThreadView[];
  /** Steps of the looker that stand, and how many may. */
  readonly open: number;
  readonly openMax: number;
  /** Whether the looker takes offers on items that are not listed. */
  readonly takesOffers: boolean;
  readonly height: number;
};

/** What an item's page tells a looker about offers. */
export type ItemOffers = {
  /** By a listing, or because its holder takes offers on anything. */
  readonly isOpen: boolean;
  readonly smallestFen: FenText | null;
  /** The looker's own open thread. */
  readonly offerId: string | null;
};
