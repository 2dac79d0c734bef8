/** Checks of one database against itself, each a query whose every row is a break: what should be, and what is there instead. */
import type { Sql, Tx } from '#server/db.ts';
import { query } from './rows.repo.ts';

export const BREAK_KINDS = [
  'entry_unbalanced',
  'entry_missing',
  'balance_differs',
  'money_hold_differs',
  'buy_order_underfunded',
  'item_hold_missing',
  'item_hold_stray',
  'money_coming_differs',
  'custody_differs',
  'custody_missing',
  'custody_hop_differs',
  'trade_not_on_ledger',
  'trade_entry_differs',
  'trade_items_differ',
  'guarantee_differs',
  'reserve_differs',
  'instruction_missing',
  'transfer_entry_differs',
  'transfer_overdue',
  'gift_hold_differs',
  'gift_not_given',
  'provider_differs',
  'provider_unbalanced',
  'feed_gap',
  'feed_chain',
  'feed_head',
] as const;
export type BreakKind = (typeof BREAK_KINDS)[number];
export type Break = { readonly kind: BreakKind; readonly subject: string; readonly expected: string; readonly reported: string };

type Check = { readonly kind: BreakKind; readonly sql: string };

/** Sums of whole tables: some seconds on a large market, always in a read-only snapshot that keeps nobody waiting. */
const CHECKS: readonly Check[] = [
  {
    kind: 'entry_unbalanced',
    sql: `select entry_id::text as subject, '0' as expected, sum(amount_fen)::text as reported from journal.postings group by entry_id having sum(amount_fen) <> 0`,
  },
  {
    kind: 'entry_missing',
    sql: `select n::text as subject, 'an entry with postings' as expected, case when e.entry_id is null then 'none' else 'no postings' end as reported
          from journal.heads h, generate_series(h.first_id, h.next_id - 1) n left join journal.entries e on e.entry_id = n
          where e.entry_id is null or not exists (select 1 from journal.postings p where p.entry_id = n)`,
  },
  {
    kind: 'balance_differs',
    sql: `select coalesce(a.account_id, p.account_id) as subject, coalesce(p.total, 0)::text as expected, coalesce(a.balance_fen, 0)::text as reported from journal.accounts a
          full join (select account_id, sum(amount_fen) as total from journal.postings group by account_id) p using (account_id)
          where coalesce(a.balance_fen, 0) <> coalesce(p.total, 0)`,
  },
  {
    kind: 'money_hold_differs',
    sql: `select account_id as subject, coalesce(h.total, 0)::text as expected, coalesce(a.balance_fen, 0)::text as reported
          from (select * from journal.accounts where account_id like 'held:%') a
          full join (select 'held:' || acct as account_id, sum(left_fen) as total from journal.holds where state = 'open' group by acct) h using (account_id)
          where coalesce(a.balance_fen, 0) <> coalesce(h.total, 0)`,
  },
  {
    // An open order holds what is left of it; units that wait for the end of publicity are held too. A purchase that waits for a
    // payment from outside holds what has come in.
    kind: 'buy_order_underfunded',
    sql: `select o.order_id as subject, w.needed::text as expected, coalesce(h.left_fen, 0)::text as reported
          from market.orders o left join journal.holds h on h.order_id = o.order_id,
          lateral (select case when o.ended_at is null and not exists (select 1 from payments.transfers p
              where p.order_id = o.order_id and p.state <> 'paid') then o.price_fen * (o.quantity - o.filled) else 0 end + coalesce(sum(t.gross_fen), 0) as needed
            from market.trades t where t.buy_order_id = o.order_id and t.state = 'publicity') w
          where o.side = 'buy' and coalesce(h.left_fen, 0) <> w.needed`,
  },
  {
    // A counter names what its holder's listing may hold as well: it promises nothing before the buyer's yes.
    kind: 'item_hold_missing',
    sql: `select o.order_id as subject, (o.quantity - o.filled)::text as expected, count(h.item_id)::text as reported
          from market.orders o left join custody.item_holds h on h.order_id = o.order_id and h.state = 'active'
            and not exists (select 1 from market.trades t join market.trade_items i on i.trade_id = t.trade_id
                            where t.sell_order_id = o.order_id and t.state = 'publicity' and i.item_id = h.item_id)
          where o.side = 'sell' and o.ended_at is null and o.intent <> 'counter' group by o.order_id
          having count(h.item_id) <> o.quantity - o.filled`,
  },
  {
    kind: 'item_hold_stray',
    sql: `select h.item_id as subject, 'an open order of ' || i.owner as expected, coalesce(o.state || ' order of ' || o.acct, 'no order') as reported
          from custody.item_holds h left join market.orders o on o.order_id = h.order_id left join custody.items i on i.item_id = h.item_id
          where h.state = 'active' and not exists (select from market.gifts g where g.gift_id = h.order_id) and (o.acct is distinct from i.owner or (o.ended_at is not null
            and not exists (select 1 from market.trades t where t.sell_order_id = o.order_id and t.state = 'publicity')))`,
  },
  {
    // A gift holds its item from the giver's signature to its end, and nothing besides.
    kind: 'gift_hold_differs',
    sql: `select g.gift_id as subject, case g.state when 'open' then 'active' when 'given' then 'spent' else 'released' end as expected,
            coalesce(h.state, 'nothing') as reported
          from market.gifts g left join custody.item_holds h on h.order_id = g.gift_id and h.item_id = g.item_id
          where h.state is distinct from (case g.state when 'open' then 'active' when 'given' then 'spent' else 'released' end)`,
  },
  {
    kind: 'gift_not_given',
    sql: `select g.gift_id as subject, g.recipient as expected, coalesce(p.to_acct, 'nobody') as reported
          from market.gifts g left join custody.hops p on p.item_id = g.item_id and p.tx_id = g.tx_id
          where g.state = 'given' and p.to_acct is distinct from g.recipient`,
  },
  {
    kind: 'money_coming_differs',
    sql: `select account_id as subject, coalesce(t.total, 0)::text as expected, coalesce(a.balance_fen, 0)::text as reported
          from (select * from journal.accounts where account_id like 'coming:%') a
          full join (select 'coming:' || seller as account_id, sum(net_fen) as total from market.trades
                     where state in ('settled', 'certified', 'protected', 'disputed') group by seller) t using (account_id)
          where coalesce(a.balance_fen, 0) <> coalesce(t.total, 0)`,
  },
  {
    // Custody may be ahead of the certified leaves by what is sequenced and not sealed yet, and by nothing else.
    kind: 'custody_differs',
    sql: `select c.item_id as subject,
            case when l.serial is null then 'nothing' else encode(l.owner, 'hex') || ' ver ' || l.ver end as expected, c.owner || ' ver ' || c.ver as reported
          from custody.items c left join ledger.items l on l.serial = c.ledger_serial
          where not (coalesce(l.ver, 0) < c.ver and exists (select 1 from ledger.ledger_txs s where s.status = 'sequenced'))
            and (l.serial is null or l.ver <> c.ver or (encode(l.owner, 'hex') <> c.owner and not c.is_burned))`,
  },
  {
    kind: 'custody_missing',
    sql: `select l.serial::text as subject, encode(l.owner, 'hex') || ' ver ' || l.ver as expected, 'nothing' as reported
          from ledger.items l left join custody.items c on c.ledger_serial = l.serial where c.item_id is null`,
  },
  {
    kind: 'custody_hop_differs',
    sql: `select i.item_id as subject, i.owner as expected, coalesce(h.to_acct, 'nobody') as reported from custody.items i
          left join lateral (select to_acct from custody.hops h where h.item_id = i.item_id order by ver desc limit 1) h on true
          where not i.is_burned and h.to_acct is distinct from i.owner`,
  },
  {
    kind: 'trade_not_on_ledger',
    sql: `select t.trade_id as subject, case when t.state in ('settled', 'reversed') then 'sequenced' else 'certified' end as expected,
            coalesce(l.status, 'nothing') as reported
          from market.trades t left join lateral (select n.tx_id, n.status from ledger.ledger_txs n where n.tx_id = t.tx_id order by n.seq desc limit 1) l on true
          where t.tx_id is not null and (l.tx_id is null or (t.state in ('certified', 'protected', 'paid_out') and l.status <> 'certified'))`,
  },
  {
    kind: 'trade_entry_differs',
    sql: `select t.trade_id as subject, t.gross_fen || ' from ' || t.buyer || ', ' || t.net_fen || ' to ' || t.seller as expected,
            e.entries || ' entries: ' || coalesce(e.paid, 0) || ' and ' || coalesce(e.earned, 0) as reported
          from market.trades t, lateral (
            select count(distinct e.entry_id) as entries,
              -sum(p.amount_fen) filter (where p.amount_fen < 0 and p.account_id in ('available:' || t.buyer, 'held:' || t.buyer)) as paid,
              sum(p.amount_fen) filter (where p.account_id = 'coming:' || t.seller) as earned
            from journal.entries e join journal.postings p on p.entry_id = e.entry_id where e.trade_id = t.trade_id and e.kind = 'trade') e
          where (t.tx_id is not null and (e.entries <> 1 or e.paid is distinct from t.gross_fen or coalesce(e.earned, 0) <> t.net_fen))
             or (t.tx_id is null and e.entries <> 0)`,
  },
  {
    // A trade that members refused has its items back: its hops are gone with it.
    kind: 'trade_items_differ',
    sql: `select t.trade_id as subject, t.quantity || ' from ' || t.seller || ' to ' || t.buyer as expected, count(h.item_id) || ' hops' as reported
          from market.trades t left join custody.hops h on h.tx_id = t.tx_id and h.from_acct = t.seller and h.to_acct = t.buyer and h.trade_id = t.trade_id
          where t.tx_id is not null and t.state <> 'reversed' group by t.trade_id having count(h.item_id) <> t.quantity
          union all
          select h.trade_id, 'a settled trade', 'a hop of ' || h.item_id from custody.hops h left join market.trades t on t.trade_id = h.trade_id and t.tx_id = h.tx_id
          where h.trade_id is not null and t.trade_id is null`,
  },
  {
    // What the fund took is two per cent of fees that are final, half up; what it gave is what it was awarded to give.
    kind: 'guarantee_differs',
    sql: `select e.trade_id as subject, 'a share of ' || (2 * t.fee_fen * 200 + 10000) / 20000 || ' of a trade paid_out' as expected,
            'a share of ' || p.amount_fen || ' of a trade ' || t.state as reported
          from journal.entries e join journal.postings p on p.entry_id = e.entry_id and p.account_id = 'guarantee'
          join market.trades t on t.trade_id = e.trade_id
          where e.kind = 'fund_share' and (t.state <> 'paid_out' or p.amount_fen <> (2 * t.fee_fen * 200 + 10000) / 20000)
          union all
          select coalesce(p.entry_id, g.entry_id)::text, coalesce(g.fen || ' to ' || g.acct, 'nothing awarded'),
            coalesce(-p.amount_fen || ' to ' || p.acct, 'nothing paid')
          from (select e.entry_id, x.amount_fen, substring(o.account_id from 11) as acct from journal.entries e
              join journal.postings x on x.entry_id = e.entry_id and x.account_id = 'guarantee'
              join journal.postings o on o.entry_id = e.entry_id and o.amount_fen > 0 where e.kind = 'guarantee') p
          full join (select y.entry_id, y.fen, a.acct from cases.guarantee_payments y join cases.guarantee_awards a using (award_id)) g using (entry_id)
          where g.fen is distinct from -p.amount_fen or g.acct is distinct from p.acct`,
  },
  {
    // What lies in a tax sub-account is what was kept and is not free yet; what a sale gave into it is what was kept of it.
    kind: 'reserve_differs',
    sql: `select coalesce(a.account_id, r.account_id) as subject, coalesce(r.total, 0)::text as expected, coalesce(a.balance_fen, 0)::text as reported
          from (select * from journal.accounts where account_id like 'reserve:%') a
          full join (select 'reserve:' || acct as account_id, sum(amount_fen) as total from experiments.reserves where freed_at is null group by acct) r using (account_id)
          where coalesce(a.balance_fen, 0) <> coalesce(r.total, 0)
          union all
          select coalesce(k.trade_id, r.trade_id), coalesce(r.total, 0)::text, coalesce(k.total, 0)::text
          from (select e.trade_id, sum(p.amount_fen) as total from journal.entries e join journal.postings p using (entry_id)
            where e.kind = 'reserve' and p.account_id like 'reserve:%' group by e.trade_id) k
          full join (select trade_id, sum(amount_fen) as total from experiments.reserves group by trade_id) r using (trade_id)
          where coalesce(k.total, 0) <> coalesce(r.total, 0)`,
  },
  {
    kind: 'instruction_missing',
    sql: `select e.entry_id::text as subject, 'an instruction of kind ' || e.kind as expected, 'none' as reported from journal.entries e
          left join payments.instructions i on i.instruction_id = e.entry_id and i.kind = e.kind
          where e.kind not in ('deposit', 'withdrawal_paid') and i.instruction_id is null`,
  },
  {
    kind: 'transfer_entry_differs',
    sql: `select t.transfer_id as subject, w.kinds as expected, coalesce(e.kinds, '') as reported
          from payments.transfers t, lateral (select case
              when t.kind in ('deposit', 'purchase') then case when t.state = 'paid' then 'deposit ' || t.amount_fen else '' end
              when t.state = 'paid' then 'withdrawal ' || t.amount_fen || ', withdrawal_paid ' || t.amount_fen
              when t.state = 'failed' then 'withdrawal ' || t.amount_fen || ', withdrawal_failed ' || t.amount_fen
              else 'withdrawal ' || t.amount_fen end as kinds) w,
          lateral (select string_agg(e.kind || ' ' || p.amount_fen, ', ' order by e.entry_id) as kinds from journal.entries e
            join journal.postings p on p.entry_id = e.entry_id and p.amount_fen > 0 where e.transfer_id = t.transfer_id) e
          where w.kinds <> coalesce(e.kinds, '')`,
  },
  {
    kind: 'feed_gap',
    sql: `select r.room as subject, r.head_seq::text as expected, count(m.seq) || ' up to ' || coalesce(max(m.seq), 0) as reported
          from outbox.rooms r left join outbox.messages m on m.room = r.room group by r.room
          having count(m.seq) <> r.head_seq or coalesce(max(m.seq), 0) <> r.head_seq`,
  },
  {
    kind: 'feed_chain',
    sql: `select m.room || ' ' || m.seq as subject, encode(coalesce(before.hash, decode(repeat('00', 32), 'hex')), 'hex') as expected, encode(m.prev_hash, 'hex') as reported
          from outbox.messages m left join outbox.messages before on before.room = m.room and before.seq = m.seq - 1
          where m.prev_hash is distinct from coalesce(before.hash, decode(repeat('00', 32), 'hex'))`,
  },
  {
    kind: 'feed_head',
    sql: `select room || ' ' || seq as subject, encode(h.hash, 'hex') as expected, coalesce(encode(m.hash, 'hex'), 'nothing') as reported
          from (select room, seq, hash from outbox.heads union select room, head_seq, head_hash from outbox.rooms where head_seq > 0) h
          left join outbox.messages m using (room, seq) where m.hash is distinct from h.hash`,
  },
];

