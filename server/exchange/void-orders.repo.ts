/** SQL of orders whose item or key is another one now. */
import { type AccountId, type OrderId, parseAccountId, parseOrderId } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export type VoidOrder = {
  readonly orderId: OrderId;
  readonly acct: AccountId;
  /** Null where the key is at fault. */
  readonly serial: bigint | null;
  readonly reason: 'item_moved' | 'version_conflict' | 'key_epoch_stale';
  /** To somebody whose payment or publicity still runs. */
  readonly isPromised: boolean;
};
type Columns = { order_id: string; acct: string; serial: string | null; reason: VoidOrder['reason']; promised: boolean };

/** Money that waits is not freed with its buy order, items that wait would be. */
const PROMISED = `exists (select from market.trades t where t.sell_order_id = o.order_id and t.state in ('reserved', 'publicity'))
  or exists (select from market.trades t where t.buy_order_id = o.order_id and t.state = 'reserved')`;

function orderOf({ order_id, acct, serial, reason, promised }: Columns): VoidOrder {
  return {
    orderId: parseOrderId(order_id),
    acct: parseAccountId(acct),
    serial: serial === null ? null : BigInt(serial),
    reason,
    isPromised: promised,
  };
}

/** Open sell orders for an item that is not what was signed any more; null: of all items. */
export async function listMoved(sql: Queryable, serials: readonly bigint[] | null, limit: number): Promise<readonly VoidOrder[]> {
  const rows = await query<Columns>(
    sql,
    `select distinct on (o.order_id) o.order_id, o.acct, i.ledger_serial::text as serial, ${PROMISED} as promised,
       case when i.is_burned or i.owner <> o.acct then 'item_moved' else 'version_conflict' end as reason
     from custody.items i join custody.item_holds h on h.item_id = i.item_id and h.state = 'active'
       join market.orders o on o.order_id = h.order_id
       join market.order_items n on n.order_id = o.order_id and n.item_id = i.item_id
     where o.ended_at is null and o.side = 'sell' and (i.is_burned or i.owner <> o.acct or i.ver <> n.ver)
       and ($1::bigint[] is null or i.ledger_serial = any($1::bigint[]))
     order by o.order_id, reason limit ${String(limit)}`,
    [serials === null ? null : serials.map(String)],
  );
  return rows.map(orderOf);
}

export async function listOpenAccounts(sql: Queryable): Promise<readonly AccountId[]> {
  const rows = await query<{ acct: string }>(sql, 'select distinct acct from market.orders where ended_at is null');
  return rows.map(({ acct }) => parseAccountId(acct));
}

/** Open orders signed under another key than the account has now. */
export async function listStale(
  sql: Queryable,
  accounts: readonly { readonly acct: AccountId; readonly keyEpoch: number }[],
  limit: number,
): Promise<readonly VoidOrder[]> {
  const rows = await query<Columns>(
    sql,
    `select o.order_id, o.acct, null as serial, ${PROMISED} as promised, 'key_epoch_stale' as reason
     from json_to_recordset($1::text::json) as a(acct text, "keyEpoch" bigint) join market.orders o on o.acct = a.acct
     where o.ended_at is null and (o.quote #>> '{document,keyEpoch}')::bigint <> a."keyEpoch"
     order by o.order_id limit ${String(limit)}`,
    [JSON.stringify(accounts)],
  );
  return rows.map(orderOf);
}
