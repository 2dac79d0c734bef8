/** What restricts me, and my objection to it (product V-16). */
import { z } from 'zod';
import { appealFreeze } from '#server/cases/appeals.ts';
import { restrictionsOf } from '#server/cases/case-views.ts';
import { listCoolDownsOf } from '#server/compliance/cool-downs.repo.ts';
import { coolDownView, objectToCoolDown } from '#server/compliance/cool-downs.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { playerProcedure, router } from '../init.ts';
import type { CoolDownView, Restriction } from '../views.ts';
import { reasonInput } from './case.ts';

export const restrictionRouter = router({
  list: playerProcedure.query(
    async ({ ctx }): Promise<readonly Restriction[]> =>
      (await readSnapshot(ctx.services, ctx.player.acct, async (snapshot) => ({ list: await restrictionsOf(snapshot, ctx.player.acct) })))
        .list,
  ),
  coolDowns: playerProcedure.query(
    async ({ ctx }): Promise<readonly CoolDownView[]> =>
      (
        await readSnapshot(ctx.services, ctx.player.acct, async ({ tx, now }) => ({
          list: (await listCoolDownsOf(tx, ctx.player.acct, now)).map((row) => coolDownView(row, now)),
        }))
      ).list,
  ),
  objectToCoolDown: playerProcedure
    .input(z.strictObject({ coolDownId: z.string().regex(/^cld_[0-9a-f]{32}$/, 'a cool-down'), text: reasonInput }))
    .mutation(({ ctx, input }) => objectToCoolDown(ctx.services, ctx.player.acct, input.coolDownId, input.text)),
  appeal: playerProcedure
    .input(z.strictObject({ freezeId: z.string().regex(/^frz_[0-9a-f]{32}$/, 'a freeze'), text: reasonInput }))
    .mutation(
      async ({ ctx, input }): Promise<{ readonly appealId: string }> => ({
        appealId: await appealFreeze(ctx.services, ctx.player.acct, input.freezeId, input.text),
      }),
    ),
});
