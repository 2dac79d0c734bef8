/** The operator's desk (product O-17), and what people bring to it: reports and sworn claims of theft (P-32, P-34). */
import { z } from 'zod';
import { DESK_ACTS, DESK_QUEUES } from '#sandbox/cases/desk-order.ts';
import { actAtDesk, report, swearTheft } from '#server/desk/desk.ts';
import { deskView } from '#server/desk/desk-view.ts';
import { openObjection } from '#server/desk/objections.ts';
import { itemIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { playerProcedure, router, staffProcedure } from '../init.ts';
import type { DeskView } from '../views.ts';
import { actIdInput, reasonInput, signatureInput } from './case.ts';
import { proofInput } from './proof.schema.ts';

const operator = staffProcedure(['operator']);

export const deskRouter = router({
  get: operator.query(({ ctx }): Promise<DeskView> => readSnapshot(ctx.services, null, (snapshot) => deskView(ctx.services, snapshot))),
  act: operator
    .input(
      z.strictObject({
        actId: actIdInput,
        queue: z.enum(DESK_QUEUES),
        subjectId: z.string().min(4).max(100),
        act: z.enum(DESK_ACTS),
        text: reasonInput,
        signature: signatureInput,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { signature, ...order } = input;
      await actAtDesk(ctx.services, ctx.staff, order, signature);
      return { isDone: true };
    }),
  report: playerProcedure
    .input(z.strictObject({ kind: z.enum(['item', 'person']), subjectId: z.string().min(4).max(100), text: reasonInput }))
    .mutation(async ({ ctx, input }) => {
      await report(ctx.services, ctx.player.acct, input);
      return { isDone: true };
    }),
  swearTheft: playerProcedure
    .input(z.strictObject({ actId: actIdInput, itemId: itemIdInput, text: reasonInput, proof: proofInput }))
    .mutation(async ({ ctx, input }) => {
      await swearTheft(ctx.services, ctx.player.acct, input);
      return { isDone: true };
    }),
});

/** Anyone who is signed in, while it is in publicity (P-30). */
export const objectionRouter = router({
  open: playerProcedure
    .input(
      z.strictObject({
        actId: actIdInput,
        subjectId: z.string().regex(/^(?:trd_[0-9a-f]{32}|ord_[0-9a-f]{64})$/, 'a trade or a listing'),
        text: reasonInput,
      }),
    )
    .mutation(({ ctx, input }) => openObjection(ctx.services, ctx.player.acct, input)),
});
