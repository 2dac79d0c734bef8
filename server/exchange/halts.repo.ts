/** Halts in force, as the one writer of the market needs them. */
import { type OrderId, parseOrderId } from '#ledger/primitives/ids.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Halt } from './halts.ts';

export async function listHaltsInForce(sql: Queryable): Promise<readonly Halt[]> {
  const rows = await query<Omit<Halt, 'until'> & { until: Date }>(
    sql,
    `select halt_id as "haltId", scope, target_id as "targetId", open_orders as "openOrders", until from cases.halts where state = 'active'`,
  );
  return rows.map((row) => ({ ...row, until: at(row.until) }));
}

/** What stands of a halted kind, game or market; a purchase that waits for its payment runs to its end. */
export async function listOpenOfHalt(sql: Queryable, { scope, targetId }: Halt, limit: number): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select o.order_id from market.orders o join catalogue.item_classes c on c.class_id = o.class_id
     where o.ended_at is null and ($1 = 'market' or ($1 = 'class' and o.class_id = $2) or ($1 = 'game' and c.game_id = $2))
       and not exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved')
     order by o.order_id limit $3::int`,
    [scope, targetId, String(limit)],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}
