/** Experiments: what runs, under which caps, and taking part. */
import { z } from 'zod';
import { findExperimentView, listExperimentViews } from '#server/market/experiments.ts';
import { found } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { ExperimentView } from '../views.ts';
import { experimentJoinProcedure } from './experiment-join.ts';

const idInput = z.strictObject({ experimentId: z.string().max(40) });

export const experimentRouter = router({
  get: publicProcedure.input(idInput).query(async ({ ctx, input }): Promise<ExperimentView> => {
    const viewer = ctx.playerSession?.player.acct ?? null;
    return found(
      await readSnapshot(ctx.services, viewer, (snapshot) => findExperimentView(snapshot, input.experimentId)),
      'experiment_unknown',
    );
  }),
  list: publicProcedure.query(
    ({ ctx }): Promise<readonly ExperimentView[]> =>
      readSnapshot(ctx.services, ctx.playerSession?.player.acct ?? null, (snapshot) => listExperimentViews(snapshot)),
  ),
  join: experimentJoinProcedure,
});