/** More of one kind than this is one disaster, not many findings. */
const SHOWN = 200;

export async function listOwnBreaks(tx: Tx): Promise<readonly Break[]> {
  const breaks: Break[] = [];
  for (const { kind, sql } of CHECKS) {
    const rows = await query<Omit<Break, 'kind'>>(tx, `select * from (${sql}) b order by subject limit ${SHOWN}`);
    breaks.push(...rows.map((row) => ({ kind, ...row })));
  }
  return breaks;
}

/** Balances of the journal by where the money lies at the institution, and the instructions that it has not followed yet. */
export type OurBalances = {
  readonly accounts: readonly { readonly account: string; readonly fen: bigint }[];
  readonly waiting: readonly { readonly ref: string; readonly pot: string; readonly fen: bigint }[];
};

export async function readOurBalances(tx: Tx, executedTo: bigint): Promise<OurBalances> {
  const accounts = await query<{ account_id: string; balance_fen: string }>(tx, 'select account_id, balance_fen from journal.accounts');
  const waiting = await query<{ ref: string; pot: string; amount: string }>(
    tx,
    `select m.ref, m.pot, sum(m.amount)::text as amount from payments.instructions i, jsonb_to_recordset(i.movements) as m(ref text, pot text, amount bigint)
     where i.instruction_id > $1::bigint group by m.ref, m.pot`,
    [String(executedTo)],
  );
  return {
    accounts: accounts.map((row) => ({ account: row.account_id, fen: BigInt(row.balance_fen) })),
    waiting: waiting.map((row) => ({ ref: row.ref, pot: row.pot, fen: BigInt(row.amount) })),
  };
}

