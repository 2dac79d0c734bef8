/** The market as procedures and workers see it. Built by `openMarket`. Every write answers after its commit. */
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { GroupResult } from '#ledger/node/ledger-node.ts';
import type { Fen } from '#ledger/primitives/fen.ts';
import type { AccountId, ClassId, ItemId, OrderId, ReferenceId, TradeId } from '#ledger/primitives/ids.ts';
import type { Tx } from '#server/db.ts';
import type { Gifts } from '#server/gifts/gift.ts';
import type { Player } from '#server/identity/identity.ts';
import type { PayAnswer, PayWay } from '#server/payments/simulated-checkout.ts';
import type {
  CancelOrderAnswer,
  CancelOrderInput,
  CheckoutView,
  Depth,
  ExperimentView,
  OrderIntent,
  PayFrom,
  PlaceOrderAnswer,
  PlaceOrderInput,
  Quote,
  ReplaceOrderAnswer,
  ReplaceOrderInput,
  TimeInForce,
  TradeState,
  Transfer,
} from '#server/trpc/views.ts';
import type { ExchangeCode } from './codes.ts';
import type { Halts } from './halts.ts';
import type { MarketObserver } from './observers.ts';

export type QuoteRequest = {
  readonly intent: OrderIntent;
  readonly classId: ClassId;
  readonly itemIds: readonly ItemId[];
  readonly targetOrderId: OrderId | null;
  readonly priceFen: Fen;
  readonly quantity: number;
  readonly timeInForce: TimeInForce;
  readonly payFrom: PayFrom;
  readonly replaces: OrderId | null;
  /** Condition of a buy order for any kind of the game that fits; empty: for the kind itself. */
  readonly expression: string;
  readonly smallestFill: number;
  readonly lifeDays: number;
  /** Of a listing for one person: account id, or name on the platform; absent: for anybody. */
  readonly namedBuyer?: string | undefined;
  /** Of an offer or a counter; absent: the usual time. */
  readonly lifeHours?: number | undefined;
  /** Of a listing, for one unit; absent: the usual share of its price. */
  readonly smallestOfferFen?: Fen | undefined;
};
export type Refused = { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly facts: Readonly<Record<string, string>> };
export type QuoteAnswer = { readonly kind: 'quoted'; readonly quote: Quote } | Refused;
export type TransferRequest = { readonly referenceId: ReferenceId; readonly amountFen: Fen };
export type TransferAnswer = { readonly kind: 'requested'; readonly replayed: boolean; readonly transfer: Transfer } | Refused;
export type JoinAnswer = { readonly kind: 'joined'; readonly experiment: ExperimentView } | Refused;

export interface Market {
  /** Rebuilds books, starts the clocks of orders and trades and the simulated institution's own loop. */
  start(): Promise<void>;
  stop(): Promise<void>;
  quote(player: Player, request: QuoteRequest): Promise<QuoteAnswer>;
  place(player: Player, input: PlaceOrderInput): Promise<PlaceOrderAnswer>;
  placeMany(player: Player, inputs: readonly PlaceOrderInput[]): Promise<readonly PlaceOrderAnswer[]>;
  cancel(player: Player, input: CancelOrderInput): Promise<CancelOrderAnswer>;
  /** Both or neither; when the old order has just filled, its trade is the answer. */
  replace(player: Player, input: ReplaceOrderInput): Promise<ReplaceOrderAnswer>;
  deposit(player: Player, request: TransferRequest): Promise<TransferAnswer>;
  withdraw(player: Player, request: TransferRequest): Promise<TransferAnswer>;
  /** The simulated institution's page for a payment of this player's (P-21). */
  findCheckout(player: Player, checkoutId: string): Promise<CheckoutView | null>;
  payCheckout(player: Player, checkoutId: string, way: PayWay): Promise<PayAnswer>;
  joinExperiment(player: Player, experimentId: string, disclosureVersion: string): Promise<JoinAnswer>;
  /** Ends what he has open inside as well; nothing happens to who takes no part. */
  leaveExperiment(player: Player, experimentId: string): Promise<JoinAnswer>;
  /** Items given away (P-28). */
  readonly gifts: Omit<Gifts, 'turn'>;
  /** LedgerTx from outside the exchange, with custody, in one database transaction. */
  sequence(envs: readonly TxEnv[], also?: (tx: Tx, results: readonly GroupResult[]) => Promise<void>): Promise<readonly GroupResult[]>;
  /** What stands still (V-17): set and ended by whoever has written it down, after the commit. */
  readonly halts: Pick<Halts, 'set' | 'end' | 'inForce'>;
  /** Ends open orders and frees what they hold. One that a payment is on its way for stays until that has ended. */
  endOrders(orderIds: readonly OrderId[], reason: string): Promise<void>;
  /** An objection to a trade in publicity was upheld: it fails and what it held is free. Nothing where it is not in publicity. */
  failPublicity(tradeId: TradeId, reason: string): Promise<void>;
  /** Due process has undone a trade: what memory has to know after its commit. */
  tellReversed(trade: { readonly tradeId: TradeId; readonly experimentId: string | null }): void;
  /** What a studio changed of a kind is read again before the next command on it; null: all kinds. */
  forgetClass(classId: ClassId | null): void;
  /** A kind's book by price level and the number of its last change (P-15); what comes after goes to the kind's room.
   *  @throws {RefusalError} `class_unknown` */
  getDepth(classId: ClassId): Promise<Depth>;
  /** One turn of the clocks: ends publicity, pays out, expires orders, follows certified blocks. Runs by itself after `start`. */
  turnClocks(): Promise<void>;
  /** What the pipeline did, for benches and metrics. */
  statistics(): MarketStatistics;
  /** Used and reserved share of the caps that hold for an experiment as a whole. */
  capsUsed(): readonly { readonly experimentId: string; readonly code: string; readonly ratio: number }[];
  /** Tells what happens from now on. @returns how to stop being told */
  observe(observer: MarketObserver): () => void;
}
export type MarketStatistics = {
  readonly groups: number;
  readonly commands: number;
  readonly trades: number;
  /** Milliseconds spent by stage since the start. */
  readonly stageMs: Readonly<Record<'verify' | 'load' | 'decide' | 'sign' | 'apply' | 'write' | 'commit', number>>;
};
export type SettledTrade = { readonly tradeId: TradeId; readonly state: TradeState; readonly seller: AccountId; readonly buyer: AccountId };
