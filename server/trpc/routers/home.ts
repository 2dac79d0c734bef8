/** The front page. */
import { getHome } from '#server/market/home.ts';
import { publicProcedure, router } from '../init.ts';
import type { Home } from '../views.ts';

export const homeRouter = router({
  get: publicProcedure.query(({ ctx }): Promise<Home> => getHome(ctx.services, ctx.playerSession?.player.acct ?? null)),
});