export async function listPaid(tx: Tx, transferIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await query<{ transfer_id: string }>(
    tx,
    "select transfer_id from payments.transfers where state = 'paid' and transfer_id = any($1)",
    [transferIds],
  );
  return new Set(rows.map((row) => row.transfer_id));
}

export async function listOverdue(tx: Tx, before: Date): Promise<readonly Break[]> {
  const rows = await query<{ transfer_id: string; state: string; requested_at: Date }>(
    tx,
    'select transfer_id, state, requested_at from payments.transfers where ended_at is null and requested_at < $1 order by requested_at limit 200',
    [before],
  );
  return rows.map((row) => ({
    kind: 'transfer_overdue',
    subject: row.transfer_id,
    expected: 'an outcome within a day',
    reported: `${row.state} since ${row.requested_at.toISOString()}`,
  }));
}

export type CustodyRow = {
  readonly itemId: string;
  readonly serial: bigint;
  readonly owner: string;
  readonly ver: bigint;
  readonly isBurned: boolean;
};

/** A member's store holds the same tables, and nothing in them. */
export async function hasMarket(sql: Sql): Promise<boolean> {
  const [row] = await query<{ has: boolean }>(sql, 'select exists (select 1 from custody.items) as has', []);
  return row?.has === true;
}

export async function listCustody(tx: Tx, after: bigint, limit: number): Promise<readonly CustodyRow[]> {
  const rows = await query<{ item_id: string; ledger_serial: string; owner: string; ver: string; is_burned: boolean }>(
    tx,
    `select item_id, ledger_serial, owner, ver, is_burned from custody.items where ledger_serial > $1::bigint order by ledger_serial limit ${String(limit)}`,
    [String(after)],
  );
  return rows.map((row) => ({
    itemId: row.item_id,
    serial: BigInt(row.ledger_serial),
    owner: row.owner,
    ver: BigInt(row.ver),
    isBurned: row.is_burned,
  }));
}

export type MessageRow = {
  readonly room: string;
  readonly seq: number;
  readonly type: string;
  readonly at: Date;
  readonly body: string;
  readonly bodyHash: Uint8Array;
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
  readonly id: string;
  readonly schema: string;
};

/** Every kept message, room by room, in batches. */
export async function* streamMessages(tx: Tx): AsyncIterable<readonly MessageRow[]> {
  const rows = tx<
    {
      room: string;
      seq: string;
      message_id: string;
      type: string;
      schema: string;
      at: Date;
      body: string;
      body_hash: Uint8Array;
      prev_hash: Uint8Array;
      hash: Uint8Array;
    }[]
  >`select room, seq, message_id, type, schema, at, body, body_hash, prev_hash, hash from outbox.messages order by room, seq`;
  for await (const batch of rows.cursor(500)) {
    yield batch.map((row) => ({
      room: row.room,
      seq: Number(row.seq),
      id: row.message_id,
      type: row.type,
      schema: row.schema,
      at: row.at,
      body: row.body,
      bodyHash: row.body_hash,
      prevHash: row.prev_hash,
      hash: row.hash,
    }));
  }
}
