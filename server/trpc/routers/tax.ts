/** What I owe (product P-41). */
import { z } from 'zod';
import { sellerYear } from '#server/compliance/seller-years.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { getTaxStatement } from '#server/market/tax-statement.ts';
import { playerProcedure, router } from '../init.ts';
import type { SellerYear, TaxStatement } from '../views.ts';

export const taxRouter = router({
  getStatement: playerProcedure.input(z.strictObject({ period: z.string().max(10) })).query(({ ctx, input }): Promise<TaxStatement> => {
    const { ledger, clock } = ctx.services;
    const pack = findActivePack(ledger.pending, clock.now())?.pack ?? null;
    return readSnapshot(ctx.services, ctx.player.acct, (snapshot) => getTaxStatement(snapshot, ctx.player.acct, input.period, pack));
  }),
  /** For the page on which one sells. */
  sellerYear: playerProcedure.query(({ ctx }): Promise<SellerYear | null> => {
    const { ledger, clock } = ctx.services;
    const pack = findActivePack(ledger.pending, clock.now())?.pack ?? null;
    return readSnapshot(ctx.services, ctx.player.acct, async ({ tx, now }) =>
      pack === null ? null : sellerYear(tx, ctx.player.acct, pack, now),
    );
  }),
});
