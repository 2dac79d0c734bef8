/** What is stored about me (product P-46). The export itself is `POST /api/my-data/export`: a file, sent while it is written. */
import { readMyData } from '#server/my-data/read-my-data.ts';
import { playerProcedure, router } from '../init.ts';
import type { MyDataView } from '../views.ts';

export const myDataRouter = router({
  get: playerProcedure.query(({ ctx }): Promise<MyDataView> => readMyData(ctx.services, ctx.player.acct)),
});
