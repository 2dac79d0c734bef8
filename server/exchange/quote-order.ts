/** Builds the quote of one order: everything that will stand on the confirm sheet, before anyone signs (product P-18). */
import { ANY_CLASS } from '#ledger/codec/order.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes, type ClassId, type OrderId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { heldUntil, type ResaleAnswer } from '#sandbox/decisions/payout-hold.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { readCoolDowns } from '#server/compliance/cool-downs.repo.ts';
import type { Sql } from '#server/db.ts';
import type { Player } from '#server/identity/identity.ts';
import { findAcct } from '#server/identity/players.repo.ts';
import { query } from '#server/journal/rows.repo.ts';
import { type CapFacts, mostTrades } from '#server/settlement/cap-facts.ts';
import type { OneHand } from '#server/settlement/group.ts';
import { holdOf, resellersOf } from '#server/settlement/hold-payout.ts';
import type { ClassRow, ItemRow, OrderRow, Reservation } from '#server/settlement/model.ts';
import { isFillEnough, isWanted } from '#server/settlement/wanted.ts';
import type { Mechanism, OrderIntent, Quote, QuoteDocument } from '#server/trpc/views.ts';
import { assessmentView } from './assessment-view.ts';
import type { BrokenBooks } from './broken-books.ts';
import { readCapFacts } from './caps.repo.ts';
import { EXCHANGE_REFUSALS, type ExchangeCode, exchangeCode, ruleFacts } from './codes.ts';
import { decideOrder } from './decide-order.ts';
import { insertDeniedQuote } from './decisions.repo.ts';
import { estimatePurchase, estimateSale } from './estimate.ts';
import { isReplaceable } from './execute-replace.ts';
import type { Experiments, Running } from './experiments.ts';
import { endedBy, quotedCapTotals } from './group-caps.ts';
import { type Halts, haltFacts } from './halts.ts';
import { fullCap, type Inside, overridesOf, standingOf } from './inside.ts';
import { readHands, refuseOneHand } from './linked-accounts.ts';
import type { QuoteAnswer, QuoteRequest, Refused } from './market.ts';
import { offerFields, offerWindow, type QuotedOffer, readQuotedOffer, refuseQuotedOffer, refuseSmallest } from './offers/quote-offer.ts';
import { isOfferIntent, isOfferStep } from './offers/refuse-offer.ts';
import { QUOTE_MS, type Quotes } from './quotes.ts';
import { faultOf, refuseItem, refuseKind } from './refuse-items.ts';
import { listResellers } from './resellers.repo.ts';
import { listReservations } from './reservations.repo.ts';
import { listItems, listOrders } from './rows.repo.ts';

export const DISCLOSURE_VERSION = 'd1';
export const DEFAULT_LIFE_DAYS = 30;
const LIFE_DAYS_MAX = 90;
const DAY_MS = 86_400_000;
/** The ledger takes windows of 90 days, and a sell order names at most 32 items. */
const ORDER_WINDOW_MS = LIFE_DAYS_MAX * DAY_MS;
const FILL_MAX = 32;
/** An order for an immediate trade is signed and sent within minutes; its window leaves room for a slow network and, where the kind asks
 *  for it, for the publicity that the trade waits for. */
const IMMEDIATE_LIFE_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const CLOCK_SKEW_MS = 120_000;

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

const refuse = (code: ExchangeCode, facts: Readonly<Record<string, string>> = {}): Refused => ({ kind: 'rejected', code, facts });
export const refusalMessage = (code: ExchangeCode): string => EXCHANGE_REFUSALS[code].message;

