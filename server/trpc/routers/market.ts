/** Market data of a kind (product P-14, P-15). */
import { z } from 'zod';
import { listCandles } from '#server/market/candles.ts';
import { listFitting } from '#server/market/fitting.ts';
import { classIdInput } from '#server/market/input.ts';
import { listBuyOrders } from '#server/market/offers.repo.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { listSilentGames, listSunsetNotices } from '#server/market/sunset-notices.repo.ts';
import { listTape } from '#server/market/tape.repo.ts';
import { publicProcedure, router } from '../init.ts';
import type { BuyOrderView, CandlePage, Depth, FittingListings, SilentNotice, SunsetNotice, TapeRow } from '../views.ts';
import { candleInput } from './candle.schema.ts';

const tapeInput = z.strictObject({ classId: classIdInput.optional(), limit: z.number().int().min(1).max(200).default(50) });

export const marketRouter = router({
  listSilent: publicProcedure.query(
    ({ ctx }): Promise<readonly SilentNotice[]> => listSilentGames(ctx.services.sql, ctx.services.clock.now()),
  ),
  listSunsets: publicProcedure.query(
    ({ ctx }): Promise<readonly SunsetNotice[]> => listSunsetNotices(ctx.services.sql, ctx.services.clock.now(), ctx.services.archives),
  ),
  listCandles: publicProcedure
    .input(candleInput)
    .query(({ ctx, input }): Promise<CandlePage> => readSnapshot(ctx.services, null, (snapshot) => listCandles(snapshot, input))),
  /** The levels now and the number of the change that made them so; later changes come over the kind's room as `book.delta`. */
  getDepth: publicProcedure
    .input(z.strictObject({ classId: classIdInput }))
    .query(({ ctx, input }): Promise<Depth> => ctx.services.market.getDepth(input.classId)),
  /** What people pay for one of this kind, orders for any kind that fits among them; best first. */
  listBuyOrders: publicProcedure
    .input(z.strictObject({ classId: classIdInput }))
    .query(async ({ ctx, input }): Promise<{ rows: readonly BuyOrderView[]; height: number }> => {
      const viewer = ctx.playerSession?.player.acct ?? null;
      return readSnapshot(ctx.services, viewer, async (snapshot) => ({
        rows: await listBuyOrders(ctx.services, snapshot, input.classId),
        height: snapshot.height,
      }));
    }),
  /** What a buy order with this condition could have at once (P-22); without a condition: listings of the kind. */
  listFitting: publicProcedure
    .input(z.strictObject({ classId: classIdInput, expression: z.string().max(4_000).default('') }))
    .query(({ ctx, input }): Promise<FittingListings> => {
      const viewer = ctx.playerSession?.player.acct ?? null;
      return readSnapshot(ctx.services, viewer, (snapshot) => listFitting(ctx.services, snapshot, input.classId, input.expression));
    }),
  listTape: publicProcedure.input(tapeInput).query(async ({ ctx, input }): Promise<{ rows: readonly TapeRow[]; height: number }> => {
    return readSnapshot(ctx.services, null, async (snapshot) => ({
      rows: await listTape(snapshot, { classId: input.classId ?? null, limit: input.limit }),
      height: snapshot.height,
    }));
  }),
});
