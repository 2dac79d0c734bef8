/** Experiments: what runs, under which caps, and taking part. */
import { z } from 'zod';
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import { toBase64, toHex } from '#ledger/primitives/bytes.ts';
import type { Services } from '#server/context.ts';
import type { Running } from '#server/exchange/experiments.ts';
import { noticeView } from '#server/experiments/desk-view.ts';
import { commentId } from '#server/experiments/move.ts';
import { deskRefusal } from '#server/experiments/refusals.ts';
import { findReport } from '#server/experiments/report.repo.ts';
import { insertExperimentComment } from '#server/experiments/steps.repo.ts';
import { findExperimentView, listExperimentViews } from '#server/market/experiments.ts';
import { found } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { playerProcedure, publicProcedure, router } from '../init.ts';
import type { ExperimentView } from '../views.ts';
import { experimentJoinProcedure, experimentLeaveProcedure } from './experiment-join.ts';

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
  leave: experimentLeaveProcedure,
  /** The way so far, what people said during the notice, and the report at the end. */
  notice: publicProcedure.input(idInput).query(({ ctx, input }) => noticeView(ctx.services, published(ctx.services, input.experimentId))),
  comment: playerProcedure.input(idInput.extend({ text: z.string().trim().min(1).max(2000) })).mutation(async ({ ctx, input }) => {
    const { services, player } = ctx;
    const running = published(services, input.experimentId);
    if (running.experiment.status !== 'PUBLIC_NOTICE') throw deskRefusal('notice_over');
    await insertExperimentComment(services.sql, input.experimentId, {
      commentId: commentId(services.random.bytes(16)),
      at: services.clock.now(),
      author: player.acct,
      text: input.text,
    });
    return noticeView(services, running);
  }),
  report: publicProcedure.input(idInput).query(async ({ ctx, input }) => {
    const report = await findReport(ctx.services.sql, input.experimentId);
    if (report === null) throw deskRefusal('report_missing');
    const { body, bodyHash, signature, pdf } = report;
    return { json: canonicalText(body), bodyHash: toHex(bodyHash), signature: toHex(signature), pdf: toBase64(pdf) };
  }),
});

/** A draft is nobody's business but its authors'. */
function published({ experiments }: Services, experimentId: string): Running {
  const running = experiments.market.experiments.find(experimentId);
  return found(running?.experiment.status === 'DRAFT' ? null : running, 'experiment_unknown');
}
