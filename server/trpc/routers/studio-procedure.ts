/** For the console of the studio that the certificate speaks for. */
import { found } from '#server/market/input.ts';
import { findStudioOf } from '#server/market/studios.repo.ts';
import { refuseJoin } from '#server/studio/join/join-codes.ts';
import { staffProcedure } from '../init.ts';

export const studioProcedure = staffProcedure(['studio']).use(async ({ ctx, next }) => {
  const { acct: studioAcct, isActive } = found(await findStudioOf(ctx.services.sql, ctx.staff.organisation), 'studio_unknown');
  if (!isActive) throw refuseJoin('console_closed');
  return next({ ctx: { ...ctx, studioAcct } });
});
