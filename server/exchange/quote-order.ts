/** Builds the quote of one order: everything that will stand on the confirm sheet, before anyone signs (product P-18). */
import { ANY_CLASS } from '#ledger/codec/order.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { accountIdBytes, type ClassId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { heldUntil, type ResaleAnswer } from '#sandbox/decisions/payout-hold.ts';
import type { Player } from '#server/identity/identity.ts';
import { findAcct } from '#server/identity/players.repo.ts';
import { mostTrades } from '#server/settlement/cap-facts.ts';
import { holdOf, resellersOf } from '#server/settlement/hold-payout.ts';
import type { ItemRow } from '#server/settlement/model.ts';
import type { Mechanism, OrderIntent, Quote, QuoteDocument } from '#server/trpc/views.ts';
import { assessmentView } from './assessment-view.ts';
import { readCapFacts } from './caps.repo.ts';
import { exchangeCode, ruleFacts } from './codes.ts';
import { decideOrder } from './decide-order.ts';
import { insertDeniedQuote } from './decisions.repo.ts';
import { estimatePurchase, estimateSale } from './estimate.ts';
import { endedBy, quotedCapTotals } from './group-caps.ts';
import { fullCap, type Inside, overridesOf, standingOf } from './inside.ts';
import type { QuoteAnswer, QuoteRequest } from './market.ts';
import { offerFields, offerWindow, readQuotedOffer } from './offers/quote-offer.ts';
import { isOfferIntent, isOfferStep } from './offers/refuse-offer.ts';
import { type QuoteFacts, type QuoteGround, quantityOf, unitPriceOf } from './quote-facts.ts';
import { QUOTE_MS } from './quotes.ts';
import { LIFE_DAYS_MAX, refuse, refuseQuote } from './refuse-quote.ts';
import { listResellers } from './resellers.repo.ts';
import { listReservations } from './reservations.repo.ts';
import { listItems, listOrders } from './rows.repo.ts';
import { type Day, readDay, readSums } from './seller-day.repo.ts';

export const DISCLOSURE_VERSION = 'd1';
export const DEFAULT_LIFE_DAYS = 30;
const DAY_MS = 86_400_000;
/** The ledger takes windows of 90 days, and a sell order names at most 32 items. */
const ORDER_WINDOW_MS = LIFE_DAYS_MAX * DAY_MS;
/** An order for an immediate trade is signed and sent within minutes; its window leaves room for a slow network and, where the kind asks
 *  for it, for the publicity that the trade waits for. */
const IMMEDIATE_LIFE_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const CLOCK_SKEW_MS = 120_000;

export async function quoteOrder(ground: QuoteGround, player: Player, request: QuoteRequest): Promise<QuoteAnswer> {
  const { itemClass } = ground;
  if (itemClass === null) return refuse('class_unknown');
  const side = sideOf(request.intent, request);
  const targetIds = [request.targetOrderId, request.replaces].filter((orderId) => orderId !== null);
  const [items, sums, targets, reservations, buyer, capFacts] = await Promise.all([
    listItems(ground.sql, request.itemIds),
    readSums(ground.sql, player.acct, beijingDate(ground.now)),
    listOrders(ground.sql, targetIds),
    listReservations(ground.sql, targetIds),
    request.namedBuyer === undefined ? null : findAcct(ground.sql, request.namedBuyer),
    readCapFacts(ground.sql, { accts: [player.acct], pack: ground.pack, now: ground.now }),
  ]);
  const mechanism = mechanismOf(request.intent);
  const facts: QuoteFacts = {
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
    dayTurnoverFen: sums.turnoverFen,
    capFacts: capFacts.get(player.acct),
    reservations,
    buyer,
    offer: await readQuotedOffer(ground, player, { request, items, targets }),
  };
  const refused = await refuseQuote(facts);
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

/** Who is denied a quote has attempted something all the same: it is kept, once a day for the same question. */
async function decideQuote(facts: QuoteFacts, inside: Inside) {
  const { ground, player, request, itemClass, side, items, mechanism, dayTurnoverFen } = facts;
  const unitPriceFen = unitPriceOf(facts);
  const quantity = quantityOf(facts);
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

function standingOfQuote(facts: QuoteFacts) {
  const { ground, player, request, itemClass, side, mechanism } = facts;
  return standingOf(ground.experiments, {
    player,
    itemClass,
    pack: ground.pack,
    at: ground.now,
    mechanism,
    side,
    unitPriceFen: unitPriceOf(facts),
    quantity: quantityOf(facts),
    replaces: request.replaces,
  });
}

async function buildQuote(facts: QuoteFacts, inside: Inside): Promise<QuoteAnswer> {
  const { ground, player, request, itemClass, side, items, target, mechanism } = facts;
  const unitPriceFen = unitPriceOf(facts);
  const quantity = quantityOf(facts);
  const day = side === 'sell' ? await readDay(ground.sql, player.acct, beijingDate(ground.now)) : EMPTY_DAY;
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

function endOfOrder({ ground, request, itemClass }: QuoteFacts, isResting: boolean): Instant {
  const publicityMs = itemClass.publicityHours * HOUR_MS;
  if (isOfferStep(request.intent)) return offerWindow(ground.now, request, publicityMs);
  return instant(isResting ? restsUntil(ground.now, request) : ground.now + IMMEDIATE_LIFE_MS + publicityMs);
}

function restsUntil(now: Instant, { lifeDays }: QuoteRequest): number {
  return Math.min(now + lifeDays * DAY_MS, now - CLOCK_SKEW_MS + ORDER_WINDOW_MS);
}

const EMPTY_DAY: Day = { grossFen: 0n, tradeIds: [] };
