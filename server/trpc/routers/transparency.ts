/** The public page (product V-26). Open to everybody. */
import { publicProcedure, router } from '../init.ts';
import type { Transparency } from '../views.ts';

export const transparencyRouter = router({
  get: publicProcedure.query(({ ctx }): Promise<Transparency> => ctx.services.transparency()),
});
