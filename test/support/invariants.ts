/** What reconcile of the journal does not ask and a market must hold all the same: fills against trades, days against assessments. */
import type { Sql } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

export type Broken = { readonly check: string; readonly subject: string; readonly expected: string; readonly found: string };

const CHECKS: readonly { readonly check: string; readonly sql: string }[] = [
  {
    check: 'an open sell order holds its items',
    sql: `select o.order_id as subject, (o.quantity - o.filled)::text as expected, count(h.item_id)::text as found
          from market.orders o left join custody.item_holds h on h.order_id = o.order_id and h.state = 'active'
          where o.side = 'sell' and o.ended_at is null and o.intent <> 'counter' group by o.order_id having count(h.item_id) <> o.quantity - o.filled`,
  },
  {
    check: 'a counter that stands holds nothing',
    sql: `select o.order_id as subject, '0' as expected, count(*)::text as found from market.orders o
          join custody.item_holds h on h.order_id = o.order_id and h.state = 'active' where o.intent = 'counter' and o.ended_at is null
          group by o.order_id`,
  },
  {
    check: 'a thread stands as long as its one open step does',
    sql: `select f.offer_id as subject, (f.ended_at is null)::text as expected, count(o.order_id)::text as found from market.offers f
          left join market.offer_rounds r on r.offer_id = f.offer_id and r.ended_at is null
          left join market.orders o on o.order_id = r.order_id and o.ended_at is null
          group by f.offer_id having count(o.order_id) <> (f.ended_at is null)::int or count(r.order_id) <> count(o.order_id)`,
  },
  {
    check: 'an open step of an offer has its thread',
    sql: `select o.order_id as subject, 'a step' as expected, 'none' as found from market.orders o
          where o.intent in ('offer', 'counter') and o.ended_at is null
            and not exists (select from market.offer_rounds r where r.order_id = o.order_id and r.ended_at is null)`,
  },
  {
    // A purchase paid from outside fills its orders when it settles, every other trade at once.
    check: 'fills of an order are its trades',
    sql: `with filling as (select t.* from market.trades t where not (t.state in ('reserved', 'failed')
            and exists (select from payments.transfers p where p.trade_id = t.trade_id)))
          select o.order_id as subject, coalesce(t.total, 0)::text as expected, o.filled::text as found from market.orders o
          left join (select order_id, sum(quantity) as total from (
            select sell_order_id as order_id, quantity from filling union all select buy_order_id, quantity from filling) x group by order_id) t
          using (order_id) where o.filled <> coalesce(t.total, 0)`,
  },
  {
    check: 'a settled trade has its assessment and its entry',
    sql: `select t.trade_id as subject, '1 and 1' as expected, (a.n || ' and ' || e.n) as found from market.trades t,
            lateral (select count(*) as n from compliance.assessments where trade_id = t.trade_id and version = 1) a,
            lateral (select count(*) as n from journal.entries where trade_id = t.trade_id and kind = 'trade') e
          where t.tx_id is not null and (a.n <> 1 or e.n <> 1)`,
  },
  {
    check: 'a day window is the sum of its sales',
    sql: `select w.acct || ' ' || w.day as subject, coalesce(s.total, 0)::text as expected, w.gross_fen::text as found from compliance.windows w
          left join (select seller, day, sum(gross_fen) as total from (
            select distinct on (trade_id) trade_id, seller, day, gross_fen from compliance.assessments order by trade_id, version desc) l
            group by seller, day) s on s.seller = w.acct and s.day = w.day
          where w.gross_fen <> coalesce(s.total, 0) and not exists (
            select 1 from compliance.assessments a join market.trades t on t.trade_id = a.trade_id
            where a.seller = w.acct and a.day = w.day and t.state = 'reversed')`,
  },
  {
    // Were a sale to enter a day that is over, it could cross that day's line behind a refund that was booked under the old flag (CN-ALG-04).
    check: 'a sale is assessed on its own day',
    sql: `select a.trade_id as subject, a.day as expected, to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as found
          from compliance.assessments a where a.version = 1 and to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') <> a.day`,
  },
  {
    check: 'what was taken back owes nothing, and is never assessed again (CN-ALG-04)',
    sql: `select trade_id as subject, 'reversed 0 0' as expected, cause || ' ' || gross_fen || ' ' || total_fen as found from (
            select distinct on (trade_id) * from compliance.assessments order by trade_id, version desc) l
          where (cause <> 'reversed' or gross_fen <> 0 or total_fen <> 0)
            and exists (select from compliance.assessments r where r.trade_id = l.trade_id and r.cause = 'reversed')`,
  },
];

/** One snapshot for all checks. */
export async function listBroken(sql: Sql): Promise<readonly Broken[]> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const broken: Broken[] = [];
    for (const { check, sql: text } of CHECKS) {
      for (const row of await query<Omit<Broken, 'check'>>(tx, `${text} limit 100`)) broken.push({ check, ...row });
    }
    return broken;
  });
}
