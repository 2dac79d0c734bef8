/** Sums over a span of days (product V-05): days that are over from what is kept of them, the rest from the rows themselves. */
import { beijingDate, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { query } from '#server/journal/rows.repo.ts';
import { CERTIFY_MS, SETTLED, TRADE_SUMS } from './closed-days.repo.ts';
import { NEWEST } from './newest-assessments.ts';
import type { Snapshot } from './snapshot.ts';

export type SpanDates = { readonly fromDate: string; readonly beforeDate: string };
/** `closed` and `open` are one span; each may be empty (`from` equals `before`). Dates, and for `open` instants. */
export type Split = {
  readonly closed: { readonly from: string; readonly before: string };
  readonly open: { readonly from: string; readonly before: string };
  readonly closedBefore: string | null;
};

const iso = (date: string): string => toIso(startOfBeijingDate(date));
const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a > b ? a : b);

export async function splitSpan({ tx }: Pick<Snapshot, 'tx'>, { fromDate, beforeDate }: SpanDates): Promise<Split> {
  const [row] = await query<{ closed_before: string | null }>(tx, 'select closed_before from market.figures_cursor');
  const closedBefore = row?.closed_before ?? null;
  const end = closedBefore === null ? fromDate : later(fromDate, earlier(beforeDate, closedBefore));
  return { closed: { from: fromDate, before: end }, open: { from: end, before: beforeDate }, closedBefore };
}

export type SpanFigures = {
  readonly trades: number;
  readonly turnover: string;
  readonly filteredTrades: number;
  readonly filtered: string;
  readonly cost: string;
  readonly certified: number;
  readonly certifyMs: string;
};

const SPLIT_ARGS = ({ closed, open }: Split) => [iso(open.from), iso(open.before), closed.from, closed.before];

export async function sumTrades({ tx }: Pick<Snapshot, 'tx'>, split: Split): Promise<SpanFigures> {
  const [row] = await query<SpanFigures>(
    tx,
    `select sum(trades)::int as trades, sum(turnover_fen)::text as turnover, sum(filtered_trades)::int as "filteredTrades",
       sum(filtered_fen)::text as filtered, sum(cost_fen)::text as cost, sum(certified)::int as certified, sum(certify_ms)::text as "certifyMs"
     from (${TRADE_SUMS} union all
       select trades, turnover_fen, filtered_trades, filtered_fen, cost_fen, certified, certify_ms from market.day_figures where day >= $3 and day < $4) s`,
    SPLIT_ARGS(split),
  );
  return row ?? { trades: 0, turnover: '0', filteredTrades: 0, filtered: '0', cost: '0', certified: 0, certifyMs: '0' };
}

/** As `percentile_cont` of all of them; null: none was certified. */
export async function middleOf(
  { tx }: Pick<Snapshot, 'tx'>,
  split: Split,
): Promise<{ readonly p50: number | null; readonly p95: number | null }> {
  const rows = await query<{ low: number | null; high: number | null; place: number }>(
    tx,
    `with counted as materialized (
       select ms, sum(sum(n)) over (order by ms) as upto, sum(sum(n)) over () as total from (
         select ms, trades::bigint as n from market.day_latencies where day >= $3 and day < $4
         union all select ${CERTIFY_MS}::int, count(*) from market.trades t where ${SETTLED} and t.certified_at is not null group by 1
       ) each group by ms
     ), places as (select s.share, (max(c.total) - 1) * s.share as place from counted c cross join (values (0.5), (0.95)) s(share) group by s.share)
     select (select min(ms) from counted where upto > floor(p.place)) as low, (select min(ms) from counted where upto > ceil(p.place)) as high,
       (p.place - floor(p.place))::float8 as place from places p order by p.share`,
    SPLIT_ARGS(split),
  );
  const [p50 = null, p95 = null] = rows.map(({ low, high, place }) =>
    low === null ? null : Number(low) + (Number(high ?? low) - Number(low)) * place,
  );
  return { p50, p95 };
}

export async function sumAssessed(
  { tx }: Pick<Snapshot, 'tx'>,
  { closed, open }: Split,
): Promise<{ readonly assessed: number; readonly fen: string }> {
  const [row] = await query<{ assessed: number; fen: string }>(
    tx,
    `select sum(n)::int as assessed, sum(fen)::text as fen from (
       select count(*) as n, coalesce(sum(a.total_fen), 0) as fen ${NEWEST}
       union all select coalesce(sum(assessed), 0), coalesce(sum(assessed_fen), 0) from market.day_figures where day >= $3 and day < $4) s`,
    [open.from, open.before, closed.from, closed.before],
  );
  return row ?? { assessed: 0, fen: '0' };
}

/** Months that are kept of sellers, and the stretches at both ends that are not: from the first date to the one before, twice. */
export function sellerParts({ closed, open, closedBefore }: Split) {
  const months: string[] = [];
  let [first, last] = [open.before, closed.from];
  const start = closed.from.endsWith('-01') ? closed.from : nextMonth(closed.from);
  for (let from = start; from < closed.before; from = nextMonth(from)) {
    const end = nextMonth(from);
    if (end > closed.before && closed.before !== closedBefore) break;
    months.push(from.slice(0, 'yyyy-mm'.length));
    first = earlier(first, from);
    last = earlier(end, closed.before);
  }
  return { months, ends: [closed.from, first, months.length === 0 ? open.before : last, open.before] };
}

function nextMonth(date: string): string {
  const later31 = startOfBeijingDate(`${date.slice(0, 'yyyy-mm'.length)}-01`) + 32 * 86_400_000;
  return `${beijingDate(instant(later31)).slice(0, 'yyyy-mm'.length)}-01`;
}

const AT_THE_END = SETTLED.replaceAll('$1', '$3').replaceAll('$2', '$4');

export async function countSellers({ tx }: Pick<Snapshot, 'tx'>, split: Split): Promise<number> {
  const { months, ends } = sellerParts(split);
  const [row] = await query<{ sellers: number }>(
    tx,
    `select count(*)::int as sellers from (select seller from market.seller_months where month = any($5)
       union select t.seller from market.trades t where ${SETTLED} union select t.seller from market.trades t where ${AT_THE_END}) s`,
    [...ends.map(iso), months],
  );
  return row?.sellers ?? 0;
}

/** Rows of the list of sellers, as a relation with five arguments. */
export function sellerRows(split: Split): { readonly rows: string; readonly args: readonly (string | readonly string[])[] } {
  const { months, ends } = sellerParts(split);
  const own = (where: string) =>
    `select t.seller, count(*) as trades, sum(t.gross_fen) as gross_fen, max(t.settled_at) as last_at from market.trades t where ${where} group by t.seller`;
  return {
    rows: `select s.seller as id, max(s.last_at) as at, null as zh, null as en, s.seller as person, sum(s.gross_fen) as value, sum(s.trades)::text as detail
      from (select seller, trades, gross_fen, last_at from market.seller_months where month = any($5)
        union all ${own(SETTLED)} union all ${own(AT_THE_END)}) s group by s.seller`,
    args: [...ends.map(iso), months],
  };
}

/** The first day of which rows are needed for so many before a day: what lies before it is not read. */
export async function dayWithEnough({ tx }: Pick<Snapshot, 'tx'>, { closed }: Split, before: string, enough: number): Promise<string> {
  const [row] = await query<{ day: string | null }>(
    tx,
    `select max(day) as day from (
       select day, sum(assessed) over (order by day desc) as upto from market.day_figures where day >= $1 and day < $2 and day < $3) d where upto >= $4`,
    [closed.from, closed.before, before, enough],
  );
  return row?.day ?? closed.from;
}
