/** The node page, for everybody. */
import { type NodePage, readNodePage } from '#server/members/node-page.ts';
import { publicProcedure, router } from '../init.ts';

export const nodeRouter = router({
  get: publicProcedure.query(({ ctx }): Promise<NodePage> => readNodePage(ctx.services)),
});
