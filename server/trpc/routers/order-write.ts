/** Placing and cancelling: expected refusals are answers, after the commit (product P-20 to P-23, P-27). */
import { playerProcedure } from '../init.ts';
import { parseCancelOrder, parsePlaceMany, parsePlaceOrder, parseReplaceOrder } from './order.schema.ts';

export const orderWrites = {
  place: playerProcedure.input(parsePlaceOrder).mutation(({ ctx, input }) => ctx.services.market.place(ctx.player, input)),
  placeMany: playerProcedure.input(parsePlaceMany).mutation(({ ctx, input }) => ctx.services.market.placeMany(ctx.player, input.rows)),
  replace: playerProcedure.input(parseReplaceOrder).mutation(({ ctx, input }) => ctx.services.market.replace(ctx.player, input)),
  cancel: playerProcedure.input(parseCancelOrder).mutation(({ ctx, input }) => ctx.services.market.cancel(ctx.player, input)),
};
