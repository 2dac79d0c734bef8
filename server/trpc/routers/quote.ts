/** The signed quote (product P-18). */
import { parseFen } from '#ledger/primitives/fen.ts';
import { DEFAULT_LIFE_DAYS } from '#server/exchange/quote-order.ts';
import { exchangeRefusal } from '../exchange-refusal.ts';
import { playerProcedure, router } from '../init.ts';
import { parseQuoteInput } from './order.schema.ts';

export const quoteRouter = router({
  /** Not a query: each answer is signed and honoured for 60 s, so nothing on the way may keep it. */
  get: playerProcedure.input(parseQuoteInput).mutation(async ({ ctx, input }) => {
    const answer = await ctx.services.market.quote(ctx.player, {
      intent: input.intent,
      classId: input.classId,
      itemIds: input.itemIds ?? [],
      targetOrderId: input.targetOrderId ?? null,
      priceFen: parseFen(input.priceFen),
      quantity: input.quantity,
      timeInForce: input.timeInForce ?? 'gtc',
      payFrom: input.payFrom ?? 'balance',
      replaces: input.replaces ?? null,
      expression: input.expression?.trim() ?? '',
      smallestFill: input.smallestFill ?? 1,
      lifeDays: input.lifeDays ?? DEFAULT_LIFE_DAYS,
      namedBuyer: input.namedBuyer === '' ? undefined : input.namedBuyer,
      lifeHours: input.lifeHours,
      smallestOfferFen: input.smallestOfferFen === undefined ? undefined : parseFen(input.smallestOfferFen),
    });
    if (answer.kind === 'rejected') throw exchangeRefusal(answer);
    return answer.quote;
  }),
});
