/** The ledger for everybody. */
import { z } from 'zod';
import { type BlocksPage, findInState, getBlock, getEntry, getEntryOfTx, listBlocks } from '#server/market/explorer.ts';
import { found, LEAF_UNKNOWN, stateInput } from '#server/market/input.ts';
import { publicProcedure, router } from '../init.ts';
import type { BlockPage, EntryPage, StatePage } from '../views.ts';

const number = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const explorerRouter = router({
  blocks: publicProcedure
    .input(z.strictObject({ before: number.optional() }))
    .query(({ ctx, input }): Promise<BlocksPage> => listBlocks(ctx.services, input.before)),
  block: publicProcedure
    .input(z.strictObject({ height: number }))
    .query(async ({ ctx, input }): Promise<BlockPage> => found(await getBlock(ctx.services, input.height), 'block_unknown')),
  entry: publicProcedure
    .input(z.strictObject({ index: number }))
    .query(async ({ ctx, input }): Promise<EntryPage> => found(await getEntry(ctx.services, input.index), 'entry_unknown')),
  tx: publicProcedure
    .input(z.strictObject({ txId: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits') }))
    .query(async ({ ctx, input }): Promise<EntryPage> => found(await getEntryOfTx(ctx.services, input.txId), 'tx_unknown')),
  state: publicProcedure
    .input(stateInput)
    .query(({ ctx, input }): StatePage => found(findInState(ctx.services, input.register, input.id), LEAF_UNKNOWN[input.register])),
});
