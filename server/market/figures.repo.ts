/** What the market says of a kind: how many are there, what is offered, what is asked, what it was worth (rulebook CN-SV-00). */
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export const DAY_MS = 86_400_000;
/** CN-SV-00: so few trades say nothing. */
const LEAST_TRADES = 5;
const LEAST_SELLERS = 3;
const REFERENCE_DAYS = 30;
const REFERENCE_DAYS_LONGER = 90;
/** Done and not undone. A trade that members have not certified yet, that is disputed or reversed sets no price. */
export const VALID_TRADE = "t.state in ('certified', 'protected', 'paid_out')";

export type OpenFigures = {
  readonly listings: number;
  readonly lowestFen: bigint | null;
  readonly highestBuyFen: bigint | null;
  /** When the first of the listings ends, in milliseconds. */
  readonly endsAt: number | null;
};
export type TradeFigures = {
  readonly trades7d: number;
  readonly referenceFen: bigint | null;
  /** Median from listing to sale of the last 30 days, in milliseconds. */
  readonly medianSaleMs: number | null;
};
export type Figures = OpenFigures & TradeFigures;

export const NO_OPEN: OpenFigures = { listings: 0, lowestFen: null, highestBuyFen: null, endsAt: null };
export const NO_TRADES: TradeFigures = { trades7d: 0, referenceFen: null, medianSaleMs: null };

/** `null` asks for every kind. */
type Which = readonly ClassId[] | null;

/** Offers between two people; orders of a matched book are shown by its depth. */
export async function listOpenFigures(sql: Queryable, classIds: Which): Promise<ReadonlyMap<ClassId, OpenFigures>> {
  const rows = await query<{ class_id: string; listings: number; lowest: string | null; highest: string | null; ends_at: Date | null }>(
    sql,
    `select o.class_id, count(*) filter (where o.intent = 'listing')::int as listings,
       min(o.price_fen) filter (where o.intent = 'listing')::text as lowest,
       max(o.price_fen) filter (where o.intent = 'buy_order')::text as highest,
       min(o.expires_at) filter (where o.intent = 'listing') as ends_at
     from market.orders o
     where o.ended_at is null and o.intent in ('listing', 'buy_order') and o.named_buyer is null ${classIds === null ? '' : 'and o.class_id = any($1)'}
     group by o.class_id`,
    classIds === null ? [] : [classIds],
  );
  return new Map(
    rows.map((row) => [
      parseClassId(row.class_id),
      {
        listings: row.listings,
        lowestFen: fenOrNull(row.lowest),
        highestBuyFen: fenOrNull(row.highest),
        endsAt: row.ends_at?.getTime() ?? null,
      },
    ]),
  );
}

export async function listTradeFigures(sql: Queryable, classIds: Which, now: Instant): Promise<ReadonlyMap<ClassId, TradeFigures>> {
  const [recent, prices, sales] = await Promise.all([
    query<{ class_id: string; trades: number }>(
      sql,
      `select t.class_id, count(*)::int as trades from market.trades t
       where t.settled_at >= $1 and t.state <> 'reversed' ${classIds === null ? '' : 'and t.class_id = any($2)'} group by t.class_id`,
      classIds === null ? [daysBefore(now, 7)] : [daysBefore(now, 7), classIds],
    ),
    listReferencePrices(sql, classIds, now),
    listSaleTimes(sql, classIds, now),
  ]);
  const figures = new Map<ClassId, TradeFigures>();
  const add = (classId: ClassId, part: Partial<TradeFigures>) => figures.set(classId, { ...(figures.get(classId) ?? NO_TRADES), ...part });
  for (const [classId, referenceFen] of prices) add(classId, { referenceFen });
  for (const [classId, medianSaleMs] of sales) add(classId, { medianSaleMs });
  for (const row of recent) add(parseClassId(row.class_id), { trades7d: row.trades });
  return figures;
}

/** Of listings alone: who serves a buy order has not waited for a buyer. */
async function listSaleTimes(sql: Queryable, classIds: Which, now: Instant): Promise<ReadonlyMap<ClassId, number>> {
  const rows = await query<{ class_id: string; median_ms: number }>(
    sql,
    `select t.class_id,
       (percentile_disc(0.5) within group (order by extract(epoch from t.settled_at - o.placed_at)) * 1000)::float8 as median_ms
     from market.trades t join market.orders o on o.order_id = t.sell_order_id
     where t.settled_at >= $1 and o.intent = 'listing' and ${VALID_TRADE} ${classIds === null ? '' : 'and t.class_id = any($2)'}
     group by t.class_id`,
    classIds === null ? [daysBefore(now, REFERENCE_DAYS)] : [daysBefore(now, REFERENCE_DAYS), classIds],
  );
  return new Map(rows.map((row) => [parseClassId(row.class_id), row.median_ms]));
}

/** The median unit weighted by volume over 30 days, over 90 where those hold too little; no entry where both do. */
export async function listReferencePrices(sql: Queryable, classIds: Which, now: Instant): Promise<ReadonlyMap<ClassId, bigint>> {
  const rows = await query<{ class_id: string; price: string }>(
    sql,
    `with valid as (
       select t.class_id, t.price_fen, t.quantity, t.seller, t.settled_at >= $2 as is_recent
       from market.trades t where t.settled_at >= $1 and ${VALID_TRADE} ${classIds === null ? '' : 'and t.class_id = any($3)'}
     ), enough as (
       select class_id,
         count(*) filter (where is_recent) >= ${LEAST_TRADES} and count(distinct seller) filter (where is_recent) >= ${LEAST_SELLERS} as by_recent
       from valid group by class_id having count(*) >= ${LEAST_TRADES} and count(distinct seller) >= ${LEAST_SELLERS}
     ), levels as (
       select v.class_id, v.price_fen, sum(v.quantity) as units
       from valid v join enough e using (class_id) where v.is_recent or not e.by_recent group by v.class_id, v.price_fen
     ), climbing as (
       select class_id, price_fen, sum(units) over (partition by class_id order by price_fen) as below,
         sum(units) over (partition by class_id) as total
       from levels
     )
     select class_id, min(price_fen)::text as price from climbing where below * 2 >= total group by class_id`,
    classIds === null
      ? [daysBefore(now, REFERENCE_DAYS_LONGER), daysBefore(now, REFERENCE_DAYS)]
      : [daysBefore(now, REFERENCE_DAYS_LONGER), daysBefore(now, REFERENCE_DAYS), classIds],
  );
  return new Map(rows.map((row) => [parseClassId(row.class_id), BigInt(row.price)]));
}

export function daysBefore(now: Instant, days: number): string {
  return new Date(now - days * DAY_MS).toISOString();
}

export function fenOrNull(value: string | null): bigint | null {
  return value === null ? null : BigInt(value);
}
export function fenText(value: bigint | null): string | null {
  return value === null ? null : String(value);
}
