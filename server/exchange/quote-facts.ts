/** What a quote is made from: the ground under the market, and what was read for this one question. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ClassId, OrderId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Sql } from '#server/db.ts';
import type { Player } from '#server/identity/identity.ts';
import type { CapFacts } from '#server/settlement/cap-facts.ts';
import type { OneHand } from '#server/settlement/group.ts';
import type { ClassRow, ItemRow, OrderRow, Reservation } from '#server/settlement/model.ts';
import type { Mechanism } from '#server/trpc/views.ts';
import type { BrokenBooks } from './broken-books.ts';
import type { Experiments, Running } from './experiments.ts';
import type { Halts } from './halts.ts';
import type { QuoteRequest } from './market.ts';
import type { QuotedOffer } from './offers/quote-offer.ts';
import { isOfferStep } from './offers/refuse-offer.ts';
import type { Quotes } from './quotes.ts';

export type QuoteGround = {
  readonly sql: Sql;
  readonly chain: Bytes;
  readonly pending: StateView;
  readonly quotes: Quotes;
  readonly experiments: Experiments;
  readonly halts: Pick<Halts, 'of'>;
  readonly broken: Pick<BrokenBooks, 'of'>;
  readonly pack: RulePack;
  readonly now: Instant;
  readonly itemClass: ClassRow | null;
  readonly referencePrices: ReadonlyMap<ClassId, bigint>;
  onDenied(code: string): void;
  tellAttempt(attempt: OneHand): Promise<void>;
};

export type QuoteFacts = {
  readonly ground: QuoteGround;
  readonly player: Player;
  readonly request: QuoteRequest;
  readonly itemClass: ClassRow;
  readonly side: 'sell' | 'buy';
  readonly mechanism: Mechanism;
  readonly items: readonly ItemRow[];
  readonly target: OrderRow | null;
  readonly replaced: OrderRow | null;
  readonly running: Running | null;
  /** Traded today on both sides, before this order. */
  readonly dayTurnoverFen: bigint;
  readonly capFacts: CapFacts | undefined;
  readonly reservations: ReadonlyMap<OrderId, Reservation>;
  /** Whom a listing names; null: nobody of that name. */
  readonly buyer: AccountId | null;
  /** Of a step of an offer. */
  readonly offer: QuotedOffer | null;
};

export function unitPriceOf({ request, target }: Pick<QuoteFacts, 'request' | 'target'>): bigint {
  // A step of an offer names its own price, whatever it answers.
  return target === null || isOfferStep(request.intent) ? request.priceFen : target.priceFen;
}

export function quantityOf({ request, items }: Pick<QuoteFacts, 'request' | 'items'>): number {
  return items.length > 0 ? items.length : request.quantity;
}
