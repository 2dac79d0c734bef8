/** What is mine (product P-36). */
import { z } from 'zod';
import { cursorInput } from '#server/market/input.ts';
import { getPortfolio } from '#server/market/portfolio.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { playerProcedure, router } from '../init.ts';
import type { Portfolio } from '../views.ts';

export const portfolioRouter = router({
  list: playerProcedure
    .input(z.strictObject({ cursor: cursorInput }))
    .query(
      ({ ctx, input }): Promise<Portfolio> =>
        readSnapshot(ctx.services, ctx.player.acct, (snapshot) => getPortfolio(snapshot, ctx.player.acct, input.cursor)),
    ),
});
