/** Settled trades as anybody may see them: what, how much, when. Who traded is for the parties and supervisors. */
import { type ClassId, parseClassId, parseTradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import type { ClassPage, Mechanism, TapeRow } from '#server/trpc/views.ts';
import { daysBefore, VALID_TRADE } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';

type TapeColumns = {
  trade_id: string;
  class_id: string;
  name_zh: string | null;
  name_en: string;
  icon: string;
  rarity: string | null;
  price_fen: string;
  quantity: number;
  settled_at: Date;
  mechanism: Mechanism;
};

/** Newest first. */
export async function listTape(
  { tx }: Snapshot,
  { classId, limit }: { readonly classId: ClassId | null; readonly limit: number },
): Promise<readonly TapeRow[]> {
  const rows = await query<TapeColumns>(
    tx,
    `select t.trade_id, t.class_id, c.name_zh, c.name_en, c.picture as icon, c.rarity, t.price_fen, t.quantity, t.settled_at, t.mechanism
     from market.trades t join catalogue.item_classes c on c.class_id = t.class_id
     where t.settled_at is not null ${classId === null ? '' : 'and t.class_id = $1'}
     order by t.settled_at desc, t.seq desc limit ${String(limit)}`,
    classId === null ? [] : [classId],
  );
  return rows.map((row) => ({
    tradeId: parseTradeId(row.trade_id),
    classId: parseClassId(row.class_id),
    names: { zh: row.name_zh, en: row.name_en },
    icon: row.icon,
    rarity: row.rarity,
    priceFen: row.price_fen,
    quantity: row.quantity,
    at: toIso(at(row.settled_at)),
    mechanism: row.mechanism,
  }));
}

const WINDOWS = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 } as const;

export async function classStatistics({ tx, now }: Snapshot, classId: ClassId): Promise<ClassPage['statistics']> {
  const names = Object.keys(WINDOWS) as (keyof typeof WINDOWS)[];
  const rows = await query<{ days: number; trades: number; volume: number; median: string | null; turnover: string }>(
    tx,
    `select w.days, count(t.*)::int as trades, coalesce(sum(t.quantity), 0)::int as volume,
       (percentile_disc(0.5) within group (order by t.price_fen))::text as median, coalesce(sum(t.gross_fen), 0)::text as turnover
     from unnest($2::int[]) w(days)
     left join (
       select t.* from market.trades t where t.class_id = $1 and t.settled_at >= $3 and (t.state = 'settled' or ${VALID_TRADE})
     ) t on t.settled_at >= $4::timestamptz - make_interval(days => w.days)
     group by w.days`,
    [classId, Object.values(WINDOWS).map(String), daysBefore(now, WINDOWS['90d']), new Date(now).toISOString()],
  );
  return names.map((window) => {
    const row = rows.find(({ days }) => days === WINDOWS[window]);
    return {
      window,
      trades: row?.trades ?? 0,
      volume: row?.volume ?? 0,
      medianFen: row?.median ?? null,
      turnoverFen: row?.turnover ?? '0',
    };
  });
}
