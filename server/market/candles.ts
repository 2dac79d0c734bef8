/** Candles of a kind (product P-14), read from the buckets that `candle-buckets.repo.ts` keeps. A bucket without trades is a gap and stays
 *  one; the first bucket of a range is shown whole. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Candle, CandlePage } from '#server/trpc/views.ts';
import { BUCKETS_FROM } from './candle-buckets.repo.ts';
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
  revision: number;
  left_out: number;
  last_at: Date;
  as_of: Date;
};

/** Where nothing was left out of a bucket, its filtered figures are those of all trades. */
const FILTERED = `select c.* from market.candles c where c.class_id = $1 and c.span = $2 and c.start >= $3::timestamptz
  and c.series = case when $5 = 'true' and c.left_out > 0 then 'filtered' else 'all' end`;

export async function listCandles({ tx, now }: Snapshot, { classId, interval, range, filtered }: CandleQuery): Promise<CandlePage> {
  const days = RANGES[range];
  const from = new Date(days === null ? 0 : bucketStart(now - days * DAY_MS, INTERVALS[interval])).toISOString();
  const [rows, [totals]] = await Promise.all([
    query<Columns>(
      tx,
      `select start, open_fen::text as open, high_fen::text as high, low_fen::text as low, close_fen::text as close, median_fen::text as median,
         volume::int, trades, revision, left_out, last_at, as_of
       from (${FILTERED} order by c.start desc limit $4::int) newest order by start`,
      [classId, interval, from, String(MOST_CANDLES), String(filtered)],
    ),
    query<{ trades: number; left_out: number; revision: number; as_of: Date | null; is_behind: boolean }>(
      tx,
      `select coalesce(sum(c.trades), 0)::int as trades, coalesce(sum(c.left_out), 0)::int as left_out, coalesce(sum(c.revision), 0)::int as revision,
         max(c.as_of) as as_of, coalesce((select r.head_seq > k.seq from outbox.rooms r join market.candle_cursor k using (room)), false) as is_behind
       from market.candles c where c.class_id = $1 and c.span = $2 and c.series = 'all' and c.start >= $3::timestamptz`,
      [classId, interval, from],
    ),
  ]);
  const { trades = 0, left_out: leftOut = 0, revision = 0 } = totals ?? {};
  const last = rows.reduce<Date | null>((newest, row) => (newest === null || row.last_at > newest ? row.last_at : newest), null);
  return {
    interval,
    candles: rows.map((row) => candleOf(row, now)),
    // What has not been followed yet is missing from what is shown, and the time says so.
    asOf: (totals?.is_behind === true && totals.as_of !== null ? totals.as_of : new Date(now)).toISOString(),
    confidence: confidenceOf(filtered ? trades - leftOut : trades),
    staleSeconds: staleSeconds(last, now),
    revision,
    filtered,
    shareLeftOut: filtered ? shareText(leftOut, trades) : '0',
  };
}

function candleOf(row: Columns, now: Instant): Candle {
  return {
    start: row.start.toISOString(),
    openFen: row.open,
    highFen: row.high,
    lowFen: row.low,
    closeFen: row.close,
    medianFen: row.median,
    volume: row.volume,
    trades: row.trades,
    asOf: row.as_of.toISOString(),
    confidence: confidenceOf(row.trades),
    staleSeconds: staleSeconds(row.last_at, now),
    revision: row.revision,
    leftOut: row.left_out,
  };
}

function bucketStart(at: number, width: number): number {
  const from = Date.parse(BUCKETS_FROM);
  return from + Math.floor((at - from) / width) * width;
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
