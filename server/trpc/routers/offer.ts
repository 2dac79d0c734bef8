/** Offers under their own name (product P-24): the same writes as for every order, each for its own steps only. */
import { z } from 'zod';
import { setTakesOffers } from '#server/exchange/offers/offers.repo.ts';
import { isOfferStep } from '#server/exchange/offers/refuse-offer.ts';
import { listOffers } from '#server/market/offer-threads.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { exchangeRefusal } from '../exchange-refusal.ts';
import { playerProcedure, router } from '../init.ts';
import type { OfferList, OrderIntent, PlaceOrderInput } from '../views.ts';
import { parseCancelOrder, parsePlaceOrder } from './order.schema.ts';

const step = (isOurs: (intent: OrderIntent, input: PlaceOrderInput) => boolean) =>
  playerProcedure.input(parsePlaceOrder).mutation(({ ctx, input }) => {
    if (!isOurs(input.intent, input)) throw exchangeRefusal({ kind: 'rejected', code: 'terms_mismatch', facts: {} });
    return ctx.services.market.place(ctx.player, input);
  });

export const offerRouter = router({
  list: playerProcedure.query(
    ({ ctx }): Promise<OfferList> =>
      readSnapshot(ctx.services, ctx.player.acct, (snapshot) => listOffers(ctx.services, snapshot, ctx.player.acct)),
  ),
  /** The first price of a thread. */
  place: step((intent) => intent === 'offer'),
  /** Another price in the place of the one that stands: the holder's counter, or the buyer's next offer. */
  counter: step((intent, input) => isOfferStep(intent) && input.targetOrderId !== null),
  accept: step((intent) => intent === 'accept_offer' || intent === 'accept_counter'),
  /** The signed cancel of the own step that stands, half an hour after it was made. */
  withdraw: playerProcedure.input(parseCancelOrder).mutation(({ ctx, input }) => ctx.services.market.cancel(ctx.player, input)),
  /** Whether one takes offers on items that are not listed. */
  allow: playerProcedure
    .input(z.strictObject({ takesOffers: z.boolean() }))
    .mutation(async ({ ctx, input }): Promise<{ readonly takesOffers: boolean }> => {
      await setTakesOffers(ctx.services.sql, ctx.player.acct, input.takesOffers, ctx.services.clock.now());
      return input;
    }),
});
