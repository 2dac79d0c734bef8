/** What a command is answered: worked out anew, or as the same reference was answered before. */
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { Group } from '#server/settlement/group.ts';
import type { Command, OrderRow, ReplaceCommand } from '#server/settlement/model.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer, ReplaceOrderAnswer } from '#server/trpc/views.ts';
import { EXCHANGE_REFUSALS, type ExchangeCode } from './codes.ts';
import { executeCancel } from './execute-cancel.ts';
import { executePlace } from './execute-place.ts';
import { executeReplace } from './execute-replace.ts';
import type { ExchangeGround } from './placement.ts';
import { orderView } from './views.ts';

export function rejectedAnswer(
  code: ExchangeCode,
  facts: Readonly<Record<string, string>> = {},
): Extract<PlaceOrderAnswer, { kind: 'rejected' }> {
  return { kind: 'rejected', replayed: false, code, message: EXCHANGE_REFUSALS[code].message, facts, freshQuote: null };
}

export type CommandAnswer = PlaceOrderAnswer | CancelOrderAnswer | ReplaceOrderAnswer;

export function replayOf<T extends CommandAnswer>(
  known: Uint8Array,
  answer: T,
  body: Uint8Array,
): T | Extract<PlaceOrderAnswer, { kind: 'rejected' }> {
  return equalBytes(known, body) ? { ...answer, replayed: true } : rejectedAnswer('reference_conflict');
}

/** @returns the answer, and whether the group's work has to be thrown away for it */
export function answerOf(
  group: Group,
  exchange: ExchangeGround,
  work: Command,
): { readonly answer: CommandAnswer; readonly isSpoiled: boolean } {
  if (work.kind === 'replace') return answerReplace(group, exchange, work);
  return { answer: answerOne(group, exchange, work), isSpoiled: false };
}

function answerReplace(group: Group, exchange: ExchangeGround, work: ReplaceCommand) {
  const outcome = executeReplace(group, exchange, work);
  if (outcome.kind === 'rejected') return { answer: rejectedAnswer(outcome.code, outcome.facts), isSpoiled: outcome.isSpoiled };
  const view = (order: OrderRow) => orderView(order, group.classOf(order.classId));
  if (outcome.kind === 'already_filled') {
    const answer = { kind: 'already_filled', replayed: false, order: view(outcome.order), tradeId: outcome.tradeId } as const;
    return { answer, isSpoiled: false };
  }
  const trades = outcome.trades.map((trade) => ({ ...trade, priceFen: String(trade.priceFen) }));
  const answer = { kind: 'replaced', replayed: false, canceled: view(outcome.canceled), order: view(outcome.order), trades } as const;
  return { answer, isSpoiled: false };
}

function answerOne(group: Group, exchange: ExchangeGround, work: Exclude<Command, ReplaceCommand>): PlaceOrderAnswer | CancelOrderAnswer {
  if (work.kind === 'cancel') {
    const outcome = executeCancel(group, exchange, work);
    if (outcome.kind === 'rejected') return rejectedAnswer(outcome.code, outcome.facts);
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
