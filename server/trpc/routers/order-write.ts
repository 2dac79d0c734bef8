/** Placing and cancelling: expected refusals are answers, after the commit (product P-20 to P-23, P-27). */
import { playerProcedure } from '../init.ts';
import { cancelInput, placeInput, placeManyInput } from './order.schema.ts';

export const orderWrites = {
  place: playerProcedure.input(placeInput).mutation(({ ctx, input }) => ctx.services.market.place(ctx.player, input)),
  placeMany: playerProcedure.input(placeManyInput).mutation(({ ctx, input }) => ctx.services.market.placeMany(ctx.player, input.rows)),
  cancel: playerProcedure.input(cancelInput).mutation(({ ctx, input }) => ctx.services.market.cancel(ctx.player, input)),
};
