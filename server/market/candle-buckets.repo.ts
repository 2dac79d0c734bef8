/**
 * Candles kept ready in tables (product P-14). The outbox says which trades came, were undone or were labelled; the buckets of these trades
 * are worked out again from the trades themselves, in the database transaction that moves the cursor. So a message read twice changes
 * nothing, a crash loses nothing, and a rebuild from nothing gives the same figures.
 */
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

/** Days begin at midnight in Beijing, weeks on Monday there. */
export const BUCKETS_FROM = '2023-12-31T16:00:00Z';
const MESSAGES_AT_ONCE = 2_000;
const TRADES_CHANGED = "('mkt.trade', 'mkt.trade.corrected')";

export type TouchedBucket = { readonly classId: ClassId; readonly start: string; readonly revision: number };

/** One step. @returns the five-minute buckets that changed, and whether the end of the feed was reached */
export async function followTrades(
  sql: Sql,
  now: Instant,
): Promise<{ readonly touched: readonly TouchedBucket[]; readonly isDone: boolean }> {
  const step = await sql.begin(async (tx) => {
    const [cursor] = await query<{ seq: string }>(tx, "select seq from market.candle_cursor where room = 'sup:market' for update");
    const messages = await query<{ seq: string; trade_id: string | null }>(
      tx,
      `select seq, case when type in ${TRADES_CHANGED} then body::json ->> 'tradeId' end as trade_id
       from outbox.messages where room = 'sup:market' and seq > $1 order by seq limit ${MESSAGES_AT_ONCE}`,
      [cursor?.seq ?? '0'],
    );
    const last = messages.at(-1);
    if (last === undefined) return { touched: [], isDone: true };
    const tradeIds = [...new Set(messages.flatMap(({ trade_id: tradeId }) => tradeId ?? []))];
    const touched = tradeIds.length === 0 ? [] : await computeBuckets(tx, now, tradeIds);
    await query(tx, "update market.candle_cursor set seq = $1 where room = 'sup:market'", [last.seq]);
    return { touched, isDone: messages.length < MESSAGES_AT_ONCE };
  });
  return step;
}

/** Every bucket anew from trades and labels alone. */
export async function rebuildCandles(sql: Sql, now: Instant): Promise<{ readonly buckets: number }> {
  return sql.begin(async (tx) => {
    // Whoever follows waits here; trades go on meanwhile. What is told up to this head is visible to the statements after it, and what
    // comes later is followed later.
    await query(tx, "select seq from market.candle_cursor where room = 'sup:market' for update");
    await query(
      tx,
      `update market.candle_cursor set seq = coalesce((select head_seq from outbox.rooms where room = 'sup:market'), 0) where room = 'sup:market'`,
    );
    await query(tx, "set local work_mem = '256MB'");
    await query(tx, 'delete from market.candles');
    await computeBuckets(tx, now, null);
    const [row] = await query<{ buckets: number }>(tx, 'select count(*)::int as buckets from market.candles');
    return { buckets: row?.buckets ?? 0 };
  });
}

const SPANS = `(values ('5m', interval '5 minutes'), ('1h', interval '1 hour'), ('6h', interval '6 hours'),
  ('24h', interval '24 hours'), ('7d', interval '168 hours')) as i (span, width)`;
const START = `date_bin(i.width, t.settled_at, timestamptz '${BUCKETS_FROM}')`;

/** Every trade beside each bucket that it lies in: of the buckets of some trades, or of all. `offset 0` keeps the planner from reading all
 *  trades for the few that lie in these ranges. */
const SOME = `(
    select distinct t.class_id, i.span, i.width, ${START} as start
    from market.trades t cross join ${SPANS} where t.settled_at is not null and t.trade_id = any($2)
  ) b cross join lateral (
    select trade_id, seq, state, price_fen, quantity, settled_at from market.trades
    where class_id = b.class_id and settled_at >= b.start and settled_at < b.start + b.width offset 0
  ) t`;
const ALL = `market.trades t cross join ${SPANS} cross join lateral (select t.class_id, i.span, ${START} as start) b`;

const LABELS = `(select trade_id, count(*) filter (where removed_at is null) > 0 as is_labelled, count(*) + count(removed_at) as changes
  from market.trade_labels group by trade_id) l on l.trade_id = t.trade_id`;
const IS_LEFT_OUT = "(t.state = 'reversed' or coalesce(l.is_labelled, false))";

const FIGURES = ['open_fen', 'high_fen', 'low_fen', 'close_fen', 'median_fen', 'volume', 'trades', 'last_at'] as const;

function aggregates(prefix: string, where: string): string {
  const made: Readonly<Record<(typeof FIGURES)[number], string>> = {
    open_fen: `(array_agg(t.price_fen order by t.settled_at, t.seq) filter (where ${where}))[1]`,
    high_fen: `max(t.price_fen) filter (where ${where})`,
    low_fen: `min(t.price_fen) filter (where ${where})`,
    close_fen: `(array_agg(t.price_fen order by t.settled_at desc, t.seq desc) filter (where ${where}))[1]`,
    median_fen: `percentile_disc(0.5) within group (order by t.price_fen) filter (where ${where})`,
    volume: `sum(t.quantity) filter (where ${where})`,
    trades: `(count(*) filter (where ${where}))::int`,
    last_at: `max(t.settled_at) filter (where ${where})`,
  };
  return FIGURES.map((name) => `${made[name]} as ${prefix}_${name}`).join(',\n       ');
}
const series = (name: 'all' | 'filtered', prefix: string) =>
  `select class_id, span, '${name}', start, ${FIGURES.map((figure) => `${prefix}_${figure}`).join(', ')}, left_out, revision, $1::timestamptz from figures`;
const WRITTEN = [...FIGURES, 'left_out', 'revision', 'as_of'] as const;

function computeText(which: 'some' | 'all'): string {
  return `with figures as materialized (
       select b.class_id, b.span, b.start,
       ${aggregates('a', 'true')},
       ${aggregates('f', `not ${IS_LEFT_OUT}`)},
       (count(*) filter (where ${IS_LEFT_OUT}))::int as left_out,
       (count(*) filter (where t.state = 'reversed') + coalesce(sum(l.changes), 0))::int as revision
       from ${which === 'some' ? SOME : ALL} left join ${LABELS} where t.settled_at is not null
       group by b.class_id, b.span, b.start
     ), saved as (
       insert into market.candles (class_id, span, series, start, ${WRITTEN.join(', ')})
       ${series('all', 'a')} union all ${series('filtered', 'f')} where left_out > 0 and f_trades > 0
       on conflict (class_id, span, series, start) do update set ${WRITTEN.map((name) => `${name} = excluded.${name}`).join(', ')}
     ), gone as (
       delete from market.candles c using figures f where c.series = 'filtered' and c.class_id = f.class_id and c.span = f.span
         and c.start = f.start and (f.left_out = 0 or f.f_trades = 0)
     )
     select class_id, start, revision from figures where span = '5m'`;
}
const COMPUTE_SOME = computeText('some');
const COMPUTE_ALL = computeText('all');

/** `null`: the buckets of all trades. */
async function computeBuckets(tx: Tx, now: Instant, tradeIds: readonly string[] | null): Promise<readonly TouchedBucket[]> {
  const rows = await query<{ class_id: string; start: Date; revision: number }>(
    tx,
    tradeIds === null ? COMPUTE_ALL : COMPUTE_SOME,
    tradeIds === null ? [toIso(now)] : [toIso(now), tradeIds],
  );
  return rows.map((row) => ({ classId: parseClassId(row.class_id), start: row.start.toISOString(), revision: row.revision }));
}
