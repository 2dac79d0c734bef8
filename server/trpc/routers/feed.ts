/** Older pages of a room by number (product V-03): a screen that began with the newest messages reads back from there. */
import { z } from 'zod';
import { refuseRoom } from '#server/realtime/rooms.ts';
import { refusal } from '../errors.ts';
import { router, staffProcedure } from '../init.ts';
import type { FeedPage } from '../views.ts';

const PAGE = 500;

export const feedRouter = router({
  before: staffProcedure(['sup_tax', 'sup_market', 'sup_finance', 'auditor'])
    .input(z.strictObject({ room: z.string().max(100), beforeSeq: z.number().int().min(2).max(Number.MAX_SAFE_INTEGER) }))
    .query(async ({ ctx, input }): Promise<FeedPage> => {
      const { room, beforeSeq } = input;
      const refused = refuseRoom('/supervisor', room, { acct: null, role: ctx.staff.role, studio: null });
      if (refused !== null) throw refusal('forbidden', refused, 'This room is not in the view of your role.');
      const { outbox } = ctx.services;
      const { seq } = await outbox.getHead(room);
      if (beforeSeq > seq + 1) {
        throw refusal('unprocessable', 'feed_seq_ahead', 'The room has not come as far as that number. Load the page again.', {
          headSeq: seq,
        });
      }
      const from = Math.max(1, beforeSeq - PAGE);
      const messages = await outbox.list(room, from - 1, beforeSeq - from);
      // As stored: what is missing or changed is for the reader to find.
      return { room, messages: messages.filter((message) => message.seq < beforeSeq) };
    }),
});
