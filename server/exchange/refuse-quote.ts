/** Why an order is not even quoted (product P-18): what can be told before the rules decide, with the code of the first reason. */
import { toIso } from '#ledger/primitives/instant.ts';
import { readCoolDowns } from '#server/compliance/cool-downs.repo.ts';
import { isFillEnough, isWanted } from '#server/settlement/wanted.ts';
import type { ExchangeCode } from './codes.ts';
import { isReplaceable } from './execute-replace.ts';
import { haltFacts } from './halts.ts';
import { readHands, refuseOneHand } from './linked-accounts.ts';
import type { QuoteRequest, Refused } from './market.ts';
import { refuseQuotedOffer, refuseSmallest } from './offers/quote-offer.ts';
import { isOfferIntent } from './offers/refuse-offer.ts';
import type { QuoteFacts } from './quote-facts.ts';
import { faultOf, refuseItem, refuseKind } from './refuse-items.ts';

export const LIFE_DAYS_MAX = 90;
const FILL_MAX = 32;

export const refuse = (code: ExchangeCode, facts: Readonly<Record<string, string>> = {}): Refused => ({ kind: 'rejected', code, facts });

export async function refuseQuote(facts: QuoteFacts): Promise<Refused | null> {
  return refuseAtOnce(facts) ?? (await refuseCooling(facts)) ?? (await refuseLinked(facts));
}

function refuseAtOnce(facts: QuoteFacts): Refused | null {
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
      if (item.costSource === 'sealed') return refuse('purchase_sealed', { itemId: item.itemId });
    }
    if (items.length === 0) return refuse('quantity_out_of_range');
  }
  if (request.intent === 'matched' && running === null) return refuse('mechanism_not_granted');
  const offer = isOfferIntent(request.intent) ? refuseQuotedOffer(facts) : null;
  return offer ?? refuseSmallest(facts) ?? refuseNamed(facts) ?? refuseWish(request);
}

async function refuseCooling({ ground, player, itemClass }: QuoteFacts): Promise<Refused | null> {
  const cooling = await readCoolDowns(ground.sql, [player.acct], ground.now);
  const until = cooling.get(player.acct)?.get(itemClass.classId);
  return until === undefined ? null : refuse('cool_down', { until: toIso(until) });
}

/** Who would meet himself under another account; asked once there is somebody to meet. */
async function refuseLinked({ ground, request, player, itemClass, target, buyer, offer }: QuoteFacts): Promise<Refused | null> {
  const { acct } = player;
  const taken = request.intent === 'take_listing' || request.intent === 'serve_buy_order' ? target?.acct : undefined;
  const isHolder = request.intent === 'counter' || request.intent === 'accept_offer';
  const offered = offer === null || offer.item === null ? undefined : isHolder ? offer.thread?.buyer : offer.item.owner;
  const other = taken ?? offered ?? buyer;
  if (other === null || refuseOneHand(await readHands(ground.sql, [acct]), acct, other) !== 'linked_account') return null;
  await ground.tellAttempt({ acct, other, classId: itemClass.classId, intent: request.intent });
  return refuse('linked_account');
}

function refuseNamed({ request, buyer, player }: QuoteFacts): Refused | null {
  if (request.namedBuyer === undefined) return null;
  if (request.intent !== 'listing') return refuse('order_malformed');
  if (buyer === null) return refuse('buyer_unknown');
  return buyer === player.acct ? refuse('self_trade') : null;
}

/** Only an own open order gives its place to another one like it. */
function refuseReplacing({ player, request, side, itemClass, replaced, reservations }: QuoteFacts): Refused | null {
  if (request.replaces === null) return null;
  if (replaced === null) return refuse('order_unknown');
  if (replaced.acct !== player.acct) return refuse('not_your_order');
  if (replaced.endedAt !== null) return refuse('order_closed');
  const taken = reservations.get(replaced.orderId);
  if (taken !== undefined) return refuse('listing_reserved', { until: toIso(taken.until) });
  return isReplaceable(replaced, { intent: request.intent, side, classId: itemClass.classId }) ? null : refuse('terms_mismatch');
}

/** What a buyer may wish beyond kind and price. */
function refuseWish({ intent, expression, smallestFill, quantity, lifeDays }: QuoteRequest): Refused | null {
  if (intent !== 'buy_order' && (expression !== '' || smallestFill !== 1)) return refuse('order_malformed');
  if (smallestFill < 1 || smallestFill > Math.min(quantity, FILL_MAX)) return refuse('quantity_out_of_range');
  return lifeDays < 1 || lifeDays > LIFE_DAYS_MAX ? refuse('life_out_of_range') : null;
}
