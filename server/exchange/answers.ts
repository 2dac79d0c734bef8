/** What a command is answered: worked out anew, or as the same reference was answered before. */
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { Group } from '#server/settlement/group.ts';
import type { CancelCommand, PlaceCommand } from '#server/settlement/model.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer } from '#server/trpc/views.ts';
import { EXCHANGE_REFUSALS, type ExchangeCode } from './codes.ts';
import { executeCancel } from './execute-cancel.ts';
import { executePlace } from './execute-place.ts';
import type { ExchangeGround } from './placement.ts';
import { orderView } from './views.ts';

export function rejectedAnswer(
  code: ExchangeCode,
  facts: Readonly<Record<string, string>> = {},
): Extract<PlaceOrderAnswer, { kind: 'rejected' }> {
  return { kind: 'rejected', replayed: false, code, message: EXCHANGE_REFUSALS[code].message, facts, freshQuote: null };
}

export function replayOf<T extends PlaceOrderAnswer | CancelOrderAnswer>(
  known: Uint8Array,
  answer: T,
  body: Uint8Array,
): T | Extract<PlaceOrderAnswer, { kind: 'rejected' }> {
  return equalBytes(known, body) ? { ...answer, replayed: true } : rejectedAnswer('reference_conflict');
}

export function answerOf(group: Group, exchange: ExchangeGround, work: PlaceCommand | CancelCommand): PlaceOrderAnswer | CancelOrderAnswer {
  if (work.kind === 'cancel') {
    const outcome = executeCancel(group, exchange, work);
    if (outcome.kind === 'rejected') return rejectedAnswer(outcome.code);
    const order = orderView(outcome.order, group.classOf(outcome.order.classId));
    return outcome.kind === 'canceled'
      ? { kind: 'canceled', replayed: false, order }
      : { kind: 'already_filled', replayed: false, order, tradeId: outcome.tradeId };
  }
  const outcome = executePlace(group, exchange, work);
  if (outcome.kind === 'rejected') return rejectedAnswer(outcome.code, outcome.facts);
  return {
    kind: 'placed',
    replayed: false,
    order: orderView(outcome.order, group.classOf(outcome.order.classId)),
    trades: outcome.trades.map((trade) => ({ ...trade, priceFen: String(trade.priceFen) })),
  };
}
