/** Which items and whose accounts a break is about, where it names an order, a trade, a gift or a transfer. */
import { type AccountId, type ItemId, parseAccountId, parseItemId } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

/** Of orders, trades and gifts, each known by its id. */
export async function listItemsOf(sql: Queryable, ids: readonly string[]): Promise<readonly ItemId[]> {
  if (ids.length === 0) return [];
  const rows = await query<{ item_id: string }>(
    sql,
    `select item_id from market.order_items where order_id = any($1) union select item_id from market.trade_items where trade_id = any($1)
     union select item_id from market.gifts where gift_id = any($1)`,
    [[...ids]],
  );
  return rows.map(({ item_id }) => parseItemId(item_id));
}

/** Of orders, both sides of trades, transfers. */
export async function listAccountsOf(sql: Queryable, ids: readonly string[]): Promise<readonly AccountId[]> {
  if (ids.length === 0) return [];
  const rows = await query<{ acct: string }>(
    sql,
    `select acct from market.orders where order_id = any($1) union select seller from market.trades where trade_id = any($1)
     union select buyer from market.trades where trade_id = any($1) union select acct from payments.transfers where transfer_id = any($1)`,
    [[...ids]],
  );
  return rows.map(({ acct }) => parseAccountId(acct));
}
