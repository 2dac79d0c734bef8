/** The page of a kind (product P-12). */
import { z } from 'zod';
import { getClassPage } from '#server/market/class-page.ts';
import { classIdInput, found } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { ClassPage } from '../views.ts';

export const itemClassRouter = router({
  get: publicProcedure.input(z.strictObject({ classId: classIdInput })).query(async ({ ctx, input }): Promise<ClassPage> => {
    const viewer = ctx.playerSession?.player.acct ?? null;
    return found(
      await readSnapshot(ctx.services, viewer, (snapshot) => getClassPage(ctx.services, snapshot, input.classId)),
      'class_unknown',
    );
  }),
});
