/** SQL of the studio's lists, paged by ledger serial or number. Every page shows what was so when its list began (T-18): what ended, settled or
 *  changed hands since then is told by the next list. */
import { asc, eq } from 'drizzle-orm';
import type postgres from 'postgres';
import { hops } from '#drizzle/schema/index.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Expression } from '#server/market/expression/expression.ts';
import { expressionSql } from '#server/market/expression/expression-sql.ts';
import type { AttributeDefinition } from '#server/trpc/views.ts';
import type { ClassListRow, HopRow, ItemListRow, ListingListRow, TradeListRow } from './list-rows.schema.ts';

/** Rows of one page: after a serial, below the count of the snapshot, as of when it began, and of kinds that an expression takes. */
export type ListPage = {
  readonly at: Instant;
  readonly acct: string;
  readonly after: bigint;
  readonly below: bigint;
  readonly limit: number;
  readonly where: Expression | null;
};

const CLASS_ROWS = `
  select c.ledger_serial::text, c.class_id, c.class_ref, c.name_zh, c.name_en, c.certified_at is not null as is_certified
  from catalogue.item_classes c where c.studio_acct = $1 and c.ledger_serial > $2::bigint and c.ledger_serial < $3::bigint and $5::timestamptz is not null`;
const ITEM_ROWS = `
  select i.ledger_serial::text, i.item_id, i.class_id, c.class_ref, r.item_ref, coalesce(h.from_acct, i.owner) as owner,
    coalesce(h.ver - 1, i.ver)::text as ver
  from custody.items i join catalogue.item_classes c using (class_id) join catalogue.item_refs r using (item_id)
  left join lateral (
    select p.from_acct, p.ver from custody.hops p where p.item_id = i.item_id and p.at > $5::timestamptz order by p.ver limit 1
  ) h on true
  where c.studio_acct = $1 and i.ledger_serial > $2::bigint and i.ledger_serial < $3::bigint`;

export async function listClassRows(sql: postgres.Sql, page: ListPage): Promise<readonly ClassListRow[]> {
  return listRows<ClassListRow>(sql, CLASS_ROWS, 'c.ledger_serial', page);
}

const ISO = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const TRADE_ROWS = `
  select t.seq::text, t.trade_id, t.class_id, c.class_ref, t.mechanism, t.quantity, t.price_fen::text, t.gross_fen::text,
    t.royalty_fen::text, coalesce((select s.state from market.trade_states s where s.trade_id = t.trade_id and s.at <= $5::timestamptz
      order by s.step desc limit 1), t.state) as state, ${ISO('t.settled_at')} as settled_at,
    array(select i.item_id from market.trade_items i where i.trade_id = t.trade_id order by i.ledger_serial) as item_ids
  from market.trades t join catalogue.item_classes c using (class_id)
  where c.studio_acct = $1 and t.seq > $2::bigint and t.seq < $3::bigint and t.settled_at <= $5::timestamptz`;
const LISTING_ROWS = `
  select o.seq::text, o.order_id, o.class_id, c.class_ref, o.price_fen::text, ${ISO('o.placed_at')} as placed_at,
    ${ISO('o.live_from')} as live_from, ${ISO('o.expires_at')} as expires_at,
    array(select h.item_id from custody.item_holds h where h.order_id = o.order_id and (h.state = 'active' or o.ended_at is not null)
      order by h.item_id) as item_ids
  from market.orders o join catalogue.item_classes c using (class_id)
  where c.studio_acct = $1 and o.seq > $2::bigint and o.seq < $3::bigint and o.intent = 'listing'
    and (o.ended_at is null or o.ended_at > $5::timestamptz)`;

/** Settled, oldest first; parties are the market's business and not the studio's. */
export async function listTradeRows(sql: postgres.Sql, page: ListPage): Promise<readonly TradeListRow[]> {
  return listRows<TradeListRow>(sql, TRADE_ROWS, 't.seq', page);
}

/** Those that were open, oldest first. */
export async function listListingRows(sql: postgres.Sql, page: ListPage): Promise<readonly ListingListRow[]> {
  return listRows<ListingListRow>(sql, LISTING_ROWS, 'o.seq', page);
}

/** One above the newest: what comes later belongs to a later list. */
export async function nextSeq(sql: postgres.Sql, of: 'trades' | 'listings'): Promise<bigint> {
  const table = of === 'trades' ? 'market.trades' : 'market.orders';
  const [row] = await query<{ next: string }>(sql, `select (coalesce(max(seq), 0) + 1)::text as next from ${table}`);
  return BigInt(row?.next ?? '1');
}

export async function listItemRows(sql: postgres.Sql, page: ListPage): Promise<readonly ItemListRow[]> {
  return listRows<ItemListRow>(sql, ITEM_ROWS, 'i.ledger_serial', page);
}

async function listRows<Row extends object>(sql: postgres.Sql, text: string, order: string, page: ListPage): Promise<readonly Row[]> {
  const { acct, after, below, limit, where, at } = page;
  const condition = where === null ? null : expressionSql(where, 6);
  const taken = condition === null ? '' : ` and ${condition.text}`;
  const values = [acct, after.toString(), below.toString(), limit, toIso(at), ...(condition?.values ?? [])];
  return query<Row>(sql, `${text}${taken} order by ${order} limit $4`, values);
}

/** Attributes of all the studio's games; a key that two games type differently has the type of the game declared first. */
export async function listAttributesOf(sql: postgres.Sql, acct: string): Promise<readonly Pick<AttributeDefinition, 'key' | 'type'>[]> {
  return query(
    sql,
    `select distinct on (d.key) d.key, d.type from catalogue.attribute_definitions d join catalogue.games g using (game_id)
     where g.studio_acct = $1 order by d.key, g.created_at, g.game_id`,
    [acct],
  );
}

export async function findItemRow(sql: postgres.Sql, acct: string, itemId: string): Promise<ItemListRow | null> {
  const rows = await sql<ItemListRow[]>`
    select i.ledger_serial::text, i.item_id, i.class_id, c.class_ref, r.item_ref, i.owner, i.ver::text
    from custody.items i join catalogue.item_classes c using (class_id) join catalogue.item_refs r using (item_id)
    where c.studio_acct = ${acct} and i.item_id = ${itemId}`;
  return rows[0] ?? null;
}

export async function listItemHops(sql: postgres.Sql, itemId: string): Promise<readonly HopRow[]> {
  const rows = await orm(sql)
    .select({ act: hops.act, at: hops.at, from: hops.fromAcct, to: hops.toAcct })
    .from(hops)
    .where(eq(hops.itemId, itemId))
    .orderBy(asc(hops.ver));
  return rows.map((row) => ({ ...row, at: toIso(row.at) }));
}
