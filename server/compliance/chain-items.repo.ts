/** What was bought with a disputed payment and has moved on since (rulebook CN-SV-12), wherever it is now. */
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ChainItem } from '#server/trpc/views.ts';

type Columns = {
  item_id: string;
  name_zh: string | null;
  name_en: string;
  unit_no: number;
  owner: string;
  hops: number;
  is_listed: boolean;
  frozen: Date | null;
};

/** Null where nothing of it is left to stop: it is with its buyer still, came back, or is no more. */
export async function chainItems(sql: Queryable, disputedTradeId: string, now: Instant): Promise<readonly ChainItem[] | null> {
  const rows = await query<Columns>(
    sql,
    `select i.item_id, c.name_zh, c.name_en, i.unit_no, i.owner,
       (select count(*)::int from market.trade_items x join market.trades t on t.trade_id = x.trade_id
        where x.item_id = i.item_id and t.settled_at > d.settled_at and t.state <> 'reversed') as hops,
       exists (select from market.order_items o join market.orders l on l.order_id = o.order_id
        where o.item_id = i.item_id and l.intent = 'listing' and l.ended_at is null) as is_listed,
       (select max(f.until) from cases.freezes f where f.scope = 'item' and f.target_id = i.item_id and f.state = 'active' and f.until > $2::timestamptz) as frozen
     from market.trades d join market.trade_items s on s.trade_id = d.trade_id join custody.items i on i.item_id = s.item_id
       join catalogue.item_classes c on c.class_id = i.class_id
     where d.trade_id = $1 and not i.is_burned and i.owner not in (d.buyer, d.seller) order by i.ledger_serial`,
    [disputedTradeId, toIso(now)],
  );
  if (rows.length === 0) return null;
  return rows.map((row) => ({
    itemId: row.item_id,
    names: { zh: row.name_zh, en: row.name_en },
    serialNo: row.unit_no,
    holderRef: parseAccountId(row.owner),
    hops: row.hops,
    isListed: row.is_listed,
    frozenUntil: row.frozen?.toISOString() ?? null,
  }));
}
