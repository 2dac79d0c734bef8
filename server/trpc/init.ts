/** tRPC with our transformer and our errors, and the three procedures that everything is built from. */
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { ParseError } from '#ledger/primitives/errors.ts';
import { holdsNul } from '#server/holds-nul.ts';
import { requireLivingCertificate } from '#server/identity/staff-certificates.ts';
import { RefusalError } from '#server/refusal.ts';
import type { CallContext } from './context.ts';
import { publicRefusal, refusal } from './errors.ts';
import type { Refusal, StaffRole } from './views.ts';

const t = initTRPC.context<CallContext>().create({
  transformer: superjson,
  // Never a stack in an answer, in development neither: what is shown there is shown everywhere.
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) => {
    const { code, message, facts } = publicRefusal(error);
    const refused: Refusal = { code, message, facts, traceId: ctx?.traceId ?? '' };
    return {
      ...shape,
      message,
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path, refusal: refused },
    };
  },
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Inside a procedure a `RefusalError` or a `ParseError` may be thrown as it is: here it gets its transport code. */
const translateErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  if (cause instanceof RefusalError && result.error.code === 'INTERNAL_SERVER_ERROR') {
    throw refusal(cause.kind, cause.code, cause.message, cause.facts);
  }
  if (cause instanceof ParseError && result.error.code === 'INTERNAL_SERVER_ERROR') throw new TRPCError({ code: 'BAD_REQUEST', cause });
  return result;
});

const limitCalls = t.middleware(async ({ ctx, path, next }) => {
  const waitSeconds = await ctx.takeCall(path);
  if (waitSeconds === null) return next();
  throw refusal('too_many', 'rate_limited', `That was too often. Try again in ${waitSeconds} s; nothing was done.`, { waitSeconds });
});

const refuseNul = t.middleware(async ({ getRawInput, next }) => {
  if (holdsNul(await getRawInput())) throw refusal('malformed', 'input_malformed', 'The request could not be read: text holds a NUL.');
  return next();
});

export const publicProcedure = t.procedure.use(translateErrors).use(limitCalls).use(refuseNul);

/** Calls with `ctx.player` of a living session. */
export const playerProcedure = publicProcedure.use(({ ctx, next }) => {
  if (ctx.playerSession === null) throw refusal('unauthenticated', 'sign_in_required', 'Sign in first; what you entered is kept.');
  return next({ ctx: { ...ctx, playerSession: ctx.playerSession, player: ctx.playerSession.player } });
});

/** Calls with `ctx.staff` in one of the roles. Whatever changes something asks that the certificate still lives (product V-01). */
export function staffProcedure(roles: readonly StaffRole[]) {
  return staffSessionProcedure(roles).use(async ({ ctx, type, next }) => {
    if (type === 'mutation') await requireLivingCertificate(ctx.services, ctx.staff);
    return next();
  });
}

/** Without that question: signing out. */
export function staffSessionProcedure(roles: readonly StaffRole[]) {
  return publicProcedure.use(({ ctx, next }) => {
    if (ctx.staffSession === null) throw refusal('unauthenticated', 'staff_sign_in_required', 'Sign in with your certificate first.');
    if (!roles.includes(ctx.staffSession.role)) {
      throw refusal('forbidden', 'role_missing', 'Your certificate has another role. Ask your organisation for access.', {
        needed: roles.join(' or '),
      });
    }
    return next({ ctx: { ...ctx, staffSession: ctx.staffSession, staff: ctx.staffSession } });
  });
}
