/** Disputes about a trade (product P-32): the parties' steps with the passphrase again, the desk's and the supervisors' with their certificates. */
import { z } from 'zod';
import { fromHex, toBase64 } from '#ledger/primitives/bytes.ts';
import { CLAIM_KINDS } from '#sandbox/cases/claim-order.ts';
import { acceptDecision, answerClaim, appealClaim, openClaim, withdrawClaim } from '#server/claims/claim-acts.ts';
import { refuseClaim } from '#server/claims/claim-codes.ts';
import { decideClaim, reviewClaim } from '#server/claims/claim-rulings.ts';
import { type ClaimViewer, claimView, ownClaims, roleIn } from '#server/claims/claim-views.ts';
import { findClaim, findClaimOfTrade, findFile } from '#server/claims/claims.repo.ts';
import { declareTakeover, takeoverOf } from '#server/claims/declare-takeover.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { isSupervisor, SUPERVISOR_ROLES } from '#server/market/audience.ts';
import { tradeIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import type { CallContext } from '../context.ts';
import { playerProcedure, publicProcedure, router, staffProcedure } from '../init.ts';
import type { ClaimView, OwnClaim, TakeoverTerms, TakeoverView } from '../views.ts';
import { actIdInput, reasonInput, signatureInput, signedTxInput } from './case.ts';
import { proofInput } from './proof.schema.ts';

const DAY_MS = 86_400_000;

const claimIdInput = z.string().regex(/^clm_[0-9a-f]{32}$/, 'a dispute');
export const filesInput = z
  .array(z.strictObject({ name: z.string().min(1).max(200), mime: z.string().max(60), base64: z.string().max(600_000) }))
  .max(10);
const rulingInput = z.strictObject({
  actId: actIdInput,
  claimId: claimIdInput,
  isUpheld: z.boolean(),
  reason: reasonInput,
  signature: signatureInput,
});

/** In one browser both a player and an official may be signed in: `as` says who asks. */
const asInput = z.enum(['party', 'staff']);

function viewersOf({ playerSession, staffSession }: CallContext, as: z.infer<typeof asInput>): ClaimViewer | null {
  if (as === 'party') return playerSession === null ? null : { kind: 'party', acct: playerSession.player.acct };
  if (staffSession === null) return null;
  if (staffSession.role === 'operator') return { kind: 'desk' };
  return isSupervisor(staffSession.role) ? { kind: 'supervisor', role: staffSession.role } : null;
}

function requireViewer(ctx: CallContext, as: z.infer<typeof asInput>): ClaimViewer {
  const viewer = viewersOf(ctx, as);
  if (viewer === null) throw refuseClaim('claim_unknown');
  return viewer;
}

export const claimRouter = router({
  list: playerProcedure.query(
    async ({ ctx }): Promise<readonly OwnClaim[]> =>
      (await readSnapshot(ctx.services, ctx.player.acct, async (snapshot) => ({ list: await ownClaims(snapshot, ctx.player.acct) }))).list,
  ),
  get: publicProcedure.input(z.strictObject({ claimId: claimIdInput, as: asInput })).query(async ({ ctx, input }): Promise<ClaimView> => {
    const viewer = requireViewer(ctx, input.as);
    const acct = viewer.kind === 'party' ? viewer.acct : null;
    const view = await readSnapshot(ctx.services, acct, (snapshot) => claimView(ctx.services, snapshot, viewer, input.claimId));
    if (view === null) throw refuseClaim('claim_unknown');
    return view;
  }),
  /** Null: none, or not theirs. */
  ofTrade: publicProcedure.input(z.strictObject({ tradeId: tradeIdInput, as: asInput })).query(async ({ ctx, input }) => {
    const viewer = viewersOf(ctx, input.as);
    if (viewer === null) return { claimId: null };
    const claim = await findClaimOfTrade(ctx.services.sql, input.tradeId);
    const role = claim === null ? null : await ctx.services.sql.begin(async (tx) => ({ is: await roleIn({ tx }, claim, viewer) }));
    return { claimId: role?.is == null ? null : (claim?.claimId ?? null) };
  }),
  file: publicProcedure
    .input(z.strictObject({ claimId: claimIdInput, sm3: z.string().regex(/^[0-9a-f]{64}$/), as: asInput }))
    .query(async ({ ctx, input }): Promise<{ readonly name: string; readonly mime: string; readonly base64: string }> => {
      const viewer = requireViewer(ctx, input.as);
      const { sql } = ctx.services;
      const { file } = await sql.begin(async (tx) => {
        const claim = await findClaim(tx, input.claimId);
        const role = claim === null ? null : await roleIn({ tx }, claim, viewer);
        if (role === null) throw refuseClaim('claim_unknown');
        return { file: await findFile(tx, input.claimId, fromHex(input.sm3, 32)) };
      });
      if (file === null) throw refuseClaim('claim_file_unknown');
      return { name: file.name, mime: file.mime, base64: toBase64(file.bytes) };
    }),
  open: playerProcedure
    .input(
      z.strictObject({
        actId: actIdInput,
        tradeId: tradeIdInput,
        kind: z.enum(CLAIM_KINDS),
        reason: reasonInput,
        files: filesInput,
        proof: proofInput,
      }),
    )
    .mutation(
      async ({ ctx, input }): Promise<{ readonly claimId: string }> => ({
        claimId: await openClaim(ctx.services, ctx.player.acct, input),
      }),
    ),
  declareTakeover: playerProcedure
    .input(z.strictObject({ actId: actIdInput, text: reasonInput, proof: proofInput }))
    .mutation(({ ctx, input }): Promise<TakeoverView> => declareTakeover(ctx.services, ctx.player.acct, input)),
  takeover: playerProcedure.query(async ({ ctx }): Promise<{ readonly running: TakeoverView | null; readonly terms: TakeoverTerms }> => {
    const { ledger, clock } = ctx.services;
    const { takeoverTradesMs, takeoverCoolMs } = clocksAt(ledger, clock.now());
    return {
      running: await takeoverOf(ctx.services, ctx.player.acct),
      terms: { tradesDays: takeoverTradesMs / DAY_MS, coolDays: takeoverCoolMs / DAY_MS },
    };
  }),
  answer: playerProcedure
    .input(
      z.strictObject({
        actId: actIdInput,
        claimId: claimIdInput,
        stance: z.enum(['agrees', 'contests']),
        text: reasonInput,
        files: filesInput,
        proof: proofInput,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      await answerClaim(ctx.services, ctx.player.acct, input);
      return { isDone: true };
    }),
  appeal: playerProcedure
    .input(z.strictObject({ actId: actIdInput, claimId: claimIdInput, text: reasonInput, proof: proofInput }))
    .mutation(async ({ ctx, input }) => {
      await appealClaim(ctx.services, ctx.player.acct, input);
      return { isDone: true };
    }),
  accept: playerProcedure.input(z.strictObject({ claimId: claimIdInput })).mutation(async ({ ctx, input }) => {
    await acceptDecision(ctx.services, ctx.player.acct, input.claimId);
    return { isDone: true };
  }),
  withdraw: playerProcedure.input(z.strictObject({ claimId: claimIdInput })).mutation(async ({ ctx, input }) => {
    await withdrawClaim(ctx.services, ctx.player.acct, input.claimId);
    return { isDone: true };
  }),
  decide: staffProcedure(['operator'])
    .input(rulingInput)
    .mutation(async ({ ctx, input }) => {
      const { signature, ...ruling } = input;
      await decideClaim(ctx.services, ctx.staff, ruling, signature);
      return { isDone: true };
    }),
  review: staffProcedure(SUPERVISOR_ROLES)
    .input(rulingInput.extend({ signedTx: signedTxInput }))
    .mutation(async ({ ctx, input }) => {
      const { signature, signedTx, ...ruling } = input;
      const { waits } = await reviewClaim(ctx.services, ctx.staff, ruling, { signature, signedTx });
      return { isDone: !waits };
    }),
});
