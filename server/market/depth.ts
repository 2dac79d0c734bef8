/** Depth of a kind (product P-15): listings and buy orders of people, or the matched book inside an experiment. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Depth, DepthLevel } from '#server/trpc/views.ts';
import { listFittingOrders } from './fitting.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const LEVELS = 60;

/** `bookSeq`: the number of the newest order of the kind, so that a delta that is older can be told. */
export async function getDepth(ground: Pick<ReadGround, 'sql'>, snapshot: Snapshot, classId: ClassId): Promise<Depth> {
  const { tx, height, now } = snapshot;
  const fitting = await listFittingOrders(ground, snapshot, classId);
  const [[experiment], [place], rows] = await Promise.all([
    query<{ experiment_id: string }>(
      tx,
      `select experiment_id from experiments.experiments where class_ids ? $1 and status in ('TESTING', 'PAUSED') order by experiment_id desc limit 1`,
      [classId],
    ),
    query<{ seq: string }>(tx, 'select coalesce(max(seq), 0)::text as seq from market.orders where class_id = $1', [classId]),
    query<LevelColumns>(
      tx,
      `select side, intent = 'matched' as is_matched, price_fen, count(*)::int as orders, sum(quantity - filled)::int as quantity
       from market.orders where ended_at is null and named_buyer is null and intent in ('listing', 'buy_order', 'matched') and live_from <= $2
         and ((class_id = $1 and expression is null) or order_id = any($3)) group by side, is_matched, price_fen`,
      [classId, new Date(now).toISOString(), fitting],
    ),
  ]);
  const isMatched = experiment !== undefined;
  const shown = rows.filter((row) => row.is_matched === isMatched);
  return {
    mechanism: isMatched ? 'price_time' : 'fixed_price',
    experimentId: experiment?.experiment_id ?? null,
    bookSeq: Number(place?.seq ?? '0'),
    height,
    sell: levelsOf(shown, 'sell'),
    buy: levelsOf(shown, 'buy'),
  };
}

type LevelColumns = { side: 'sell' | 'buy'; is_matched: boolean; price_fen: string; orders: number; quantity: number };

/** Best price first. */
function levelsOf(rows: readonly LevelColumns[], side: 'sell' | 'buy'): readonly DepthLevel[] {
  const sign = side === 'sell' ? 1n : -1n;
  const levels = rows
    .filter((row) => row.side === side)
    .map((row) => ({ ...row, key: BigInt(row.price_fen) * sign }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, LEVELS);
  let cumulative = 0;
  return levels.map((row) => {
    cumulative += row.quantity;
    return { priceFen: row.price_fen, count: row.orders, quantity: row.quantity, cumulative };
  });
}
