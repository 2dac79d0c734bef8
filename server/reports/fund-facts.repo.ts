/** What a fund-flow statement is made of (rulebook 8.3): the institution's books beside our journal, as of the end of a period. */
import { type Fen, fen, parseFen } from '#ledger/primitives/fen.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { ORDER_POTS, type OrderBooking } from '#sandbox/reports/order-money.ts';
import type { Period } from '#sandbox/reports/period.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

const MS = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;
const fenOf = (row: { fen: string } | undefined): Fen => parseFen(row?.fen ?? '0');

export type BankEntryFact = {
  readonly source: string;
  readonly kind: string;
  readonly at: Instant;
  readonly amountFen: Fen;
  /** Whose money it is. */
  readonly ref: string | null;
  /** The order that a buyer paid for on the institution's own page. */
  readonly orderId: string | null;
  readonly tradeId: string | null;
};
export type AccountBalances = { readonly openingFen: Fen; readonly closingFen: Fen };

/** Money that came into or left the institution's account for our customers, with the balance before and after. */
export async function listBankEntries(tx: Tx, period: Period): Promise<AccountBalances & { readonly entries: readonly BankEntryFact[] }> {
  const balance = `select coalesce(-sum(p.amount_fen), 0)::text as fen from psp.postings p join psp.entries e using (source) where p.pot = 'bank' and e.at <`;
  type Row = {
    source: string;
    kind: string;
    at: string;
    fen: string;
    ref: string | null;
    order_id: string | null;
    trade_id: string | null;
  };
  const [[opening], [closing], rows] = await Promise.all([
    query<{ fen: string }>(tx, `${balance} $1`, [toIso(period.from)]),
    query<{ fen: string }>(tx, `${balance} $1`, [toIso(period.before)]),
    query<Row>(
      tx,
      `select e.source, e.kind, ${MS('e.at')}::text as at, (-sum(p.amount_fen) filter (where p.pot = 'bank'))::text as fen,
         min(p.ref) filter (where p.pot <> 'bank') as ref, min(x.order_id) as order_id, min(x.trade_id) as trade_id
       from psp.entries e join psp.postings p using (source) left join payments.transfers x on x.transfer_id = split_part(e.source, '/', 2)
       where e.at >= $1 and e.at < $2
       group by e.source, e.kind, e.at, e.number having coalesce(sum(p.amount_fen) filter (where p.pot = 'bank'), 0) <> 0 order by e.number`,
      [toIso(period.from), toIso(period.before)],
    ),
  ]);
  return {
    openingFen: fenOf(opening),
    closingFen: fenOf(closing),
    entries: rows.map((row) => ({
      source: row.source,
      kind: row.kind,
      at: instant(Number(row.at)),
      amountFen: parseFen(row.fen),
      ref: row.ref,
      orderId: row.order_id,
      tradeId: row.trade_id,
    })),
  };
}

/** Balances of now less what was booked from the moment on: a day's statement does not read the years before it. */
const INSTITUTION_HOLDS = `select ((select coalesce(sum(balance_fen), 0) from psp.accounts where pot = any($2))
  - (select coalesce(sum(p.amount_fen), 0) from psp.entries e join psp.postings p using (source) where e.at >= $1 and p.pot = any($2)))::text as fen`;
const JOURNAL_HOLDS = `select ((select coalesce(sum(balance_fen), 0) from journal.accounts where account_id ~ '^(held|coming):')
  - (select coalesce(sum(p.amount_fen), 0) from journal.entries e join journal.postings p using (entry_id)
     where e.at >= $1 and p.account_id ~ '^(held|coming):'))::text as fen`;

export type OrderBalances = AccountBalances & {
  /** Everything that our own journal holds for orders at the end of the period. */
  readonly heldFen: Fen;
};

export async function readOrderBalances(tx: Tx, { from, before }: Period): Promise<OrderBalances> {
  const [[opening], [closing], [held]] = await Promise.all([
    query<{ fen: string }>(tx, INSTITUTION_HOLDS, [toIso(from), ORDER_POTS]),
    query<{ fen: string }>(tx, INSTITUTION_HOLDS, [toIso(before), ORDER_POTS]),
    query<{ fen: string }>(tx, JOURNAL_HOLDS, [toIso(before)]),
  ]);
  return { openingFen: fenOf(opening), closingFen: fenOf(closing), heldFen: fenOf(held) };
}

type BookingRow = {
  source: string;
  kind: string;
  at: string;
  order_id: string | null;
  trade_id: string | null;
  buyer: string | null;
  seller: string | null;
  lines: readonly { readonly ref: string; readonly pot: string; readonly fen: string }[];
};

