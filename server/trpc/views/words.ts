/** Words and shapes that many answers share. Amounts are fen as decimal strings in fields that end in `Fen` (product Q-02), instants are
 *  ISO 8601 UTC, hashes are lower-case hex. */

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

/** What an order is for: a listing, a standing buy order, buying one listing, selling to one buy order, the matched book, or a step of an
 *  offer: a buyer's price, another price of either side's, the holder's yes and the buyer's yes. */
export type OrderIntent =
  | 'listing'
  | 'buy_order'
  | 'take_listing'
  | 'serve_buy_order'
  | 'matched'
  | 'offer'
  | 'counter'
  | 'accept_offer'
  | 'accept_counter';

export type OfferParty = 'buyer' | 'holder';
export type OfferState = 'open' | 'accepted' | 'withdrawn' | 'expired' | 'ended';
export type OfferRoundState = 'open' | 'countered' | Exclude<OfferState, 'open'>;

export type TimeInForce = 'gtc' | 'ioc' | 'fok';
/** Where the money of an immediate purchase comes from (P-21). */
export type PayFrom = 'balance' | 'outside';

export type RealNameLevel = 'R0' | 'R1' | 'R2' | 'R3';

export type StaffRole = 'sup_tax' | 'sup_market' | 'sup_finance' | 'auditor' | 'operator' | 'notary' | 'studio';
