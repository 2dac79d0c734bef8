/** Supervisors and operators sign in with a personal certificate (product V-01). */
import { z } from 'zod';
import { fromBase64, fromHex } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { identityRefusal } from '../errors.ts';
import { publicProcedure, router, staffSessionProcedure } from '../init.ts';
import type { StaffMe, StaffRole } from '../views.ts';

const IDLE_SECONDS = 30 * 60;
const EVERY_ROLE: readonly StaffRole[] = ['sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator', 'notary', 'studio'];

const signInInput = z.strictObject({
  /** DER in base64. */
  certificate: z.string().max(12_000),
  challenge: z.string().max(64),
  issuedAt: z.string().max(30),
  signature: z.string().max(128),
});

export const staffRouter = router({
  challenge: publicProcedure.mutation(async ({ ctx }) => {
    const { expiresAt, ...document } = await ctx.services.identity.challenge();
    return { ...document, expiresAt: toIso(expiresAt) };
  }),
  signIn: publicProcedure.input(signInInput).mutation(async ({ ctx, input }) => {
    const answer = await ctx.services.identity.staffSignIn({
      ...input,
      certificate: fromBase64(input.certificate),
      signature: fromHex(input.signature, 64),
    });
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    ctx.setCookie('daoju_staff', answer.session.token, IDLE_SECONDS);
    return staffMe(answer.staff);
  }),
  me: publicProcedure.query(({ ctx }) => (ctx.staffSession === null ? null : staffMe(ctx.staffSession))),
  signOut: staffSessionProcedure(EVERY_ROLE).mutation(async ({ ctx }) => {
    await ctx.services.identity.staffSignOut(ctx.staff.sessionId);
    ctx.setCookie('daoju_staff', null, 0);
    return { isSignedOut: true };
  }),
});

function staffMe({ staffId, name, role, organisation, certificateSerial }: StaffSession): StaffMe {
  return { staffId, name, role, organisation, certificateSerial };
}
