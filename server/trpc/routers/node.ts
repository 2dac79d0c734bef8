/** The node page, for everybody; changes of the consortium by officials of its members (O-11). */
import { z } from 'zod';
import { type NodePage, readNodePage } from '#server/members/node-page.ts';
import { changeInput, type ProposalDesk, type ProposalView } from '#server/members/proposals.ts';
import type { CallContext } from '../context.ts';
import { refusal } from '../errors.ts';
import { publicProcedure, router, staffProcedure } from '../init.ts';

const official = staffProcedure(['operator', 'studio', 'sup_tax', 'sup_market', 'sup_finance', 'auditor', 'notary']);
const act = {
  reason: z.string().trim().min(1).max(400),
  certificate: z.base64().max(8_192),
  signature: z.string().regex(/^[0-9a-f]{128}$/),
};

function deskOf({ services }: Pick<CallContext, 'services'>): ProposalDesk {
  if (services.proposals === null) throw refusal('unprocessable', 'alone', 'One member runs this chain alone: there is nobody to vote.');
  return services.proposals;
}

export const nodeRouter = router({
  get: publicProcedure.query(({ ctx }): Promise<NodePage> => readNodePage(ctx.services)),
  proposals: publicProcedure.query(
    async ({ ctx }): Promise<{ readonly rows: readonly ProposalView[]; readonly member: number | null; readonly chain: string }> => ({
      rows: (await ctx.services.proposals?.list()) ?? [],
      member: ctx.staffSession === null ? null : (ctx.services.proposals?.memberOf(ctx.staffSession) ?? null),
      chain: Buffer.from(ctx.services.ledger.chain).toString('hex'),
    }),
  ),
  draft: official.input(z.strictObject({ change: changeInput })).query(({ ctx, input }) => deskOf(ctx).draft(input.change)),
  propose: official
    .input(z.strictObject({ ...act, change: changeInput }))
    .mutation(({ ctx, input }): Promise<void> => deskOf(ctx).propose(ctx.staff, input)),
  vote: official
    .input(z.strictObject({ ...act, proposalId: z.string().max(40), vote: z.enum(['for', 'against']) }))
    .mutation(({ ctx, input }): Promise<void> => deskOf(ctx).vote(ctx.staff, input)),
});
