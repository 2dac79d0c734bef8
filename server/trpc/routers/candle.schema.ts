/** Which candles a chart shows (product P-14). */
import { z } from 'zod';
import { INTERVALS, RANGES } from '#server/market/candles.ts';
import { classIdInput } from '#server/market/input.ts';

export const candleInput = z.strictObject({
  classId: classIdInput,
  interval: z.enum(Object.keys(INTERVALS) as [keyof typeof INTERVALS, ...(keyof typeof INTERVALS)[]]),
  range: z.enum(Object.keys(RANGES) as [keyof typeof RANGES, ...(keyof typeof RANGES)[]]).default('30d'),
  filtered: z.boolean().default(false),
});
