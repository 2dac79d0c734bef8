/** Market data of a kind (product P-14, P-15). */
import { z } from 'zod';
import { INTERVALS, listCandles, RANGES } from '#server/market/candles.ts';
import { getDepth } from '#server/market/depth.ts';
import { classIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { listTape } from '#server/market/tape.repo.ts';
import { publicProcedure, router } from '../init.ts';
import type { CandlePage, Depth, TapeRow } from '../views.ts';

const candleInput = z.strictObject({
  classId: classIdInput,
  interval: z.enum(Object.keys(INTERVALS) as [keyof typeof INTERVALS, ...(keyof typeof INTERVALS)[]]),
  range: z.enum(Object.keys(RANGES) as [keyof typeof RANGES, ...(keyof typeof RANGES)[]]).default('30d'),
  filtered: z.boolean().default(false),
});
const tapeInput = z.strictObject({ classId: classIdInput.optional(), limit: z.number().int().min(1).max(200).default(50) });

export const marketRouter = router({
  listCandles: publicProcedure
    .input(candleInput)
    .query(({ ctx, input }): Promise<CandlePage> => readSnapshot(ctx.services, null, (snapshot) => listCandles(snapshot, input))),
  getDepth: publicProcedure
    .input(z.strictObject({ classId: classIdInput }))
    .query(({ ctx, input }): Promise<Depth> => readSnapshot(ctx.services, null, (snapshot) => getDepth(snapshot, input.classId))),
  listTape: publicProcedure.input(tapeInput).query(async ({ ctx, input }): Promise<{ rows: readonly TapeRow[]; height: number }> => {
    return readSnapshot(ctx.services, null, async (snapshot) => ({
      rows: await listTape(snapshot, { classId: input.classId ?? null, limit: input.limit }),
      height: snapshot.height,
    }));
  }),
});
