/** One group's working set: what was read for its commands, and what it will write. Everything in here is thrown away when the group's
 *  database transaction fails, so nothing outside it is touched before the commit. */

import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import type { SealedEnvelope } from '#ledger/node/envelope-vault.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { PayoutHold } from '#sandbox/decisions/payout-hold.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Clusters } from '#sandbox/surveillance/clusters.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import type { WindowSale } from '#sandbox/tax/windows.ts';
import type { CoolDowns } from '#server/compliance/cool-downs.repo.ts';
import type { JournalEntry } from '#server/journal/journal.ts';
import type { CancelOrderAnswer, OrderIntent, PlaceOrderAnswer, ReplaceOrderAnswer, TradeState } from '#server/trpc/views.ts';
import type { CapFacts } from './cap-facts.ts';
import type { DecisionWrite } from './decided.ts';
import type { ResellerFacts } from './hold-payout.ts';
import type { ClassRow, ItemRow, OrderItemRow, OrderRow, Reservation, TradeRow, WindowRow } from './model.ts';
import { type OfferThread, standingStep } from './offer-thread.ts';
import type { SaleId } from './sale-id.ts';

export type StoredAnswer = { readonly bodySm3: Bytes; readonly answer: PlaceOrderAnswer | CancelOrderAnswer | ReplaceOrderAnswer };

/** Who acts as one person among the accounts that were asked about; anybody else stands alone. */
export type Hands = Pick<Clusters, 'of'>;
/** Two accounts of one person that would have traded. */
export type OneHand = { readonly acct: AccountId; readonly other: AccountId; readonly classId: ClassId; readonly intent: OrderIntent };

export type Loaded = {
  readonly answers: ReadonlyMap<string, StoredAnswer>;
  readonly orders: Map<OrderId, OrderRow>;
  readonly items: Map<ItemId, ItemRow>;
  readonly classes: ReadonlyMap<ClassId, ClassRow>;
  /** Available money of the accounts that may pay. */
  readonly available: Map<AccountId, bigint>;
  /** Today's windows. */
  readonly windows: Map<AccountId, WindowRow>;
  readonly openOrders: Map<AccountId, number>;
  /** Steps of offers that stand; they count for themselves. */
  readonly openOffers: Map<AccountId, number>;
  /** Today's sales of sellers whose day is not taxable yet: what a crossing assesses again. */
  readonly daySales: Map<AccountId, readonly WindowSale[]>;
  /** Trade of an order that has filled, for the answer to a late cancel. */
  readonly tradeOfOrder: Map<OrderId, TradeId>;
  /** When an item's last listing was placed: a price may change once in five minutes. */
  readonly listedAt: Map<ItemId, Instant>;
  /** By either of their orders. */
  readonly reservations: Map<OrderId, Reservation>;
  /** Threads that the group's orders and items belong to, by their ids. */
  readonly offers: Map<string, OfferThread>;
  /** Holders who take offers on anything of theirs. */
  readonly takesOffers: ReadonlySet<AccountId>;
  /** Kinds in which somebody places nothing for a while. */
  readonly cooling: CoolDowns;
  /** Of sellers of items that they bought lately. */
  readonly resellers: Map<AccountId, ResellerFacts>;
  /** With whom those who meet somebody act as one person. */
  readonly hands: Hands;
  /** Of those who place, where the pack has ceilings. */
  readonly capFacts: ReadonlyMap<AccountId, CapFacts>;
};

export type AssessmentWrite = {
  readonly saleId: SaleId;
  readonly version: number | 'next';
  readonly cause: 'settled' | 'day_line' | 'reversed';
  readonly seller: AccountId;
  readonly day: string;
  readonly assessment: Assessment;
  readonly hash: Bytes;
};
export type CrossingWrite = {
  readonly acct: AccountId;
  readonly day: string;
  readonly grossFen: bigint;
  readonly salesFen: bigint;
  readonly bySaleId: SaleId;
  readonly reassessed: readonly SaleId[];
};
/** Where a sale of a day is assessed and what comes of it; the day's window of each person is its own copy. */
export type SalesDay = {
  readonly now: Instant;
  readonly day: string;
  readonly pack: RulePack;
  readonly daySales: Map<AccountId, readonly WindowSale[]>;
  window(acct: AccountId): WindowRow;
  readonly changedWindows: Set<AccountId>;
  readonly assessments: AssessmentWrite[];
  readonly crossings: CrossingWrite[];
};
export type SettledWrite = {
  readonly trade: TradeRow;
  readonly isNew: boolean;
  readonly body: TxBody;
  readonly payoutAt: Instant;
  readonly payoutHold: PayoutHold['code'] | null;
  /** How many of its items such a hold asks about. */
  readonly quickItems: number;
  readonly transferableFrom: Instant;
  readonly envelope: SealedEnvelope;
  readonly pay: readonly { readonly id: number; readonly salt: string; readonly value: string }[];
  readonly costs: readonly { readonly item: ItemRow; readonly costFen: bigint }[];
  readonly costBasisFen: bigint | null;
  readonly assessment: Assessment;
  readonly assessmentHash: Bytes;
  readonly sell: OrderRow;
  readonly buy: OrderRow;
};

export type FailedWrite = {
  readonly trade: Pick<TradeRow, 'tradeId' | 'seller' | 'buyer'>;
  readonly from: 'reserved' | 'publicity';
  readonly reason: string;
};

