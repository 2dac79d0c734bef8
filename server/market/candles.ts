/** Candles of a kind (product P-14). A bucket without trades is a gap and stays one. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { CandlePage } from '#server/trpc/views.ts';
import { DAY_MS } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';

const MINUTE_MS = 60_000;
export const INTERVALS = {
  '5m': 5 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
} as const satisfies Record<CandlePage['interval'], number>;
export const RANGES = { '24h': 1, '7d': 7, '30d': 30, '90d': 90, '1y': 365, all: null } as const;
export type CandleRange = keyof typeof RANGES;

export type CandleQuery = {
  readonly classId: ClassId;
  readonly interval: CandlePage['interval'];
  readonly range: CandleRange;
  /** Without trades that were undone or that failed a check. */
  readonly filtered: boolean;
};

/** Days begin at midnight in Beijing, weeks on Monday there. */
const BUCKETS_FROM = '2023-12-31T16:00:00Z';
const MOST_CANDLES = 2_000;

type Columns = {
  start: Date;
  open: string;
  high: string;
  low: string;
  close: string;
  median: string;
  volume: number;
  trades: number;
};

export async function listCandles({ tx, now }: Snapshot, { classId, interval, range, filtered }: CandleQuery): Promise<CandlePage> {
  const days = RANGES[range];
  const from = days === null ? new Date(0).toISOString() : new Date(now - days * DAY_MS).toISOString();
  const [rows, [totals]] = await Promise.all([
    query<Columns>(
      tx,
      `select * from (
         select date_bin(make_interval(secs => $3::int), t.settled_at, $4::timestamptz) as start,
           (array_agg(t.price_fen order by t.settled_at, t.seq))[1]::text as open, max(t.price_fen)::text as high, min(t.price_fen)::text as low,
           (array_agg(t.price_fen order by t.settled_at desc, t.seq desc))[1]::text as close,
           (percentile_disc(0.5) within group (order by t.price_fen))::text as median, sum(t.quantity)::int as volume, count(*)::int as trades
         from market.trades t where t.class_id = $1 and t.settled_at >= $2 ${filtered ? "and t.state <> 'reversed'" : ''}
         group by 1 order by 1 desc limit ${MOST_CANDLES}
       ) newest order by start`,
      [classId, from, String(INTERVALS[interval] / 1_000), BUCKETS_FROM],
    ),
    query<{ trades: number; undone: number; last: Date | null }>(
      tx,
      `select count(*)::int as trades, count(*) filter (where t.state = 'reversed')::int as undone,
         max(t.settled_at) filter (where $3 = 'false' or t.state <> 'reversed') as last
       from market.trades t where t.class_id = $1 and t.settled_at >= $2`,
      [classId, from, String(filtered)],
    ),
  ]);
  const trades = totals?.trades ?? 0;
  const undone = totals?.undone ?? 0;
  return {
    interval,
    candles: rows.map((row) => ({
      start: row.start.toISOString(),
      openFen: row.open,
      highFen: row.high,
      lowFen: row.low,
      closeFen: row.close,
      medianFen: row.median,
      volume: row.volume,
      trades: row.trades,
    })),
    asOf: new Date(now).toISOString(),
    confidence: confidenceOf(filtered ? trades - undone : trades),
    staleSeconds: staleSeconds(totals?.last ?? null, now),
    // A trade that is undone changes the filtered series; nothing else changes what was drawn.
    revision: filtered ? undone : 0,
    filtered,
    shareLeftOut: filtered ? shareText(undone, trades) : '0',
  };
}

/** By the number of trades behind the series. */
function confidenceOf(trades: number): CandlePage['confidence'] {
  if (trades === 0) return 'none';
  if (trades < 5) return 'low';
  return trades < 30 ? 'medium' : 'high';
}

function staleSeconds(last: Date | null, now: Instant): number {
  return last === null ? 0 : Math.max(0, Math.floor((now - last.getTime()) / 1_000));
}

/** Percent with two digits. */
function shareText(part: number, whole: number): string {
  if (whole === 0) return '0';
  const hundredths = Math.round((part * 10_000) / whole);
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
}
