/** My trades (product P-30). */
import { z } from 'zod';
import { cursorInput, found, tradeIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { getTrade, listTradePage, type TradePage } from '#server/market/trades.ts';
import { playerProcedure, router } from '../init.ts';
import type { TradeView } from '../views.ts';

export const tradeRouter = router({
  get: playerProcedure
    .input(z.strictObject({ tradeId: tradeIdInput }))
    .query(
      async ({ ctx, input }): Promise<TradeView> =>
        found(await getTrade(ctx.services, { kind: 'party', acct: ctx.player.acct }, input.tradeId), 'trade_unknown'),
    ),
  list: playerProcedure
    .input(z.strictObject({ cursor: cursorInput }))
    .query(
      ({ ctx, input }): Promise<TradePage> =>
        readSnapshot(ctx.services, ctx.player.acct, (snapshot) => listTradePage(snapshot, ctx.player.acct, input.cursor)),
    ),
});