/** In the order in which the ledger is asked. */
export type LedgerAct =
  | { readonly kind: 'trade'; readonly settled: SettledWrite }
  | { readonly kind: 'env'; readonly env: TxEnv; readonly orderId: OrderId };

export class Group {
  readonly now: Instant;
  readonly day: string;
  readonly pack: RulePack;
  readonly packHash: Bytes;
  readonly pending: StateView;
  readonly loaded: Loaded;
  /** Of the kinds that have one (CN-SV-00). */
  readonly referencePrices: ReadonlyMap<ClassId, bigint>;
  /** The members are late: nothing is traded until they have caught up (`ledger.md` 6.1); placing and cancelling go on. */
  readonly isFinalityLate: boolean;

  readonly newOrders: OrderRow[] = [];
  readonly changedOrders = new Set<OrderRow>();
  readonly acts: LedgerAct[] = [];
  /** Trades that wait for a payment or the end of publicity, and trades that end without settling. */
  readonly waiting: { readonly trade: TradeRow; readonly until: Instant }[] = [];
  readonly failed: FailedWrite[] = [];
  /** Payments from outside that are asked for, and those that nobody waits for any more. */
  readonly purchases: { readonly reservation: Reservation; readonly acct: AccountId; readonly amountFen: bigint }[] = [];
  readonly givenUp: string[] = [];
  readonly entries: JournalEntry[] = [];
  readonly newHolds: { readonly order: OrderRow; readonly amountFen: bigint }[] = [];
  readonly heldOrders = new Set<OrderRow>();
  readonly newItemHolds: { readonly orderId: OrderId; readonly itemId: ItemId; readonly state: 'active' | 'spent' }[] = [];
  readonly endedItemHolds: { readonly orderId: OrderId; readonly itemId: ItemId; readonly state: 'spent' | 'released' }[] = [];
  readonly publicity: ItemRow[] = [];
  readonly assessments: AssessmentWrite[] = [];
  readonly crossings: CrossingWrite[] = [];
  readonly changedWindows = new Set<AccountId>();
  readonly changedOffers = new Set<string>();
  readonly #statesBefore: ReadonlyMap<string, string>;
  /** One per attempt that came as far as a decision. */
  readonly decisions: DecisionWrite[] = [];

  /** Sales of the day before whose proceeds wait longer now. */
  readonly heldEarlier: { readonly tradeId: TradeId; readonly seller: AccountId; readonly days: number }[] = [];
  /** Refused, because both sides are one person. */
  readonly oneHand: OneHand[] = [];

  constructor(facts: Pick<Group, 'now' | 'day' | 'pack' | 'packHash' | 'pending' | 'loaded' | 'referencePrices' | 'isFinalityLate'>) {
    this.now = facts.now;
    this.day = facts.day;
    this.pack = facts.pack;
    this.packHash = facts.packHash;
    this.pending = facts.pending;
    this.loaded = facts.loaded;
    this.isFinalityLate = facts.isFinalityLate;
    this.referencePrices = facts.referencePrices;
    const { orders, offers } = facts.loaded;
    const before = new Map<string, string>();
    for (const { orderId, state } of orders.values()) before.set(orderId, state);
    for (const { offerId, state } of offers.values()) before.set(offerId, state);
    this.#statesBefore = before;
  }

  /** State of an order or an offer as this group found it; null: it begins here. */
  stateBefore(id: string): string | null {
    return this.#statesBefore.get(id) ?? null;
  }

  available(acct: AccountId): bigint {
    return this.loaded.available.get(acct) ?? 0n;
  }

  /** Moves in the copy of the balance; the journal entry moves it for good. */
  addAvailable(acct: AccountId, amountFen: bigint): void {
    this.loaded.available.set(acct, this.available(acct) + amountFen);
  }

  get daySales(): Loaded['daySales'] {
    return this.loaded.daySales;
  }

  window(acct: AccountId): WindowRow {
    const known = this.loaded.windows.get(acct);
    if (known !== undefined) return known;
    const fresh = { grossFen: 0n, turnoverFen: 0n, isTaxable: false };
    this.loaded.windows.set(acct, fresh);
    return fresh;
  }

  /** The thread that an order is a step of. */
  offerOf(orderId: OrderId): OfferThread | null {
    for (const thread of this.loaded.offers.values()) if (thread.rounds.some((round) => round.orderId === orderId)) return thread;
    return null;
  }

  openOfferOn(itemId: ItemId, buyer: AccountId): OfferThread | null {
    for (const thread of this.loaded.offers.values()) {
      if (thread.itemId === itemId && thread.buyer === buyer && standingStep(thread) !== null) return thread;
    }
    return null;
  }

  setOffer(thread: OfferThread): void {
    this.loaded.offers.set(thread.offerId, thread);
    this.changedOffers.add(thread.offerId);
  }

  classOf(classId: ClassId): ClassRow {
    const row = this.loaded.classes.get(classId);
    assert(row !== undefined, 'a class is read before its orders are worked on');
    return row;
  }

  itemOf({ itemId }: OrderItemRow): ItemRow {
    const row = this.loaded.items.get(itemId);
    assert(row !== undefined, 'an item is read before it is sold');
    return row;
  }

  itemBySerial(serial: bigint): ItemRow | null {
    for (const item of this.loaded.items.values()) if (item.serial === serial) return item;
    return null;
  }
}

/** A tag for the answer: where a trade stands right after the commit. */
export function firstState(isReserved: boolean): TradeState {
  return isReserved ? 'publicity' : 'settled';
}
