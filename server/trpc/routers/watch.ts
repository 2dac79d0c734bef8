/** The watch list (product P-09): its own person's alone. */
import { z } from 'zod';
import { parseFen } from '#ledger/primitives/fen.ts';
import { classIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { listWatched, unwatchKind, watchKind } from '#server/market/watched.repo.ts';
import { playerProcedure, router } from '../init.ts';
import type { WatchedKind } from '../views.ts';

const priceInput = z
  .string()
  .regex(/^[1-9]\d{0,11}$/, 'a price in fen')
  .transform(parseFen);

export const watchRouter = router({
  list: playerProcedure.query(
    async ({ ctx }): Promise<readonly WatchedKind[]> =>
      (await readSnapshot(ctx.services, ctx.player.acct, async (snapshot) => ({ list: await listWatched(snapshot, ctx.player.acct) })))
        .list,
  ),
  put: playerProcedure
    .input(z.strictObject({ classId: classIdInput, belowFen: priceInput.nullable() }))
    .mutation(async ({ ctx, input }): Promise<{ readonly watched: true }> => {
      await watchKind(ctx.services, ctx.player.acct, { ...input, now: ctx.services.clock.now() });
      return { watched: true };
    }),
  remove: playerProcedure
    .input(z.strictObject({ classId: classIdInput }))
    .mutation(async ({ ctx, input }): Promise<{ readonly watched: false }> => {
      await unwatchKind(ctx.services, ctx.player.acct, input.classId);
      return { watched: false };
    }),
});