/** The institution's lines of these sources, with the order that our journal has them for. A former operator's numbers lead to nothing here. */
const BOOKINGS = `select e.source, e.kind, ${MS('e.at')}::text as at, coalesce(t.buy_order_id, j.order_id) as order_id, j.trade_id, t.buyer, t.seller,
    (select jsonb_agg(jsonb_build_object('ref', p.ref, 'pot', p.pot, 'fen', p.amount_fen::text) order by p.line) from psp.postings p where p.source = e.source) as lines
  from asked a join psp.entries e using (source)
    left join journal.entries j on j.entry_id = case when e.source like 'instruction/%' then split_part(e.source, '/', 2)::bigint end and j.kind = e.kind
    left join market.trades t on t.trade_id = j.trade_id
  order by e.number`;

const bookingOf = (row: BookingRow): OrderBooking => ({
  source: row.source,
  kind: row.kind,
  at: instant(Number(row.at)),
  orderId: row.order_id,
  tradeId: row.trade_id,
  buyer: row.buyer,
  seller: row.seller,
  lines: row.lines.map(({ ref, pot, fen: amount }) => ({ ref, pot, amountFen: parseFen(amount) })),
});

/** Everything of the period that moved money of orders, in the order of the institution's books. */
export async function listOrderBookings(tx: Tx, { from, before }: Period): Promise<readonly OrderBooking[]> {
  const rows = await query<BookingRow>(
    tx,
    `with asked as (select e.source from psp.entries e where e.at >= $1 and e.at < $2
       and exists (select from psp.postings p where p.source = e.source and p.pot = any($3))) ${BOOKINGS}`,
    [toIso(from), toIso(before), ORDER_POTS],
  );
  return rows.map(bookingOf);
}

const OF_ORDERS = `select j.entry_id, j.order_id from journal.entries j where j.order_id = any($1)
  union select j.entry_id, t.buy_order_id from market.trades t join journal.entries j on j.trade_id = t.trade_id where t.buy_order_id = any($1)`;

/** All bookings of these orders up to the end of the period, however long ago they began. */
export async function listBookingsOf(tx: Tx, orderIds: readonly string[], before: Instant): Promise<readonly OrderBooking[]> {
  const rows = await query<BookingRow>(
    tx,
    `with asked as (select distinct 'instruction/' || o.entry_id as source from (${OF_ORDERS}) o join psp.entries e on e.source = 'instruction/' || o.entry_id
       where e.at < $2 and exists (select from psp.postings p where p.source = e.source and p.pot = any($3))) ${BOOKINGS}`,
    [orderIds, toIso(before), ORDER_POTS],
  );
  return rows.map(bookingOf);
}

/** What our own journal holds for each of these orders at that moment; which of them pay with each fill; and for those of a former operator what the
 *  opening books of the takeover took over, which asked nothing of the institution. */
export async function readOrdersHeld(
  tx: Tx,
  orderIds: readonly string[],
  before: Instant,
): Promise<{
  readonly heldFen: ReadonlyMap<string, Fen>;
  readonly byFill: ReadonlySet<string>;
  readonly openedFen: ReadonlyMap<string, Fen>;
}> {
  const [held, opened, byFill] = await Promise.all([
    query<{ order_id: string; fen: string }>(
      tx,
      `select o.order_id, sum(p.amount_fen)::text as fen from (${OF_ORDERS}) o join journal.entries e using (entry_id) join journal.postings p using (entry_id)
       where e.at < $2 and p.account_id ~ '^(held|coming):' group by o.order_id`,
      [orderIds, toIso(before)],
    ),
    query<{ order_id: string; fen: string }>(
      tx,
      `select o.order_id, sum(p.amount_fen)::text as fen from (${OF_ORDERS}) o join payments.instructions i on i.instruction_id = o.entry_id
         join journal.postings p using (entry_id)
       where i.at < $2 and i.movements = '[]'::jsonb and p.account_id ~ '^(held|coming):' group by o.order_id`,
      [orderIds, toIso(before)],
    ),
    query<{ order_id: string }>(tx, "select order_id from market.orders where order_id = any($1) and intent = 'matched'", [orderIds]),
  ]);
  return {
    heldFen: new Map(held.map((row) => [row.order_id, fen(BigInt(row.fen))])),
    byFill: new Set(byFill.map((row) => row.order_id)),
    openedFen: new Map(opened.map((row) => [row.order_id, fen(BigInt(row.fen))])),
  };
}
