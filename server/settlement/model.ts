/** What the pipeline works on: rows read once per group, and what becomes of them. */
import type { Order, SignedOrder } from '#ledger/codec/order.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { OpenField } from '#ledger/merkle/field-tree.ts';
import type { SignatureCheck } from '#ledger/node/ledger-node.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ClassId, ItemId, OrderId, ReferenceId, TradeId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Player } from '#server/identity/identity.ts';
import type { ExpressionSchema } from '#server/market/expression/expression.ts';
import type { ExpressionRecord } from '#server/market/expression/match-expression.ts';
import type { Mechanism, OrderIntent, OrderState, PlaceOrderInput, QuoteDocument, TimeInForce, TradeState } from '#server/trpc/views.ts';
import type { HolderId } from './sale-id.ts';

export type OrderItemRow = { readonly itemId: ItemId; readonly serial: bigint; readonly ver: bigint };

/** Mutable within one group: the group owns its copy and writes what changed. */
export type OrderRow = {
  readonly orderId: OrderId;
  readonly seq: bigint;
  /** Place in the line at one price: its own arrival, or that of the order which it replaced with a smaller quantity. */
  readonly priority: bigint;
  /** Since when it stands at this price. */
  readonly pricedAt: Instant;
  readonly replaces: OrderId | null;
  readonly acct: AccountId;
  readonly referenceId: string;
  readonly intent: OrderIntent;
  readonly side: 'sell' | 'buy';
  readonly mechanism: Mechanism;
  readonly classId: ClassId;
  readonly priceFen: bigint;
  readonly quantity: number;
  filled: number;
  state: OrderState;
  reason: string | null;
  readonly timeInForce: TimeInForce;
  readonly experimentId: string | null;
  readonly targetOrderId: OrderId | null;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly liveFrom: Instant;
  readonly placedAt: Instant;
  readonly expiresAt: Instant;
  endedAt: Instant | null;
  readonly signedOrder: Bytes;
  readonly terms: PlaceOrderInput['terms'];
  readonly quote: PlaceOrderInput['quote'];
  /** Of a buy order for any kind that fits, as signed; its `classId` is then one that does. Empty: for its own kind only. */
  readonly expression: string;
  /** Fewest units that the buyer takes at once. */
  readonly smallestFill: number;
  /** Items of a sell order that are still held for it, oldest acquired first. */
  items: readonly OrderItemRow[];
  /** Money still held for a buy order. */
  holdLeftFen: bigint;
};

export type ClassRow = {
  readonly classId: ClassId;
  readonly serial: number;
  readonly studioAcct: AccountId;
  /** Who its studio declared to be itself in another name (T-03): accounts and display names, in lower case. */
  readonly affiliates: ReadonlySet<string>;
  readonly gameId: string;
  readonly nameZh: string | null;
  readonly nameEn: string;
  readonly icon: string;
  readonly rarity: string | null;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly publicityHours: number;
  readonly protectionHours: number;
  readonly resaleWaitTradingDays: number;
  readonly isCollectible: boolean;
  readonly isInterchangeable: boolean;
  readonly isGiftable: boolean;
  readonly isResalable: boolean;
  /** Of an offer, as a share of the listing's price, unless the listing says otherwise. */
  readonly smallestOfferBps: number;
  readonly origin: 'PLAY' | 'PURCHASE' | 'DRAW';
  readonly drawTableSm3: string | null;
  readonly approvalNo: string | null;
  /** What an attribute expression is asked about, and the types of its game's attributes. */
  readonly record: ExpressionRecord;
  readonly schema: ExpressionSchema;
};

export type ItemRow = {
  readonly itemId: ItemId;
  readonly serial: bigint;
  readonly classId: ClassId;
  readonly unitNo: number;
  owner: AccountId;
  ver: bigint;
  readonly isBurned: boolean;
  readonly acquiredAt: Instant;
  readonly acquiredAct: 'issued' | 'sold' | 'given' | 'returned' | 'court';
  protectedUntil: Instant | null;
  publicityUntil: Instant | null;
  heldBy: HolderId | null;
  readonly costFen: bigint | null;
  readonly costSource: 'bought_here' | 'assessed' | 'gift' | 'play' | 'none' | 'sealed';
};

export type WindowRow = { grossFen: bigint; turnoverFen: bigint; isTaxable: boolean };

export type TradeRow = {
  readonly tradeId: TradeId;
  readonly classId: ClassId;
  readonly sellOrderId: OrderId;
  readonly buyOrderId: OrderId;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly mechanism: Mechanism;
  readonly experimentId: string | null;
  readonly quantity: number;
  readonly priceFen: bigint;
  readonly grossFen: bigint;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
  readonly netFen: bigint;
  readonly items: readonly OrderItemRow[];
  readonly orderedAt: Instant;
  state: TradeState;
};

/** A listing promised to one buyer who pays from outside (P-21). */
export type Reservation = {
  readonly tradeId: TradeId;
  readonly sellOrderId: OrderId;
  readonly buyOrderId: OrderId;
  readonly transferId: string;
  readonly until: Instant;
  readonly payment: 'outstanding' | 'paid' | 'failed';
  /** Why the payment failed. */
  readonly reason: string | null;
};

/** A placement whose form, quote and key have been checked; its signatures are being verified by the workers. */
export type PlaceCommand = {
  readonly kind: 'place';
  readonly player: Player;
  readonly input: PlaceOrderInput;
  readonly referenceId: ReferenceId;
  readonly bodySm3: Bytes;
  readonly signed: SignedOrder;
  readonly order: Order;
  readonly orderId: OrderId;
  readonly orderBytes: Bytes;
  readonly fields: readonly OpenField[];
  readonly quote: QuoteDocument;
  readonly quoteHash: Bytes;
};
export type CancelCommand = {
  readonly kind: 'cancel';
  readonly player: Player;
  readonly referenceId: ReferenceId;
  readonly bodySm3: Bytes;
  readonly orderId: OrderId;
  readonly env: TxEnv;
};
/** A cancel and a new order in one step (P-37). */
export type ReplaceCommand = {
  readonly kind: 'replace';
  readonly player: Player;
  readonly referenceId: ReferenceId;
  readonly bodySm3: Bytes;
  readonly cancel: CancelCommand;
  readonly place: PlaceCommand;
};
export type Command = PlaceCommand | CancelCommand | ReplaceCommand;

export type Checked<T> = { readonly kind: 'checked'; readonly command: T; readonly signatures: readonly SignatureCheck[] };
