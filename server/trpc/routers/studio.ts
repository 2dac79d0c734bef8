/** The studio's console (product 2.3). */
import { z } from 'zod';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { found } from '#server/market/input.ts';
import { keptReturns } from '#server/market/returns.ts';
import { announceSunset } from '#server/rest/routes/sunset.ts';
import { postSunset } from '#server/rest/schemas.ts';
import { getLife, getSunset, type LifeView, type SunsetView } from '#server/studio/sunset.ts';
import type { CallContext } from '../context.ts';
import { refusal } from '../errors.ts';
import { router } from '../init.ts';
import type { ImportProgress, PeriodReturns, StudioOverview } from '../views.ts';
import { studioKindProcedures } from './studio-kinds.ts';
import { studioProcedure } from './studio-procedure.ts';
import { asRefusals } from './studio-refusals.ts';

const jobInput = z.strictObject({ jobId: z.string().regex(/^job_[0-9a-f]{32}$/, 'the id of an import') });

export type SunsetPage = { readonly sunset: SunsetView | null; readonly life: readonly LifeView[] };

export const studioRouter = router({
  ...studioKindProcedures,
  overview: studioProcedure.query(
    async ({ ctx }): Promise<StudioOverview> => found(await ctx.services.studio.getOverview(ctx.studioAcct), 'studio_unknown'),
  ),
  sunset: studioProcedure.query(
    async ({ ctx }): Promise<SunsetPage> => ({
      sunset: await getSunset(ctx.services.studio.ports, ctx.studioAcct, ctx.services.archives),
      life: await getLife(ctx.services.studio.ports, ctx.studioAcct),
    }),
  ),
  /** The same as `POST /api/v1/games/{id}/sunset`, signed by the issuing key that lies here. */
  announceSunset: studioProcedure
    .input(z.strictObject({ gameId: z.string().max(100), sunset: postSunset.omit({ ledger_txs: true }) }))
    .mutation(async ({ ctx, input }): Promise<SunsetView> => {
      const { services, studioAcct } = ctx;
      await asRefusals(() =>
        announceSunset({
          services,
          caller: { acct: studioAcct, keyId: 'console', tier: 'standard', mayWrite: true },
          params: { id: input.gameId },
          query: new URLSearchParams(),
          body: input.sunset,
          prefer: { waitSeconds: 0 },
        }),
      );
      return found(await getSunset(services.studio.ports, studioAcct, services.archives), 'studio_unknown');
    }),
  /** Its own, of a month. */
  returns: studioProcedure
    .input(z.strictObject({ period: z.string().max(10) }))
    .query(({ ctx, input }): Promise<PeriodReturns> => keptReturns(ctx.services, input.period, ctx.studioAcct)),
  job: studioProcedure.input(jobInput).query(({ ctx, input }): Promise<ImportProgress> => findJob(ctx, ctx.studioAcct, input.jobId)),
  pauseJob: studioProcedure
    .input(jobInput)
    .mutation(({ ctx, input }): Promise<ImportProgress> => actOnJob(ctx, ctx.studioAcct, input.jobId, 'pause')),
  resumeJob: studioProcedure
    .input(jobInput)
    .mutation(({ ctx, input }): Promise<ImportProgress> => actOnJob(ctx, ctx.studioAcct, input.jobId, 'resume')),
  cancelJob: studioProcedure
    .input(jobInput)
    .mutation(({ ctx, input }): Promise<ImportProgress> => actOnJob(ctx, ctx.studioAcct, input.jobId, 'cancel')),
});

type Ctx = Pick<CallContext, 'services'>;

async function findJob({ services }: Ctx, acct: AccountId, jobId: string): Promise<ImportProgress> {
  const jobs = await services.studio.listImports(acct);
  return found(jobs.find((job) => job.jobId === jobId) ?? null, 'job_unknown');
}

async function actOnJob(ctx: Ctx, acct: AccountId, jobId: string, act: 'pause' | 'resume' | 'cancel'): Promise<ImportProgress> {
  const outcome = await ctx.services.studio.actOnJob(acct, jobId, act);
  if (outcome === 'job_ended') throw refusal('conflict', 'job_ended', 'This import is already over.');
  return findJob(ctx, acct, jobId);
}
