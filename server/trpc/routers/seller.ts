/** A seller as everybody may see him. */
import { z } from 'zod';
import { accountIdInput, found } from '#server/market/input.ts';
import { getSellerPage } from '#server/market/seller-page.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { SellerPage } from '../views.ts';

export const sellerRouter = router({
  get: publicProcedure.input(z.strictObject({ acct: accountIdInput })).query(async ({ ctx, input }): Promise<SellerPage> => {
    const viewer = ctx.playerSession?.player.acct ?? null;
    return found(
      await readSnapshot(ctx.services, viewer, (snapshot) => getSellerPage(ctx.services, snapshot, input.acct)),
      'seller_unknown',
    );
  }),
});
