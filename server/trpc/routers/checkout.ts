/** The simulated institution's own page for a payment order (product P-21). A real institution shows this page itself. */
import { z } from 'zod';
import { CHECKOUT_REFUSALS, PAY_WAYS } from '#server/payments/simulated-checkout.ts';
import { refusal } from '../errors.ts';
import { playerProcedure, router } from '../init.ts';
import type { CheckoutView } from '../views.ts';

const checkoutId = z.string().regex(/^pay_[0-9a-f]{32}$/);

const unknown = () => refusal('not_found', 'checkout_unknown', CHECKOUT_REFUSALS.checkout_unknown);

export const checkoutRouter = router({
  get: playerProcedure.input(z.strictObject({ checkoutId })).query(async ({ ctx, input }): Promise<CheckoutView> => {
    const checkout = await ctx.services.market.findCheckout(ctx.player, input.checkoutId);
    if (checkout === null) throw unknown();
    return checkout;
  }),
  /** How the simulated bank will answer is part of the request; a real page has no such choice. */
  pay: playerProcedure
    .input(z.strictObject({ checkoutId, way: z.enum(PAY_WAYS) }))
    .mutation(async ({ ctx, input }): Promise<CheckoutView> => {
      const answer = await ctx.services.market.payCheckout(ctx.player, input.checkoutId, input.way);
      if (answer.kind === 'rejected' && answer.code === 'checkout_closed') {
        throw refusal('unprocessable', answer.code, CHECKOUT_REFUSALS.checkout_closed);
      }
      const checkout = answer.kind === 'rejected' ? null : await ctx.services.market.findCheckout(ctx.player, input.checkoutId);
      if (checkout === null) throw unknown();
      return checkout;
    }),
});