type Facts = {
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

export async function quoteOrder(ground: QuoteGround, player: Player, request: QuoteRequest): Promise<QuoteAnswer> {
  const { itemClass } = ground;
  if (itemClass === null) return refuse('class_unknown');
  const side = sideOf(request.intent, request);
  const targetIds = [request.targetOrderId, request.replaces].filter((orderId) => orderId !== null);
  const [items, turnovers, targets, reservations, buyer, capFacts] = await Promise.all([
    listItems(ground.sql, request.itemIds),
    query<{ turnover_fen: string }>(ground.sql, 'select turnover_fen from compliance.windows where acct = $1 and day = $2', [
      player.acct,
      beijingDate(ground.now),
    ]),
    listOrders(ground.sql, targetIds),
    listReservations(ground.sql, targetIds),
    request.namedBuyer === undefined ? null : findAcct(ground.sql, request.namedBuyer),
    readCapFacts(ground.sql, { accts: [player.acct], pack: ground.pack, now: ground.now }),
  ]);
  const mechanism = mechanismOf(request.intent);
  const facts: Facts = {
    ground,
    player,
    request,
    itemClass,
    side,
    mechanism,
    items: items.toSorted((a, b) => (a.serial < b.serial ? -1 : 1)),
    target: targets.find(({ orderId }) => orderId === request.targetOrderId) ?? null,
    replaced: targets.find(({ orderId }) => orderId === request.replaces) ?? null,
    running: ground.experiments.ofOrder(itemClass.classId, mechanism),
    dayTurnoverFen: BigInt(turnovers[0]?.turnover_fen ?? '0'),
    capFacts: capFacts.get(player.acct),
    reservations,
    buyer,
    offer: await readQuotedOffer(ground, player, { request, items, targets }),
  };
  const refused = refuseQuote(facts) ?? (await refuseCooling(facts)) ?? (await refuseLinked(facts));
  if (refused !== null) return refused;
  const standing = standingOfQuote(facts);
  if (standing.kind === 'rejected') return refuse(exchangeCode(standing.code), fullCap(standing));
  return (await decideQuote(facts, standing.inside)) ?? buildQuote(facts, standing.inside);
}

function mechanismOf(intent: OrderIntent): Mechanism {
  if (intent === 'matched') return 'price_time';
  return isOfferIntent(intent) ? 'negotiated' : 'fixed_price';
}

/** A matched order that names items sells them. */
function sideOf(intent: OrderIntent, request: QuoteRequest): 'sell' | 'buy' {
  if (intent === 'listing' || intent === 'serve_buy_order' || intent === 'counter' || intent === 'accept_offer') return 'sell';
  return intent === 'matched' && request.itemIds.length > 0 ? 'sell' : 'buy';
}

function refuseQuote(facts: Facts): Refused | null {
  const { ground, player, request, itemClass, side, items, target, running, reservations } = facts;
  const now = BigInt(ground.now);
  const halt = ground.halts.of(itemClass, ground.now);
  if (halt !== null) return refuse('market_halted', haltFacts(halt));
  const broken = ground.broken.of(
    [player.acct],
    [...items, ...(target?.items ?? [])].map(({ itemId }) => itemId),
  );
  if (broken !== null) return refuse('books_differ', broken);
  const code = refuseKind(ground.pending, itemClass, now, side === 'sell' ? player.acct : null);
  if (code !== null) return refuse(code);
  if (items.length !== request.itemIds.length) return refuse('item_unknown');
  const unfit = refuseReplacing(facts);
  if (unfit !== null) return unfit;
  if (request.intent === 'take_listing') {
    if (target === null || target.intent !== 'listing' || target.endedAt !== null) return refuse('listing_gone');
    if (target.acct === player.acct) return refuse('self_trade');
    const named = target.quote.document.namedBuyer ?? null;
    if (named !== null && named !== player.acct) return refuse('named_buyer_only');
    const taken = reservations.get(target.orderId);
    if (taken !== undefined) return refuse('listing_reserved', { until: toIso(taken.until) });
    const isOffered = items.length > 0 && items.every((item) => item.heldBy === target.orderId);
    if (!isOffered || faultOf(ground.pending, target, now, target.quote.document.keyEpoch) !== null) return refuse('listing_gone');
  }
  if (request.intent === 'serve_buy_order') {
    if (target === null || target.intent !== 'buy_order' || target.endedAt !== null) return refuse('buy_order_gone');
    if (target.acct === player.acct) return refuse('self_trade');
    if (!isWanted(target, itemClass)) return refuse('order_item_mismatch');
    if (target.quantity - target.filled < items.length) return refuse('buy_order_gone');
    if (!isFillEnough(target, items.length)) return refuse('fill_too_small', { smallestFill: String(target.smallestFill) });
  }
  if (side === 'sell') {
    for (const item of items) {
      if (item.classId !== itemClass.classId) return refuse('class_unknown');
      const fault = refuseItem(ground.pending, item, player.acct, now);
      if (fault !== null) return refuse(fault, { itemId: item.itemId });
      if (item.heldBy !== null && item.heldBy !== request.replaces && facts.offer === null)
        return refuse('item_held', { itemId: item.itemId });
    }
    if (items.length === 0) return refuse('quantity_out_of_range');
  }
  if (request.intent === 'matched' && running === null) return refuse('mechanism_not_granted');
  const offer = isOfferIntent(request.intent) ? refuseQuotedOffer(facts) : null;
  return offer ?? refuseSmallest(facts) ?? refuseNamed(facts) ?? refuseWish(request);
}

async function refuseCooling({ ground, player, itemClass }: Facts): Promise<Refused | null> {
  const cooling = await readCoolDowns(ground.sql, [player.acct], ground.now);
  const until = cooling.get(player.acct)?.get(itemClass.classId);
  return until === undefined ? null : refuse('cool_down', { until: toIso(until) });
}

/** Who would meet himself under another account; asked once there is somebody to meet. */
async function refuseLinked({ ground, request, player, itemClass, target, buyer, offer }: Facts): Promise<Refused | null> {
  const { acct } = player;
  const taken = request.intent === 'take_listing' || request.intent === 'serve_buy_order' ? target?.acct : undefined;
  const isHolder = request.intent === 'counter' || request.intent === 'accept_offer';
  const offered = offer === null || offer.item === null ? undefined : isHolder ? offer.thread?.buyer : offer.item.owner;
  const other = taken ?? offered ?? buyer;
  if (other === null || refuseOneHand(await readHands(ground.sql, [acct]), acct, other) !== 'linked_account') return null;
  await ground.tellAttempt({ acct, other, classId: itemClass.classId, intent: request.intent });
  return refuse('linked_account');
}

function refuseNamed({ request, buyer, player }: Facts): Refused | null {
  if (request.namedBuyer === undefined) return null;
  if (request.intent !== 'listing') return refuse('order_malformed');
  if (buyer === null) return refuse('buyer_unknown');
  return buyer === player.acct ? refuse('self_trade') : null;
}

/** Only an own open order gives its place to another one like it. */
function refuseReplacing({ player, request, side, itemClass, replaced, reservations }: Facts): Refused | null {
  if (request.replaces === null) return null;
  if (replaced === null) return refuse('order_unknown');
  if (replaced.acct !== player.acct) return refuse('not_your_order');
  if (replaced.endedAt !== null) return refuse('order_closed');
  const taken = reservations.get(replaced.orderId);
  if (taken !== undefined) return refuse('listing_reserved', { until: toIso(taken.until) });
  return isReplaceable(replaced, { intent: request.intent, side, classId: itemClass.classId }) ? null : refuse('terms_mismatch');
}

/** Who is denied a quote has attempted something all the same: it is kept, once a day for the same question. */
async function decideQuote(facts: Facts, inside: Inside) {
  const { ground, player, request, itemClass, side, items, target, mechanism, dayTurnoverFen } = facts;
  const unitPriceFen = unitPriceOf(request, target);
  const quantity = quantityOf(request, items);
  const decided = decideOrder({
    at: ground.now,
    pack: ground.pack,
    player,
    itemClass,
    side,
    mechanism,
    unitPriceFen,
    quantity,
    items: side === 'sell' ? items : [],
    dayTurnoverFen,
    // What the book holds is known to the one writer; a bid above the limit shows when the order is placed.
    worstUnitFen: unitPriceFen,
    mostTrades: mostTrades(request.intent, quantity),
    capTotals: quotedCapTotals(ground.pack, beijingDate(ground.now), facts.capFacts, {
      side,
      itemIds: side === 'sell' ? items.map(({ itemId }) => itemId) : [],
      ends: endedBy(request.intent, items, request.replaces),
    }),
    referencePriceFen: request.expression === '' ? (ground.referencePrices.get(itemClass.classId) ?? null) : null,
    inside,
  });
  const reason = decided.decision.reasons.find(({ weight }) => weight === 'deny');
  if (reason === undefined) return null;
  await insertDeniedQuote(ground.sql, { player, request, decided });
  ground.onDenied(reason.code);
  return refuse(exchangeCode(reason.code), ruleFacts(reason));
}

function standingOfQuote(facts: Facts) {
  const { ground, player, request, itemClass, side, items, target, mechanism } = facts;
  return standingOf(ground.experiments, {
    player,
    itemClass,
    pack: ground.pack,
    at: ground.now,
    mechanism,
    side,
    unitPriceFen: unitPriceOf(request, target),
    quantity: quantityOf(request, items),
    replaces: request.replaces,
  });
}

function unitPriceOf(request: QuoteRequest, target: OrderRow | null): bigint {
  // A step of an offer names its own price, whatever it answers.
  return target === null || isOfferStep(request.intent) ? request.priceFen : target.priceFen;
}

function quantityOf(request: QuoteRequest, items: readonly ItemRow[]): number {
  return items.length > 0 ? items.length : request.quantity;
}

async function buildQuote(facts: Facts, inside: Inside): Promise<QuoteAnswer> {
  const { ground, player, request, itemClass, side, items, target, mechanism } = facts;
  const unitPriceFen = unitPriceOf(request, target);
  const quantity = quantityOf(request, items);
  const day = side === 'sell' ? await readDay(ground, player) : EMPTY_DAY;
  // A listing taken settles on its own fee and royalty, whatever the kind asks today.
  const terms =
    target !== null && side === 'buy' && !isOfferStep(request.intent)
      ? { ...itemClass, feeBps: target.feeBps, royaltyBps: target.royaltyBps }
      : itemClass;
  const answer =
    side === 'sell'
      ? estimateSale({ pack: ground.pack, at: ground.now, itemClass: terms, items, unitPriceFen, window: day, dayTradeIds: day.tradeIds })
      : estimatePurchase({ pack: ground.pack, at: ground.now, itemClass: terms, unitPriceFen, overrides: overridesOf(inside) }, quantity);
  if (answer.kind === 'rejected') return refuse(exchangeCode(answer.code));
  const { terms: figures } = answer;
  const { hold } = side === 'sell' ? await readHold(ground, { items, unitPriceFen, classId: itemClass.classId }) : NO_HOLD;
  const account = ground.pending.accountById(accountIdBytes(player.acct));
  const policy = account === null ? null : ground.pending.policyByHash(account.policy);
  if (account === null || policy === null) return refuse('account_unknown');
  const isImmediate = IMMEDIATE.has(request.intent);
  const isResting = !isImmediate && request.timeInForce === 'gtc';
  const document: QuoteDocument = {
    quoteId: `quo_${toHex(accountIdBytes(player.acct)).slice(0, 8)}${ground.now.toString(16)}`,
    chain: toHex(ground.chain),
    intent: request.intent,
    side,
    mechanism,
    acct: player.acct,
    keyEpoch: account.keyEpoch,
    keyIdx: Math.max(
      0,
      policy.keys.findIndex((key) => key.use === 1 || key.use === 3),
    ),
    classId: itemClass.classId,
    classSerial: request.expression === '' ? itemClass.serial : ANY_CLASS,
    items: items.map((item) => ({ itemId: item.itemId, serial: String(item.serial), ver: String(item.ver) })),
    targetOrderId: request.targetOrderId,
    experimentId: inside?.experiment.id ?? null,
    expression: request.expression,
    smallestFill: request.smallestFill,
    timeInForce: isImmediate ? 'ioc' : request.intent === 'matched' ? request.timeInForce : 'gtc',
    payFrom: request.payFrom,
    replaces: request.replaces,
    // An edit keeps whom the listing is for.
    namedBuyer: request.intent === 'listing' ? (facts.buyer ?? facts.replaced?.quote.document.namedBuyer ?? null) : null,
    ...offerFields(facts),
    quantity,
    priceFen: String(unitPriceFen),
    grossFen: String(figures.grossFen),
    feeFen: String(figures.feeFen),
    royaltyFen: String(figures.royaltyFen),
    feeBps: terms.feeBps,
    royaltyBps: terms.royaltyBps,
    youPayFen: String(figures.youPayFen),
    youReceiveFen: String(figures.youReceiveFen),
    costBasisFen: figures.costBasisFen === null ? null : String(figures.costBasisFen),
    costSource: figures.costSource,
    estimatedLines: (figures.assessment?.lines ?? []).map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
    estimatedTaxFen: String(figures.estimatedTaxFen),
    leftAfterAllFen: String(figures.leftAfterAllFen),
    dayLine:
      figures.dayLine === null
        ? null
        : {
            reaches: figures.dayLine.reaches,
            salesBeforeFen: String(figures.dayLine.salesBeforeFen),
            lineFen: String(figures.dayLine.lineFen),
            reassessedTradeIds: day.tradeIds.filter((tradeId) => figures.dayLine?.reassessedTradeIds.includes(tradeId)),
          },
    payoutAt: side === 'sell' ? toIso(heldUntil(figures.payoutAt, hold)) : null,
    ...(hold === null ? {} : { payoutHold: hold.code }),
    transferableFrom: side === 'buy' ? toIso(figures.transferableFrom) : null,
    packHash: figures.packHash,
    disclosureVersion: inside?.experiment.safeguards.disclosureVersion ?? DISCLOSURE_VERSION,
    orderNotBefore: toIso(instant(ground.now - CLOCK_SKEW_MS)),
    orderNotAfter: toIso(endOfOrder(facts, isResting)),
    issuedAt: toIso(ground.now),
    expiresAt: toIso(instant(ground.now + QUOTE_MS)),
  };
  const quote: Quote = {
    ...ground.quotes.sign(document),
    assessment: figures.assessment === null ? null : assessmentView(figures.assessment, { version: 0, isEstimate: true }),
    experimentLabel: inside?.experiment.authorization?.label ?? null,
  };
  return { kind: 'quoted', quote };
}

const NO_HOLD: ResaleAnswer = { quick: 0, hold: null };

async function readHold(
  { sql, pack, now, referencePrices }: QuoteGround,
  { items, unitPriceFen, classId }: { readonly items: readonly ItemRow[]; readonly unitPriceFen: bigint; readonly classId: ClassId },
): Promise<ResaleAnswer> {
  const resellers = resellersOf(items, pack, now);
  if (resellers.length === 0) return NO_HOLD;
  const [facts] = (await listResellers(sql, resellers, now)).values();
  return holdOf({ pack, now, facts, items, unitPriceFen, referencePriceFen: referencePrices.get(classId) });
}

const IMMEDIATE: ReadonlySet<OrderIntent> = new Set(['take_listing', 'serve_buy_order', 'accept_offer', 'accept_counter']);

function endOfOrder({ ground, request, itemClass }: Facts, isResting: boolean): Instant {
  const publicityMs = itemClass.publicityHours * HOUR_MS;
  if (isOfferStep(request.intent)) return offerWindow(ground.now, request, publicityMs);
  return instant(isResting ? restsUntil(ground.now, request) : ground.now + IMMEDIATE_LIFE_MS + publicityMs);
}

function restsUntil(now: Instant, { lifeDays }: QuoteRequest): number {
  return Math.min(now + lifeDays * DAY_MS, now - CLOCK_SKEW_MS + ORDER_WINDOW_MS);
}

/** What a buyer may wish beyond kind and price. */
function refuseWish({ intent, expression, smallestFill, quantity, lifeDays }: QuoteRequest): Refused | null {
  if (intent !== 'buy_order' && (expression !== '' || smallestFill !== 1)) return refuse('order_malformed');
  if (smallestFill < 1 || smallestFill > Math.min(quantity, FILL_MAX)) return refuse('quantity_out_of_range');
  return lifeDays < 1 || lifeDays > LIFE_DAYS_MAX ? refuse('life_out_of_range') : null;
}

type Day = { readonly grossFen: bigint; readonly tradeIds: QuoteTradeIds };
type QuoteTradeIds = NonNullable<QuoteDocument['dayLine']>['reassessedTradeIds'];
const EMPTY_DAY: Day = { grossFen: 0n, tradeIds: [] };

async function readDay({ sql, now }: QuoteGround, player: Player): Promise<Day> {
  const day = beijingDate(now);
  const [windows, trades] = await Promise.all([
    query<{ gross_fen: string }>(sql, 'select gross_fen from compliance.windows where acct = $1 and day = $2', [player.acct, day]),
    query<{ trade_id: QuoteTradeIds[number] }>(
      sql,
      'select distinct trade_id from compliance.assessments where seller = $1 and day = $2 and gross_fen > 0 order by trade_id limit 200',
      [player.acct, day],
    ),
  ]);
  return { grossFen: BigInt(windows[0]?.gross_fen ?? '0'), tradeIds: trades.map((row) => row.trade_id) };
}
