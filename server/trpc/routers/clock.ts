/** The operator's panel of a demonstration (product O-25). Refused on any other chain. */
import { z } from 'zod';
import { router, staffProcedure } from '../init.ts';
import type { ClockView } from '../views.ts';

const operator = staffProcedure(['operator']);

export const clockRouter = router({
  get: operator.query(({ ctx }): Promise<ClockView> => ctx.services.clockPanel.view()),
  forward: operator
    .input(z.strictObject({ step: z.enum(['15m', '24h', '72h', '7d']), fromOffsetMs: z.number().int().min(0) }))
    .mutation(({ ctx, input }): Promise<ClockView> => ctx.services.clockPanel.forward(ctx.staff.staffId, input.step, input.fromOffsetMs)),
});
