/** Views of supervisors (product V-02, V-05, V-06): masked by role before anything leaves the server. */
import { z } from 'zod';
import { DECISION_CODES } from '#sandbox/decisions/decision.ts';
import { isSupervisor, SUPERVISOR_ROLES, type SupervisorRole } from '#server/market/audience.ts';
import { listDecisionsOfTrade } from '#server/market/decision-lines.repo.ts';
import { getDecisions } from '#server/market/decision-lines.ts';
import { getFeedGames } from '#server/market/feed-games.repo.ts';
import { accountIdInput, classIdInput, cursorInput, found, tradeIdInput } from '#server/market/input.ts';
import { keptViews } from '#server/market/kept-views.ts';
import { getReturnTrades, keptReturns } from '#server/market/returns.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { getTaxDay } from '#server/market/tax-view.ts';
import { getTiles, listTileRows, TILES } from '#server/market/tiles.ts';
import { getTrade, listTradePage, type TradePage } from '#server/market/trades.ts';
import { RefusalError } from '#server/refusal.ts';
import { router, staffProcedure } from '../init.ts';
import type {
  DecisionPage,
  FeedGames,
  PeriodReturns,
  ReturnTrades,
  RuledDecision,
  StaffRole,
  SupervisorTiles,
  TaxDay,
  TileRows,
  TradeView,
} from '../views.ts';

const supervisorProcedure = staffProcedure(SUPERVISOR_ROLES);
const nameInput = z.string().max(100).optional();
const spanInput = z.string().max('2026-11-01..2026-11-15'.length);

function roleOf(role: StaffRole): SupervisorRole {
  if (isSupervisor(role)) return role;
  throw new RefusalError('forbidden', 'role_missing', 'Your certificate has another role. Ask your organisation for access.');
}

export const supervisorRouter = router({
  /** Of a span of days; without one, of today. */
  tiles: supervisorProcedure.input(z.strictObject({ period: spanInput.optional() })).query(({ ctx, input }): Promise<SupervisorTiles> => {
    const role = roleOf(ctx.staff.role);
    return readSnapshot(ctx.services, null, (snapshot) => getTiles(ctx.services, snapshot, role, input.period));
  }),
  /** The rows that a tile sums (V-05). */
  tileRows: supervisorProcedure
    .input(z.strictObject({ tile: z.enum(TILES), period: spanInput, cursor: cursorInput }))
    .query(({ ctx, input }): Promise<TileRows> => {
      const role = roleOf(ctx.staff.role);
      return readSnapshot(ctx.services, null, (snapshot) => listTileRows(ctx.services, snapshot, role, input));
    }),
  taxDay: staffProcedure(['sup_tax'])
    .input(z.strictObject({ day: z.string().max(10), seller: nameInput, game: nameInput, line: nameInput }))
    .query(
      ({ ctx, input: { day, ...fit } }): Promise<TaxDay> =>
        keptViews(ctx.services.sql).get(`tax ${JSON.stringify([day, fit])}`, null, () =>
          readSnapshot(ctx.services, null, (snapshot) => getTaxDay(snapshot, day, fit)),
        ),
    ),
  returns: staffProcedure(['sup_tax'])
    .input(z.strictObject({ period: z.string().max(10) }))
    .query(({ ctx, input }): Promise<PeriodReturns> => keptReturns(ctx.services, input.period)),
  returnTrades: staffProcedure(['sup_tax'])
    .input(z.strictObject({ period: z.string().max(10), payer: accountIdInput.nullable() }))
    .query(
      ({ ctx, input }): Promise<ReturnTrades> =>
        readSnapshot(ctx.services, null, (snapshot) => getReturnTrades(snapshot, input.period, input.payer)),
    ),
  feedGames: supervisorProcedure
    .input(z.strictObject({ classIds: z.array(classIdInput).max(500), tradeIds: z.array(tradeIdInput).max(500) }))
    .query(
      ({ ctx, input }): Promise<FeedGames> =>
        readSnapshot(ctx.services, null, (snapshot) => getFeedGames(snapshot, input.tradeIds, input.classIds)),
    ),
  /** Orders that were let through for review, and attempts that were refused: the market's supervisor alone decides what follows. */
  decisions: staffProcedure(['sup_market'])
    .input(
      z.strictObject({
        period: spanInput,
        kind: z.enum(['review', 'deny']),
        code: z.enum(DECISION_CODES).nullable(),
        gameId: z.string().max(60).nullable(),
        classId: classIdInput.nullable(),
        cursor: cursorInput,
      }),
    )
    .query(({ ctx, input }): Promise<DecisionPage> => readSnapshot(ctx.services, null, (snapshot) => getDecisions(snapshot, input))),
  decisionsOfTrade: supervisorProcedure
    .input(z.strictObject({ tradeId: tradeIdInput }))
    .query(({ ctx, input }): Promise<readonly RuledDecision[]> => listDecisionsOfTrade(ctx.services.sql, input.tradeId)),
  getTrade: supervisorProcedure.input(z.strictObject({ tradeId: tradeIdInput })).query(async ({ ctx, input }): Promise<TradeView> => {
    const { role } = ctx.staff;
    const view = isSupervisor(role) ? await getTrade(ctx.services, { kind: 'supervisor', role }, input.tradeId) : null;
    return found(view, 'trade_unknown');
  }),
  listTrades: supervisorProcedure
    .input(z.strictObject({ cursor: cursorInput }))
    .query(
      ({ ctx, input }): Promise<TradePage> => readSnapshot(ctx.services, null, (snapshot) => listTradePage(snapshot, null, input.cursor)),
    ),
});
