/** What detectors read: facts that the market or the payment institution recorded, in the order of their commit. References are opaque
 *  text, so that a file of another market can be read too. */

type At = {
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
};

/** `null`: a party that the source lost; rules about parties leave it out. */
export type Party = string | null;

export type TradeFact = At & {
  readonly kind: 'trade';
  readonly itemIds: readonly string[];
  readonly classId: string;
  readonly seller: Party;
  readonly buyer: Party;
  /** Of one unit. */
  readonly priceFen: bigint;
  readonly quantity: number;
  /** The studio whose game it is; absent in files. */
  readonly issuer?: string;
  /** From when the buyer could sell it on; absent in files: at once. */
  readonly freeAt?: number;
};
export type PaymentFact = At & { readonly kind: 'payment'; readonly from: string; readonly to: string; readonly amountFen: bigint };
export type GiftFact = At & {
  readonly kind: 'gift';
  readonly itemId: string;
  readonly classId: string;
  readonly from: string;
  readonly to: string;
};
/** An order that the market refused because both sides are one person. */
export type AttemptFact = At & { readonly kind: 'attempt'; readonly from: string; readonly to: string; readonly classId: string };
export type OrderFact = At & {
  readonly kind: 'order';
  readonly change: 'placed' | 'canceled';
  readonly account: string;
  readonly classId: string;
  readonly side: 'sell' | 'buy';
  /** Price times the quantity placed, or left when canceled. */
  readonly valueFen: bigint;
};
/** Two references that belong to one person or are declared to: `same_person`, `same_payout_account`, `same_device`, `declared`. */
export type LinkFact = At & { readonly kind: 'link'; readonly a: string; readonly b: string; readonly reason: string };
export type AccountFact = At & {
  readonly kind: 'account';
  readonly ref: string;
  readonly isMinor: boolean;
  /** The studio for which it acts; its dealings in that studio's items are issuer dealing. */
  readonly issuer: string | null;
};
/** A payment instrument paid in for the first time. */
export type InstrumentFact = At & { readonly kind: 'instrument'; readonly account: string };
/** The buyer's payment for this trade was disputed or charged back. */
export type DisputeFact = At & { readonly kind: 'dispute'; readonly tradeId: string };
/** One sign that a minor uses an adult's account (rulebook CN-MIN-06). */
export type SignalFact = At & { readonly kind: 'signal'; readonly account: string; readonly signal: string };

export type Fact =
  | TradeFact
  | PaymentFact
  | GiftFact
  | AttemptFact
  | OrderFact
  | LinkFact
  | AccountFact
  | InstrumentFact
  | DisputeFact
  | SignalFact;
export type FactKind = Fact['kind'];

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** For ratios and thresholds of statistics only; money that is shown or booked stays in `bigint`. */
export function grossOf(trade: TradeFact): number {
  return Number(trade.priceFen) * trade.quantity;
}
