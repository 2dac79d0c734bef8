/** The accounts of a bank's statement by our own journal alone: what the institution says is not asked (rulebook 8.3, product V-11). */

import { fen } from '#ledger/primitives/fen.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { OwnAccount, OwnEntry } from '#sandbox/reports/compare-statement.ts';
import { type OrderBooking, orderEntries } from '#sandbox/reports/order-money.ts';
import type { Tx } from '#server/db.ts';
import { providerPotOf } from '#server/journal/journal.ts';
import { query } from '#server/journal/rows.repo.ts';

export const CUSTOMERS_ACCOUNT = 'DAOJU-CUSTOMERS';
export const ORDERS_ACCOUNT = 'DAOJU-ORDERS';

const DAY_MS = 86_400_000;
const MS = '(extract(epoch from e.at) * 1000)::bigint::text as at';

/** Entries of the days beside the period are among them. Null: no such account. */
export async function readOwnAccount(tx: Tx, accountId: string, from: Instant, before: Instant): Promise<OwnAccount | null> {
  const span = [toIso(instant(Math.max(0, from - DAY_MS))), toIso(instant(before + DAY_MS))] as const;
  if (accountId === CUSTOMERS_ACCOUNT) return customersAccount(tx, from, before, span);
  return accountId === ORDERS_ACCOUNT ? ordersAccount(tx, from, before, span) : null;
}

type Span = readonly [from: string, before: string];
/** Balances of now less what was booked from the moment on: a day does not read the years before it. */
const balanceAt = (accounts: string) => `select ((select coalesce(sum(balance_fen), 0) from journal.accounts where ${accounts})
  - (select coalesce(sum(p.amount_fen), 0) from journal.entries e join journal.postings p using (entry_id) where e.at >= $1 and ${accounts}))::text as fen`;

async function balance(tx: Tx, accounts: string, at: Instant): Promise<bigint> {
  const [row] = await query<{ fen: string }>(tx, balanceAt(accounts), [toIso(at)]);
  return BigInt(row?.fen ?? '0');
}

const MIRROR = "account_id = 'provider'";

/** Payments in and out. The bank books them by its own hand, under the reference of the transfer. */
async function customersAccount(tx: Tx, from: Instant, before: Instant, span: Span): Promise<OwnAccount> {
  type Row = { source: string; at: string; fen: string; order_id: string | null; trade_id: string | null };
  const [openingFen, closingFen, rows] = await Promise.all([
    balance(tx, MIRROR, from),
    balance(tx, MIRROR, before),
    query<Row>(
      tx,
      `select case when x.transfer_id is null then 'entry/' || e.entry_id
           else (case x.kind when 'withdrawal' then 'pay_out/' when 'purchase' then 'checkout/' else 'pay_in/' end) || x.transfer_id end as source,
         ${MS}, p.amount_fen::text as fen, x.order_id, x.trade_id
       from journal.entries e join journal.postings p using (entry_id) left join payments.transfers x using (transfer_id)
       where p.${MIRROR} and e.at >= $1 and e.at < $2 order by e.entry_id`,
      [...span],
    ),
  ]);
  return {
    openingFen: -openingFen,
    closingFen: -closingFen,
    entries: rows.map((row): OwnEntry => {
      const isCredit = row.fen.startsWith('-');
      const amountFen = BigInt(isCredit ? row.fen.slice(1) : row.fen);
      const facts = { at: instant(Number(row.at)), orderId: row.order_id, tradeId: row.trade_id };
      return { ref: row.source, source: row.source, amountFen, isCredit, ...facts };
    }),
  };
}

/** Money that waits for an order; `held` and `coming` here are `held` and `pending` there. */
const WAITING = "account_id ~ '^(held|coming):'";

async function ordersAccount(tx: Tx, from: Instant, before: Instant, span: Span): Promise<OwnAccount> {
  type Row = {
    entry_id: string;
    kind: string;
    at: string;
    order_id: string | null;
    trade_id: string | null;
    lines: readonly { readonly account: string; readonly fen: string }[];
  };
  const [openingFen, closingFen, rows] = await Promise.all([
    balance(tx, WAITING, from),
    balance(tx, WAITING, before),
    query<Row>(
      tx,
      `select e.entry_id::text, e.kind, ${MS}, coalesce(t.buy_order_id, e.order_id) as order_id, e.trade_id,
         (select jsonb_agg(jsonb_build_object('account', p.account_id, 'fen', p.amount_fen::text) order by p.line)
          from journal.postings p where p.entry_id = e.entry_id) as lines
       from journal.entries e left join market.trades t on t.trade_id = e.trade_id
       where e.at >= $1 and e.at < $2 and exists (select from journal.postings p where p.entry_id = e.entry_id and p.${WAITING}) order by e.entry_id`,
      [...span],
    ),
  ]);
  const bookings = rows.map((row): OrderBooking => {
    const lines = row.lines.map(({ account, fen: amount }) => {
      const { ref, pot } = providerPotOf(account) ?? { ref: 'reserve', pot: 'bank' };
      return { ref, pot, amountFen: fen(BigInt(amount)) };
    });
    const facts = { kind: row.kind, at: instant(Number(row.at)), orderId: row.order_id, tradeId: row.trade_id };
    return { source: `instruction/${row.entry_id}`, buyer: null, seller: null, ...facts, lines };
  });
  return { openingFen, closingFen, entries: orderEntries(bookings) };
}
