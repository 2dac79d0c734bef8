/** What I owe (product P-41). */
import { z } from 'zod';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { getTaxStatement } from '#server/market/tax-statement.ts';
import { playerProcedure, router } from '../init.ts';
import type { TaxStatement } from '../views.ts';

export const taxRouter = router({
  getStatement: playerProcedure.input(z.strictObject({ period: z.string().max(10) })).query(({ ctx, input }): Promise<TaxStatement> => {
    const { ledger, clock } = ctx.services;
    const pack = findActivePack(ledger.pending, clock.now())?.pack ?? null;
    return readSnapshot(ctx.services, ctx.player.acct, (snapshot) => getTaxStatement(snapshot, ctx.player.acct, input.period, pack));
  }),
});
