/** The page of a kind (product P-12). */
import { z } from 'zod';
import { getClassPage } from '#server/market/class-page.ts';
import { classIdInput, found } from '#server/market/input.ts';
import { getKindPanels } from '#server/market/kind-panels.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { ArtHolding, ClassPage, KindPanels } from '../views.ts';
import { candleInput } from './candle.schema.ts';

export const itemClassRouter = router({
  get: publicProcedure.input(z.strictObject({ classId: classIdInput })).query(async ({ ctx, input }): Promise<ClassPage> => {
    const viewer = ctx.playerSession?.player.acct ?? null;
    return found(
      await readSnapshot(ctx.services, viewer, (snapshot) => getClassPage(ctx.services, snapshot, input.classId)),
      'class_unknown',
    );
  }),
  /** Who holds the studio's picture (T-04); null for one that is none. */
  artHolders: publicProcedure
    .input(z.strictObject({ sm3: z.string().regex(/^[0-9a-f]{64}$/) }))
    .query(({ ctx, input }): Promise<ArtHolding | null> => ctx.services.artHolders(input.sm3)),
  /** All panels of the kind's page, of one ledger height (P-17). */
  getPanels: publicProcedure.input(candleInput).query(async ({ ctx, input }): Promise<KindPanels> => {
    const viewer = ctx.playerSession?.player.acct ?? null;
    // Before the snapshot: what is committed after this number is told by number, and may stand in it already.
    const before = await ctx.services.market.getDepth(input.classId);
    return found(
      await readSnapshot(ctx.services, viewer, (snapshot) => getKindPanels(ctx.services, snapshot, { chart: input, before })),
      'class_unknown',
    );
  }),
});
