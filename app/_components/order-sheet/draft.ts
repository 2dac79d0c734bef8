/** What a sheet starts from: the intention, before price and quantity are settled. */
import type { ItemId, OrderId } from '#ledger/primitives/ids.ts';
import type { BuyOrderView, ClassCard, FenText, ListingView, OrderIntent, OrderView } from '#server/trpc/views.ts';

export type OrderDraft = {
  readonly intent: OrderIntent;
  readonly side: 'sell' | 'buy';
  readonly card: Pick<
    ClassCard,
    | 'classId'
    | 'names'
    | 'icon'
    | 'rarity'
    | 'category'
    | 'type'
    | 'gameId'
    | 'lowestListingFen'
    | 'highestBuyFen'
    | 'referenceFen'
    | 'listings'
  >;
  readonly itemIds?: readonly ItemId[];
  readonly targetOrderId?: OrderId;
  /** The open order that the new one takes the place of. */
  readonly replaces?: OrderView;
  /** Fixed where the other side has named it. */
  readonly priceFen: FenText | null;
  readonly isPriceOpen: boolean;
  readonly quantity: number;
  readonly isQuantityOpen: boolean;
  /** Condition that a buy order for any kind that fits begins with. */
  readonly expression?: string | undefined;
  /** Of a step of an offer: whether it answers one, and what the listing says. */
  readonly offer?: { readonly isAnswer: boolean; readonly smallestFen: FenText | null; readonly listingFen: FenText | null };
  /** `No. 12`, when the order is about one item. */
  readonly itemNote?: string;
};

export const TITLES = {
  take_listing: 'buyTitle',
  listing: 'sellTitle',
  buy_order: 'buyOrderTitle',
  serve_buy_order: 'serveTitle',
  matched: 'matchedTitle',
  offer: 'offerTitle',
  counter: 'counterTitle',
  accept_offer: 'acceptOfferTitle',
  accept_counter: 'acceptCounterTitle',
} as const satisfies Record<OrderIntent, string>;

export const CONFIRM = {
  take_listing: 'confirmBuy',
  listing: 'confirmSell',
  buy_order: 'confirmBuyOrder',
  serve_buy_order: 'confirmServe',
  matched: 'confirmMatched',
  offer: 'confirmOffer',
  counter: 'confirmCounter',
  accept_offer: 'confirmAcceptOffer',
  accept_counter: 'confirmAcceptCounter',
} as const satisfies Record<OrderIntent, string>;

export const DONE = {
  take_listing: 'doneBuy',
  listing: 'doneListing',
  buy_order: 'doneBuyOrder',
  serve_buy_order: 'doneServe',
  matched: 'doneMatched',
  offer: 'doneOffer',
  counter: 'doneCounter',
  accept_offer: 'doneServe',
  accept_counter: 'doneBuy',
} as const satisfies Record<OrderIntent, string>;

/** A first price for an item; on its listing, where there is one. */
export function offerDraft(
  { card, itemNote }: Pick<OrderDraft, 'card' | 'itemNote'>,
  itemId: ItemId,
  { smallestFen, listing }: { readonly smallestFen: FenText | null; readonly listing: Pick<ListingView, 'orderId' | 'priceFen'> | null },
): OrderDraft {
  return {
    intent: 'offer',
    side: 'buy',
    card,
    itemIds: [itemId],
    ...(listing === null ? {} : { targetOrderId: listing.orderId }),
    priceFen: null,
    isPriceOpen: true,
    quantity: 1,
    isQuantityOpen: false,
    offer: { isAnswer: false, smallestFen, listingFen: listing?.priceFen ?? null },
    ...(itemNote === undefined ? {} : { itemNote }),
  };
}

/** Selling items of mine to somebody's buy order. */
export function serveDraft(
  { card, itemIds = [], itemNote }: Pick<OrderDraft, 'card' | 'itemIds' | 'itemNote'>,
  order: Pick<BuyOrderView, 'orderId' | 'priceFen'>,
): OrderDraft {
  return {
    intent: 'serve_buy_order',
    side: 'sell',
    card,
    targetOrderId: order.orderId,
    itemIds,
    priceFen: order.priceFen,
    isPriceOpen: false,
    quantity: itemIds.length,
    isQuantityOpen: false,
    ...(itemNote === undefined ? {} : { itemNote }),
  };
}
