/** Invariants of the market that hold after every command: holds against orders, fills against trades, money coming, days, custody. */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { Sql } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

export type Break = { readonly check: string; readonly subject: string; readonly expected: string; readonly found: string };

const CHECKS: readonly { readonly check: string; readonly sql: string }[] = [
  {
    check: 'journal entry balances',
    sql: `select entry_id::text as subject, '0' as expected, sum(amount_fen)::text as found from journal.postings group by entry_id having sum(amount_fen) <> 0`,
  },
  {
    check: 'journal entries have no gap',
    sql: `select 'entries' as subject, (next_id - 1)::text as expected, (select count(*)::text from journal.entries) as found from journal.heads
          where next_id - 1 <> (select count(*) from journal.entries)`,
  },
  {
    check: 'balance is the sum of its postings',
    sql: `select a.account_id as subject, coalesce(p.total, 0)::text as expected, a.balance_fen::text as found from journal.accounts a
          left join (select account_id, sum(amount_fen) as total from journal.postings group by account_id) p using (account_id)
          where a.balance_fen <> coalesce(p.total, 0)`,
  },
  {
    check: 'money held is the sum of open holds',
    sql: `select a.account_id as subject, coalesce(h.total, 0)::text as expected, a.balance_fen::text as found from journal.accounts a
          left join (select 'held:' || acct as account_id, sum(left_fen) as total from journal.holds where state = 'open' group by acct) h using (account_id)
          where a.account_id like 'held:%' and a.balance_fen <> coalesce(h.total, 0)`,
  },
  {
    check: 'a buy order is fully funded',
    sql: `select o.order_id as subject, (coalesce(w.waiting, 0) + case when o.ended_at is null then o.price_fen * (o.quantity - o.filled) else 0 end)::text as expected,
            coalesce(h.left_fen, 0)::text as found
          from market.orders o left join journal.holds h on h.order_id = o.order_id
          left join (select buy_order_id, sum(gross_fen) as waiting from market.trades where state = 'publicity' group by buy_order_id) w on w.buy_order_id = o.order_id
          where o.side = 'buy' and coalesce(h.left_fen, 0) <> coalesce(w.waiting, 0) + case when o.ended_at is null then o.price_fen * (o.quantity - o.filled) else 0 end`,
  },
  {
    check: 'an open sell order holds its items',
    sql: `select o.order_id as subject, (o.quantity - o.filled)::text as expected, count(h.item_id)::text as found
          from market.orders o left join custody.item_holds h on h.order_id = o.order_id and h.state = 'active'
          where o.side = 'sell' and o.ended_at is null group by o.order_id having count(h.item_id) <> o.quantity - o.filled`,
  },
  {
    check: 'a held item belongs to an open order or a waiting trade',
    sql: `select h.item_id as subject, 'open' as expected, o.state as found from custody.item_holds h join market.orders o on o.order_id = h.order_id
          where h.state = 'active' and o.ended_at is not null
            and not exists (select 1 from market.trades t where t.sell_order_id = o.order_id and t.state = 'publicity')`,
  },
  {
    check: 'fills of an order are its trades',
    sql: `select o.order_id as subject, coalesce(t.total, 0)::text as expected, o.filled::text as found from market.orders o
          left join (select order_id, sum(quantity) as total from (
            select sell_order_id as order_id, quantity from market.trades union all select buy_order_id, quantity from market.trades) x group by order_id) t
          using (order_id) where o.filled <> coalesce(t.total, 0)`,
  },
  {
    check: 'money coming is that of trades not paid out',
    sql: `select a.account_id as subject, coalesce(t.total, 0)::text as expected, a.balance_fen::text as found from journal.accounts a
          left join (select 'coming:' || seller as account_id, sum(net_fen) as total from market.trades
                     where state in ('settled', 'certified', 'protected', 'disputed') group by seller) t using (account_id)
          where a.account_id like 'coming:%' and a.balance_fen <> coalesce(t.total, 0)`,
  },
  {
    check: 'a settled trade has its place in the sequence',
    sql: `select t.trade_id as subject, 'sequenced' as expected, 'none' as found from market.trades t
          left join ledger.ledger_txs l on l.tx_id = t.tx_id where t.tx_id is not null and l.tx_id is null`,
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
    check: 'the last hop of an item names its owner',
    sql: `select i.item_id as subject, i.owner as expected, h.to_acct as found from custody.items i
          join lateral (select to_acct from custody.hops h where h.item_id = i.item_id order by ver desc limit 1) h on true
          where not i.is_burned and h.to_acct <> i.owner`,
  },
  {
    check: 'a room of the outbox has no gap',
    sql: `select room as subject, max(seq)::text as expected, count(*)::text as found from outbox.messages group by room having max(seq) <> count(*)`,
  },
];

export async function listBroken(sql: Sql, pending: StateView): Promise<readonly Break[]> {
  // One snapshot for all checks, so that a running market is not seen halfway.
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const breaks: Break[] = [];
    for (const { check, sql: text } of CHECKS) {
      for (const row of await query<Omit<Break, 'check'>>(tx, `${text} limit 100`)) breaks.push({ check, ...row });
    }
    breaks.push(...(await comparePending(tx, pending)));
    return breaks;
  });
}

type Queryable = Parameters<typeof query>[0];

type CustodyRow = { item_id: string; ledger_serial: string; owner: string; ver: string; is_burned: boolean };

async function comparePending(sql: Queryable, pending: StateView): Promise<readonly Break[]> {
  const rows = await query<CustodyRow>(sql, 'select item_id, ledger_serial, owner, ver, is_burned from custody.items');
  const breaks = rows.flatMap((row): readonly Break[] => {
    const leaf = pending.itemBySerial(BigInt(row.ledger_serial));
    const expected = leaf === null ? 'nothing' : `${(leaf.flags & 1) === 1 ? 'burned' : toHex(leaf.owner)} ver ${leaf.ver}`;
    const found = `${row.is_burned ? 'burned' : row.owner} ver ${row.ver}`;
    return expected === found ? [] : [{ check: 'custody repeats the ledger', subject: row.item_id, expected, found }];
  });
  const counted = pending.count(1);
  if (counted !== BigInt(rows.length)) {
    breaks.push({ check: 'custody repeats the ledger', subject: 'items', expected: String(counted), found: String(rows.length) });
  }
  return breaks;
}
