/** Which game and kind a message of the feed belongs to (product V-03). Messages name trades and kinds, and their bytes are hashed as they
 *  are, so game and names are looked up beside them. */
import { query } from '#server/journal/rows.repo.ts';
import type { FeedGames } from '#server/trpc/views.ts';
import { listGames } from './names.repo.ts';
import type { Snapshot } from './snapshot.ts';

type Row = { readonly id: string; readonly game_id: string; readonly class_id: string; readonly zh: string | null; readonly en: string };

/** Ids that are not known are left out. */
export async function getFeedGames({ tx }: Snapshot, tradeIds: readonly string[], classIds: readonly string[]): Promise<FeedGames> {
  const [games, rows] = await Promise.all([
    listGames(tx),
    query<Row>(
      tx,
      `select t.trade_id as id, c.game_id, c.class_id, c.name_zh as zh, c.name_en as en from market.trades t join catalogue.item_classes c on c.class_id = t.class_id
         where t.trade_id = any($1::text[])
       union all select class_id, game_id, class_id, name_zh, name_en from catalogue.item_classes where class_id = any($2::text[])`,
      [[...tradeIds], [...classIds]],
    ),
  ]);
  return {
    games,
    kinds: [...new Map(rows.map(({ class_id: classId, zh, en }) => [classId, { classId, names: { zh, en } }])).values()],
    of: rows.map(({ id, game_id: gameId, class_id: classId }) => ({ id, gameId, classId })),
  };
}
