/** Giving items away (product P-28). Bulk rows answer one by one, what concerns one gift is refused as a whole. */
import { z } from 'zod';
import { parseAccountId, parseReferenceId } from '#ledger/primitives/ids.ts';
import { EXCHANGE_REFUSALS } from '#server/exchange/codes.ts';
import { countWaitingGifts, listGifts } from '#server/market/gifts.repo.ts';
import { itemIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { parseGiftId } from '#server/settlement/sale-id.ts';
import { exchangeRefusal } from '../exchange-refusal.ts';
import { playerProcedure, router } from '../init.ts';
import type { GiftEnded, GiftList, GiftQuote, GiftSendAnswer } from '../views.ts';

const ROWS_MAX = 100;
const WINDOWS_MAX = 8;
const giftIdInput = z.string().max(40).transform(parseGiftId);
const envInput = z.string().max(8_192);

const rowInput = z.strictObject({
  referenceId: z.string().transform(parseReferenceId),
  itemId: itemIdInput,
  to: z.string().transform(parseAccountId),
  transfers: z.array(envInput).min(1).max(WINDOWS_MAX),
});

export const giftRouter = router({
  list: playerProcedure.query(
    ({ ctx }): Promise<GiftList> =>
      readSnapshot(ctx.services, ctx.player.acct, (snapshot) => listGifts(ctx.services, snapshot, ctx.player.acct)),
  ),
  waiting: playerProcedure.query(
    ({ ctx }): Promise<{ readonly waiting: number }> =>
      readSnapshot(ctx.services, ctx.player.acct, async (snapshot) => ({ waiting: await countWaitingGifts(snapshot, ctx.player.acct) })),
  ),
  quote: playerProcedure
    .input(z.strictObject({ itemIds: z.array(itemIdInput).min(1).max(ROWS_MAX), to: z.string().trim().min(1).max(80) }))
    .mutation(async ({ ctx, input }): Promise<GiftQuote> => {
      const answer = await ctx.services.market.gifts.quote(ctx.player, input);
      if (answer.kind === 'rejected') throw exchangeRefusal(answer);
      return answer;
    }),
  sendMany: playerProcedure
    .input(z.strictObject({ rows: z.array(rowInput).min(1).max(ROWS_MAX) }))
    .mutation(async ({ ctx, input }): Promise<readonly GiftSendAnswer[]> => {
      const answers = await ctx.services.market.gifts.sendMany(ctx.player, input.rows);
      return answers.map((answer) =>
        answer.kind === 'rejected' ? { ...answer, message: EXCHANGE_REFUSALS[answer.code].message } : answer,
      );
    }),
  accept: playerProcedure
    .input(z.strictObject({ giftId: giftIdInput, transfer: envInput }))
    .mutation(async ({ ctx, input }): Promise<GiftEnded> => {
      const answer = await ctx.services.market.gifts.accept(ctx.player, input);
      if (answer.kind === 'rejected') throw exchangeRefusal(answer);
      return answer;
    }),
  /** The recipient declines, the giver takes it back. */
  end: playerProcedure.input(z.strictObject({ giftId: giftIdInput })).mutation(async ({ ctx, input }): Promise<GiftEnded> => {
    const answer = await ctx.services.market.gifts.end(ctx.player, input.giftId);
    if (answer.kind === 'rejected') throw exchangeRefusal(answer);
    return answer;
  }),
});
