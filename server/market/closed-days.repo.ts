/**
 * Days that are over, kept ready (product V-05). The feeds say which sales came, were undone, labelled or assessed again; the days of these
 * sales are worked out anew from the rows themselves, in the database transaction that moves the cursor. So a message read twice changes
 * nothing, and a crash loses nothing. A day is over when it has passed and none of its trades, nor of an earlier day, waits for the members.
 */
import { beijingDate, type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import { addTaxSellers, writeDayTaxes, writeTaxSellers } from './closed-taxes.repo.ts';
import { NEWEST } from './newest-assessments.ts';
import { GIVEN_BACK, writeDaySupplies } from './supplies.repo.ts';

const DAY_MS = 86_400_000;
const MESSAGES_AT_ONCE = 2_000;
const DAYS_AT_ONCE = 10;
export const DAY_OF = (column: string): string => `to_char(${column} at time zone 'Asia/Shanghai', 'YYYY-MM-DD')`;
/** A reversed trade is none, on whatever day it was settled. */
export const SETTLED = "t.settled_at >= $1::timestamptz and t.settled_at < $2::timestamptz and t.state <> 'reversed'";
export const LABELLED = 'select 1 from market.trade_labels l where l.trade_id = t.trade_id and l.removed_at is null';
export const CERTIFY_MS = 'round(extract(epoch from t.certified_at - t.settled_at) * 1000)';
/** What a span's trades come to, by the names of `market.day_figures`. */
export const TRADE_SUMS = `select count(*)::int as trades, coalesce(sum(gross_fen), 0)::bigint as turnover_fen,
  (count(*) filter (where not exists (${LABELLED})))::int as filtered_trades,
  coalesce(sum(gross_fen) filter (where not exists (${LABELLED})), 0)::bigint as filtered_fen,
  coalesce(sum(fee_fen + royalty_fen), 0)::bigint as cost_fen, count(certified_at)::int as certified, coalesce(sum(${CERTIFY_MS}), 0)::bigint as certify_ms
  from market.trades t where ${SETTLED}`;

type Cursor = { market_seq: string; tax_seq: string; closed_before: string | null };

/** Until the end of the feeds, and of the days that are over. */
export async function followDays(sql: Sql, now: Instant): Promise<void> {
  for (let isDone = false; !isDone; ) isDone = await sql.begin((tx) => step(tx, now));
}

async function step(tx: Tx, now: Instant): Promise<boolean> {
  const cursor = await lockCursor(tx);
  const [sales, seqs] = await readMessages(tx, cursor);
  const { closed_before: before } = cursor;
  const days = await daysToClose(tx, now, before);
  const closedBefore = days.length === 0 ? before : dayAfter(days.at(-1) ?? '');
  const touched = before === null || sales.length === 0 ? [] : await daysOf(tx, sales, before);
  for (const day of new Set([...touched, ...days])) {
    await writeDay(tx, day);
    await writeDayTaxes(tx, day, dayAfter(day));
    await writeDaySupplies(tx, day, dayAfter(day));
  }
  for (const day of days) {
    await addSellers(tx, day);
    await addTaxSellers(tx, day, dayAfter(day));
  }
  if (before !== null && closedBefore !== null && sales.length > 0) {
    await writeSellers(tx, sales, before, closedBefore);
    await writeTaxSellers(tx, sales, before, closedBefore);
  }
  await query(tx, 'update market.figures_cursor set market_seq = $1::bigint, tax_seq = $2::bigint, closed_before = $3', [
    seqs.market,
    seqs.tax,
    closedBefore,
  ]);
  return seqs.isDone && days.length < DAYS_AT_ONCE;
}

/** A market that has no cursor yet begins at the heads: what they told of is read with its day. */
async function lockCursor(tx: Tx): Promise<Cursor> {
  await query(
    tx,
    `insert into market.figures_cursor select 'days', coalesce((select head_seq from outbox.rooms where room = 'sup:market'), 0),
       coalesce((select head_seq from outbox.rooms where room = 'sup:tax'), 0), null on conflict do nothing`,
  );
  const [row] = await query<Cursor>(tx, 'select market_seq, tax_seq, closed_before from market.figures_cursor for update');
  return row ?? { market_seq: '0', tax_seq: '0', closed_before: null };
}

async function readMessages(tx: Tx, cursor: Cursor) {
  const read = (room: 'sup:market' | 'sup:tax', seq: string) =>
    query<{ seq: string; sale: string | null }>(
      tx,
      `select seq, coalesce(body::json ->> 'tradeId', body::json ->> 'giftId') as sale from outbox.messages
       where room = $1 and seq > $2::bigint order by seq limit ${MESSAGES_AT_ONCE}`,
      [room, seq],
    );
  const [market, tax] = [await read('sup:market', cursor.market_seq), await read('sup:tax', cursor.tax_seq)];
  const sales = [...new Set([...market, ...tax].flatMap(({ sale }) => sale ?? []))];
  const isDone = market.length < MESSAGES_AT_ONCE && tax.length < MESSAGES_AT_ONCE;
  return [sales, { market: market.at(-1)?.seq ?? cursor.market_seq, tax: tax.at(-1)?.seq ?? cursor.tax_seq, isDone }] as const;
}

async function daysToClose(tx: Tx, now: Instant, before: string | null): Promise<readonly string[]> {
  const [row] = await query<{ first: string | null; waiting: Date | null }>(
    tx,
    `select least((select ${DAY_OF('min(settled_at)')} from market.trades where settled_at is not null), (select min(day) from compliance.assessments)) as first,
       (select min(settled_at) from market.trades where state = 'settled') as waiting`,
  );
  const from = before ?? row?.first ?? null;
  if (from === null) return [];
  const today = beijingDate(now);
  const waiting = row?.waiting == null ? today : beijingDate(instant(row.waiting.getTime()));
  const until = waiting < today ? waiting : today;
  const days: string[] = [];
  for (let day = from; day < until && days.length < DAYS_AT_ONCE; day = dayAfter(day)) days.push(day);
  return days;
}

const dayAfter = (day: string): string => beijingDate(instant(startOfBeijingDate(day) + DAY_MS));
const spanOf = (from: string, before: string) => [toIso(startOfBeijingDate(from)), toIso(startOfBeijingDate(before))];

async function daysOf(tx: Tx, sales: readonly string[], before: string): Promise<readonly string[]> {
  const rows = await query<{ day: string }>(
    tx,
    `select day from (select ${DAY_OF('settled_at')} as day from market.trades where trade_id = any($1) and settled_at is not null
       union select day from compliance.assessments where trade_id = any($1)
       union select ${DAY_OF('at')} from market.trade_states where trade_id = any($1) and state in ${GIVEN_BACK}) d where day < $2`,
    [[...sales], before],
  );
  return rows.map(({ day }) => day);
}

const FIGURES = ['trades', 'turnover_fen', 'filtered_trades', 'filtered_fen', 'cost_fen', 'certified', 'certify_ms'] as const;

async function writeDay(tx: Tx, day: string): Promise<void> {
  const after = dayAfter(day);
  await query(tx, 'delete from market.day_figures where day = $1', [day]);
  await query(tx, 'delete from market.day_latencies where day = $1', [day]);
  const [taxes] = await query<{ assessed: number; fen: string }>(
    tx,
    `select count(*)::int as assessed, coalesce(sum(a.total_fen), 0)::text as fen ${NEWEST}`,
    [day, after],
  );
  await query(
    tx,
    `insert into market.day_figures (day, ${FIGURES.join(', ')}, assessed, assessed_fen)
     select $3, ${FIGURES.join(', ')}, $4::int, $5::bigint from (${TRADE_SUMS}) s where trades > 0 or $4::int > 0`,
    [...spanOf(day, after), day, taxes?.assessed ?? 0, taxes?.fen ?? '0'],
  );
  await query(
    tx,
    `insert into market.day_latencies (day, ms, trades)
     select $3, ${CERTIFY_MS}::int, count(*)::int from market.trades t where ${SETTLED} and t.certified_at is not null group by 2`,
    [...spanOf(day, after), day],
  );
}

const SELLER_SUMS = 'count(*)::int as trades, sum(t.gross_fen)::bigint as gross_fen, max(t.settled_at) as last_at';

/** A day is added once, when it is over. */
async function addSellers(tx: Tx, day: string): Promise<void> {
  await query(
    tx,
    `insert into market.seller_months as m (month, seller, trades, gross_fen, last_at)
     select $3, t.seller, ${SELLER_SUMS} from market.trades t where ${SETTLED} group by t.seller
     on conflict (month, seller) do update set trades = m.trades + excluded.trades, gross_fen = m.gross_fen + excluded.gross_fen,
       last_at = greatest(m.last_at, excluded.last_at)`,
    [...spanOf(day, dayAfter(day)), day.slice(0, 'yyyy-mm'.length)],
  );
}

/** Months of the sellers of these sales, worked out anew from all of their trades that lie in days that are over. */
async function writeSellers(tx: Tx, sales: readonly string[], before: string, closedBefore: string): Promise<void> {
  const rows = await query<{ seller: string; month: string }>(
    tx,
    `select distinct seller, left(${DAY_OF('settled_at')}, 7) as month from market.trades
     where trade_id = any($1) and settled_at < $2::timestamptz`,
    [[...sales], toIso(startOfBeijingDate(before))],
  );
  for (const { seller, month } of rows) {
    const next = beijingDate(instant(startOfBeijingDate(`${month}-01`) + 32 * DAY_MS)).slice(0, 'yyyy-mm'.length);
    const end = `${next}-01` < closedBefore ? `${next}-01` : closedBefore;
    await query(tx, 'delete from market.seller_months where month = $1 and seller = $2', [month, seller]);
    await query(
      tx,
      `insert into market.seller_months (month, seller, trades, gross_fen, last_at)
       select $3, t.seller, ${SELLER_SUMS} from market.trades t where ${SETTLED} and t.seller = $4 group by t.seller`,
      [...spanOf(`${month}-01`, end), month, seller],
    );
  }
}
