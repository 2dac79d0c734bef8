/**
 * Editing an order (product P-20, P-37): the player's cancel of the old one and a new one in its place, both in one step. Whether the new
 * one is taken shows only after the old one has freed what it held; a refusal then throws the group's work away, and nothing was done.
 */
import type { TradeId } from '#ledger/primitives/ids.ts';
import type { Group } from '#server/settlement/group.ts';
import type { OrderRow, ReplaceCommand } from '#server/settlement/model.ts';
import type { QuoteDocument } from '#server/trpc/views.ts';
import type { ExchangeCode } from './codes.ts';
import { executeCancel } from './execute-cancel.ts';
import { executePlace } from './execute-place.ts';
import type { ExchangeGround, PlacedTrade, Replaced } from './placement.ts';

export type ReplaceOutcome =
  | { readonly kind: 'replaced'; readonly canceled: OrderRow; readonly order: OrderRow; readonly trades: readonly PlacedTrade[] }
  | { readonly kind: 'already_filled'; readonly order: OrderRow; readonly tradeId: TradeId }
  | {
      readonly kind: 'rejected';
      readonly code: ExchangeCode;
      readonly facts: Readonly<Record<string, string>>;
      readonly isSpoiled: boolean;
    };

export function executeReplace(group: Group, ground: ExchangeGround, { cancel, place }: ReplaceCommand): ReplaceOutcome {
  const old = group.loaded.orders.get(cancel.orderId);
  const refuse = (code: ExchangeCode, isSpoiled = false, facts: Readonly<Record<string, string>> = {}): ReplaceOutcome => ({
    kind: 'rejected',
    code,
    facts,
    isSpoiled,
  });
  if (old !== undefined && !isReplaceable(old, place.quote)) return refuse('terms_mismatch');
  const replaced: Replaced | null =
    old === undefined
      ? null
      : { order: old, itemIds: new Set(old.items.map((item) => item.itemId)), keepsPlace: keepsPlace(old, place.quote) };
  const canceled = executeCancel(group, ground, cancel);
  if (canceled.kind === 'already_filled') return canceled;
  if (canceled.kind === 'rejected') return refuse(canceled.code);
  const outcome = executePlace(group, ground, place, replaced);
  if (outcome.kind === 'rejected') return refuse(outcome.code, true, outcome.facts);
  if (replaced?.keepsPlace === true) restoreLine(ground, outcome.order);
  return { kind: 'replaced', canceled: canceled.order, order: outcome.order, trades: outcome.trades };
}

/** The same kind of order for the same thing: another wish is another order. */
export function isReplaceable(old: OrderRow, quote: Pick<QuoteDocument, 'intent' | 'side' | 'classId'>): boolean {
  const isResting = old.intent === 'listing' || old.intent === 'buy_order' || old.intent === 'matched';
  return isResting && old.intent === quote.intent && old.side === quote.side && old.classId === quote.classId;
}

/** Only the quantity falls: fewer units of the same wish at the same price. */
function keepsPlace(old: OrderRow, quote: QuoteDocument): boolean {
  const held = new Set(old.items.map((item) => item.itemId));
  return (
    old.priceFen === BigInt(quote.priceFen) &&
    quote.quantity < old.quantity - old.filled &&
    quote.items.every(({ itemId }) => held.has(itemId)) &&
    quote.timeInForce === old.timeInForce &&
    quote.expression === old.quote.document.expression &&
    quote.smallestFill === old.quote.document.smallestFill &&
    (quote.namedBuyer ?? null) === (old.quote.document.namedBuyer ?? null)
  );
}

/** A book puts what arrives at the end of its price; in the order of the places it is built anew. */
function restoreLine({ books }: ExchangeGround, order: OrderRow): void {
  if (order.intent !== 'matched' || order.endedAt !== null) return;
  const book = books.find(order.classId);
  if (book === null) return;
  const rows = [...book.rows.values()].toSorted((a, b) => (a.priority < b.priority ? -1 : 1));
  books.build(order.classId, rows);
}
