/** What every order book of one instrument promises: commands in, events out. Pure in effect: no clock, no ids drawn, no IO, so the
 *  same commands rebuild the same book after a crash. Money and items are held before a command comes here. */

export type Side = 'buy' | 'sell';
/** `gtc` rests, `ioc` cancels what does not fill at once, `fok` fills whole or not at all. */
export type TimeInForce = 'gtc' | 'ioc' | 'fok';

export type PlaceCommand = {
  readonly type: 'place';
  readonly id: string;
  /** The person behind the order: two orders of one account never trade with each other. */
  readonly account: string;
  readonly side: Side;
  readonly price: bigint;
  readonly quantity: bigint;
  readonly tif: TimeInForce;
};
export type CancelCommand = { readonly type: 'cancel'; readonly id: string };
export type MatchCommand = PlaceCommand | CancelCommand;

/** In order of precedence. */
export const MATCH_REFUSALS = ['quantity_invalid', 'price_invalid', 'duplicate_order', 'unknown_order', 'self_trade'] as const;
export type MatchRefusal = (typeof MATCH_REFUSALS)[number];

export type MatchEvent =
  /** The price is the resting (maker's) order's. */
  | { readonly type: 'fill'; readonly maker: string; readonly taker: string; readonly price: bigint; readonly quantity: bigint }
  /** What was left leaves the book: by command, or at once for `ioc` and `fok`. */
  | { readonly type: 'canceled'; readonly id: string; readonly leavesQuantity: bigint }
  /** Nothing changed. */
  | { readonly type: 'rejected'; readonly id: string; readonly code: MatchRefusal };

export type RestingOrder = {
  readonly id: string;
  readonly account: string;
  readonly side: Side;
  readonly price: bigint;
  readonly leavesQuantity: bigint;
};
export type PriceLevel = { readonly price: bigint; readonly quantity: bigint; readonly orders: number };

export interface OrderBook {
  /** Applies one command. Events stand in the order in which they happen; an order that just rests gives none. */
  apply(command: MatchCommand): readonly MatchEvent[];
  bestPrice(side: Side): bigint | null;
  /** Best price first. */
  levels(side: Side): readonly PriceLevel[];
  find(id: string): RestingOrder | null;
  /** All resting orders, best first, then oldest first: placed again as `gtc` in this order they rebuild the book. */
  orders(side: Side): readonly RestingOrder[];
}
