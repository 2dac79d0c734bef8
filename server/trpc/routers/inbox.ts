/** The inbox (product P-40): its own person's alone. */
import { z } from 'zod';
import { markRead, markReadUpTo, setMuted } from '#server/inbox/inbox.repo.ts';
import { readInbox, readUnread } from '#server/inbox/inbox.ts';
import { MUTABLE_FAMILIES, NOTICE_FAMILIES } from '#server/inbox/read-notice.ts';
import { playerProcedure, router } from '../init.ts';
import type { InboxPage, InboxUnread } from '../views.ts';

const seqInput = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

export const inboxRouter = router({
  list: playerProcedure
    .input(z.strictObject({ family: z.enum(NOTICE_FAMILIES).nullable(), before: seqInput.nullable(), isUnreadOnly: z.boolean() }))
    .query(({ ctx, input }): Promise<InboxPage> => readInbox(ctx.services.sql, ctx.player.acct, input)),
  unread: playerProcedure.query(({ ctx }): Promise<InboxUnread> => readUnread(ctx.services.sql, ctx.player.acct)),
  markRead: playerProcedure.input(z.strictObject({ seq: seqInput })).mutation(async ({ ctx, input }): Promise<InboxUnread> => {
    await ctx.services.sql.begin((tx) => markRead(tx, ctx.player.acct, input.seq));
    return readUnread(ctx.services.sql, ctx.player.acct);
  }),
  /** What came after the page was drawn stays unread. */
  markAllRead: playerProcedure.input(z.strictObject({ upTo: seqInput })).mutation(async ({ ctx, input }): Promise<InboxUnread> => {
    await ctx.services.sql.begin((tx) => markReadUpTo(tx, ctx.player.acct, input.upTo));
    return readUnread(ctx.services.sql, ctx.player.acct);
  }),
  mute: playerProcedure
    .input(z.strictObject({ family: z.enum(MUTABLE_FAMILIES), isMuted: z.boolean() }))
    .mutation(async ({ ctx, input }): Promise<InboxUnread> => {
      await ctx.services.sql.begin((tx) => setMuted(tx, ctx.player.acct, input.family, input.isMuted));
      return readUnread(ctx.services.sql, ctx.player.acct);
    }),
});
