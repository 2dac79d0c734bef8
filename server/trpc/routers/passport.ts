/** The passport of an item as a file (product P-43). */
import { z } from 'zod';
import { getPassport, type ProofFile } from '#server/market/files.ts';
import { itemIdInput } from '#server/market/input.ts';
import { publicProcedure, router } from '../init.ts';

export const passportRouter = router({
  get: publicProcedure
    .input(z.strictObject({ itemId: itemIdInput }))
    .query(({ ctx, input }): Promise<ProofFile> => getPassport(ctx.services, ctx.playerSession?.player.acct ?? null, input.itemId)),
});
