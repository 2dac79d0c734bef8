/** The page of one item (product P-13). */
import { z } from 'zod';
import { isSupervisor } from '#server/market/audience.ts';
import { found, itemIdInput } from '#server/market/input.ts';
import { getItemPage } from '#server/market/item-page.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { ItemPage } from '../views.ts';

export const itemRouter = router({
  get: publicProcedure.input(z.strictObject({ itemId: itemIdInput })).query(async ({ ctx, input }): Promise<ItemPage> => {
    const viewer = ctx.playerSession?.player.acct ?? null;
    const seesPrices = ctx.staffSession !== null && isSupervisor(ctx.staffSession.role);
    return found(
      await readSnapshot(ctx.services, viewer, (snapshot) => getItemPage(ctx.services, snapshot, input.itemId, seesPrices)),
      'item_unknown',
    );
  }),
});
