/** My money (product P-38). */
import { getMoney } from '#server/market/money.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { playerProcedure, router } from '../init.ts';
import type { MoneyView } from '../views.ts';
import { moneyWrites } from './money-writes.ts';

export const moneyRouter = router({
  get: playerProcedure.query(
    ({ ctx }): Promise<MoneyView> => readSnapshot(ctx.services, ctx.player.acct, (snapshot) => getMoney(snapshot, ctx.player.acct)),
  ),
  ...moneyWrites,
});
