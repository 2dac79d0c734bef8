/** Joining an experiment after reading its disclosure (product P-23). */
import { z } from 'zod';
import { exchangeRefusal } from '../exchange-refusal.ts';
import { playerProcedure } from '../init.ts';

export const experimentJoinProcedure = playerProcedure
  .input(z.strictObject({ experimentId: z.string().max(40), disclosureVersion: z.string().max(20).optional() }))
  .mutation(async ({ ctx, input }) => {
    const answer = await ctx.services.market.joinExperiment(ctx.player, input.experimentId, input.disclosureVersion ?? 'd1');
    if (answer.kind === 'rejected') throw exchangeRefusal(answer);
    return answer.experiment;
  });

/** Stopping at any time, as the disclosure promises. */
export const experimentLeaveProcedure = playerProcedure
  .input(z.strictObject({ experimentId: z.string().max(40) }))
  .mutation(async ({ ctx, input }) => {
    const answer = await ctx.services.market.leaveExperiment(ctx.player, input.experimentId);
    if (answer.kind === 'rejected') throw exchangeRefusal(answer);
    return answer.experiment;
  });
