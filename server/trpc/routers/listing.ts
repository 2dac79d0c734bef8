/** Listings under their own name (product P-20): the same write as for every order, for listings only. */
import { exchangeRefusal } from '../exchange-refusal.ts';
import { playerProcedure, router } from '../init.ts';
import { parseReplaceOrder } from './order.schema.ts';

export const listingRouter = router({
  replace: playerProcedure.input(parseReplaceOrder).mutation(({ ctx, input }) => {
    if (input.place.intent !== 'listing') throw exchangeRefusal({ kind: 'rejected', code: 'terms_mismatch', facts: {} });
    return ctx.services.market.replace(ctx.player, input);
  }),
});
