/** Signing in by a signed challenge, and the list of sessions (product P-06). */
import { z } from 'zod';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { OpenedSession, PlayerSession } from '#server/identity/identity.ts';
import type { CallContext } from '../context.ts';
import { identityRefusal } from '../errors.ts';
import { playerProcedure, publicProcedure, router } from '../init.ts';
import type { Me } from '../views.ts';

const SESSION_SECONDS = 12 * 3600;
const DEVICE_SECONDS = 400 * 86_400;

const signInInput = z.strictObject({
  acct: z.string().max(64),
  challenge: z.string().max(64),
  issuedAt: z.string().max(30),
  signature: z.string().max(128),
});

export const sessionRouter = router({
  challenge: publicProcedure.mutation(async ({ ctx }) => {
    const { expiresAt, ...document } = await ctx.services.identity.challenge();
    return { ...document, expiresAt: toIso(expiresAt) };
  }),
  signIn: publicProcedure.input(signInInput).mutation(async ({ ctx, input }) => {
    const answer = await ctx.services.identity.signIn({
      ...input,
      acct: parseAccountId(input.acct),
      signature: fromHex(input.signature, 64),
      device: ctx.device,
      deviceId: ctx.deviceId,
    });
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    setSessionCookie(ctx, answer.session);
    return playerMe(ctx, { sessionId: answer.session.sessionId, player: answer.player });
  }),
  signOut: playerProcedure.mutation(async ({ ctx }) => {
    await ctx.services.identity.signOut(ctx.playerSession.sessionId);
    ctx.setCookie('daoju_session', null, 0);
    return { isSignedOut: true };
  }),
  list: playerProcedure.query(({ ctx }) => ctx.services.identity.listSessions(ctx.player.acct, ctx.playerSession.sessionId)),
  revoke: playerProcedure.input(z.strictObject({ sessionId: z.string().max(64) })).mutation(async ({ ctx, input }) => {
    const answer = await ctx.services.identity.revokeSession(ctx.player.acct, input.sessionId);
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    return { isRevoked: true };
  }),
  demoAccounts: publicProcedure.query(({ ctx }) => ctx.services.identity.listDemonstrationAccounts()),
});

export function setSessionCookie(ctx: CallContext, session: OpenedSession): void {
  ctx.setCookie('daoju_session', session.token, SESSION_SECONDS);
  ctx.setCookie('daoju_device', ctx.deviceId, DEVICE_SECONDS);
}

/** The signed-in player as the pages see it; key and epoch come from the ledger's state, never from a copy. */
export function playerMe(ctx: CallContext, { sessionId, player }: PlayerSession): Me {
  const key = ctx.services.identity.getSigningKey(player.acct);
  return {
    acct: player.acct,
    displayName: player.displayName,
    level: player.level,
    isAdult: ctx.services.identity.isAdult(player),
    hasRecovery: player.hasRecovery,
    isDemonstration: player.isDemonstration,
    keyEpoch: key.keyEpoch,
    keyIdx: key.keyIdx,
    publicKey: key.publicKey,
    sessionId,
    holds: player.holds.map(({ code, until }) => ({ code, until: toIso(until) })),
  };
}
