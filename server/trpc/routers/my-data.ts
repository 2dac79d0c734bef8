/** What is stored about me (product P-46). The export itself is `POST /api/my-data/export`: a file, sent while it is written. */
import { z } from 'zod';
import { clearUnneeded, closeAccount } from '#server/my-data/close-account.ts';
import { readMyData } from '#server/my-data/read-my-data.ts';
import { CLOSE_REFUSALS } from '#server/my-data/refusals.ts';
import { identityRefusal, refusal } from '../errors.ts';
import { playerProcedure, router } from '../init.ts';
import type { MyDataView } from '../views.ts';
import { proofInput, proofOf } from './proof.schema.ts';

export const myDataRouter = router({
  get: playerProcedure.query(({ ctx }): Promise<MyDataView> => readMyData(ctx.services, ctx.player.acct)),
  /** What goes at any time: the watch list, and sign-ins that the law no longer asks for. */
  clear: playerProcedure.mutation(async ({ ctx }) => ({ deleted: await clearUnneeded(ctx.services, ctx.player.acct) })),
  /** For good: the key again, over `daoju.close-account/1`. */
  close: playerProcedure.input(z.strictObject({ proof: proofInput })).mutation(async ({ ctx, input }) => {
    const answer = await closeAccount(ctx.services, ctx.player.acct, proofOf(input.proof));
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    if (answer.kind === 'refused') {
      const { kind, message } = CLOSE_REFUSALS[answer.obstacle];
      throw refusal(kind, answer.obstacle, message);
    }
    ctx.setCookie('daoju_session', null, 0);
    return { isClosed: true };
  }),
});
