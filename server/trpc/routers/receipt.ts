/** The receipt of a certified trade as a file (product P-31). */
import { z } from 'zod';
import { getReceipt, type ProofFile } from '#server/market/files.ts';
import { tradeIdInput } from '#server/market/input.ts';
import { playerProcedure, router } from '../init.ts';

export const receiptRouter = router({
  get: playerProcedure
    .input(z.strictObject({ tradeId: tradeIdInput }))
    .query(({ ctx, input }): Promise<ProofFile> => getReceipt(ctx.services, ctx.player.acct, input.tradeId)),
});
