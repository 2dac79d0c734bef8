/** SQL of declared affiliates (product T-03): a studio names an account or a display name, for any of its games. */
import { type OrderId, parseOrderId } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

const ACCOUNTS = `select p.acct from identity.players p where p.acct = lower(declared.name) or lower(p.display_name) = lower(declared.name)`;

/** A column about the kind `c`: the words that were declared, and the accounts behind them. */
export const DECLARED_AFFILIATES = `(select coalesce(json_agg(distinct named.word), '[]') from catalogue.games d
  cross join lateral jsonb_array_elements_text(d.affiliates) as declared(name)
  cross join lateral (select lower(declared.name) union all ${ACCOUNTS}) as named(word)
  where d.studio_acct = c.studio_acct)`;

/** Open orders of accounts in kinds of a studio that has declared them since; what is paid for outside is left to its end. */
export async function listOpenOfAffiliates(sql: Queryable, sides: readonly ('sell' | 'buy')[], limit: number): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select distinct o.order_id from catalogue.games g
       cross join lateral jsonb_array_elements_text(g.affiliates) as declared(name)
       cross join lateral (${ACCOUNTS}) as person
       join market.orders o on o.acct = person.acct and o.ended_at is null and o.side = any($1)
       join catalogue.item_classes c on c.class_id = o.class_id and c.studio_acct = g.studio_acct
     where not exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved')
     order by o.order_id limit ${String(limit)}`,
    [[...sides]],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}
