/** My money (product P-38): what our books say, what the institution says, and what it waits for. */
import { type AccountId, parseOrderId, parseTradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { listBalances } from '#server/journal/journal.repo.ts';
import { potOf } from '#server/journal/journal.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import { PROVIDER_NAME } from '#server/payments/simulated-institution.ts';
import { listTransfers, transferOf } from '#server/payments/transfers.repo.ts';
import type { MoneyView } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

const TRANSFERS_SHOWN = 50;
const ENTRIES_SHOWN = 100;
/** Money of a person at the institution, whatever it waits for. */
const POTS = ['available', 'held', 'coming', 'withdrawing', 'reserve'] as const;

export async function getMoney(snapshot: Snapshot, acct: AccountId): Promise<MoneyView> {
  const { tx } = snapshot;
  const accounts = POTS.map((pot) => potOf(pot, acct));
  const [balances, [theirs], held, coming, transfers, [card], entries] = await Promise.all([
    listBalances(tx, accounts),
    // In the same snapshot as our books, with what is on its way between them: instructions that it has not followed yet, and transfers
    // that it has carried out and whose outcome we have not booked yet.
    query<{ total: string; waiting: string; moved: string }>(
      tx,
      `select coalesce((select sum(balance_fen) from psp.accounts where ref = $1), 0)::text as total,
         coalesce((select sum((m.movement->>'amount')::bigint) from payments.instructions i, jsonb_array_elements(i.movements) m(movement)
           where i.instruction_id > (select last_id from psp.cursor where name = 'instructions') and m.movement->>'ref' = $1), 0)::text as waiting,
         coalesce((select sum(case t.kind when 'withdrawal' then t.amount_fen else -t.amount_fen end) from payments.transfers t
           join psp.requests r on r.client_ref = t.transfer_id and r.state = 'done' where t.acct = $1 and t.ended_at is null), 0)::text as moved`,
      [acct],
    ),
    listHeld(snapshot, acct),
    listComing(snapshot, acct),
    listTransfers(tx, acct, TRANSFERS_SHOWN),
    query<{ last_digits: string }>(tx, 'select last_digits from identity.cards where acct = $1', [acct]),
    listEntries(snapshot, acct),
  ]);
  const figure = (pot: (typeof POTS)[number]): bigint => balances.get(potOf(pot, acct)) ?? 0n;
  const ours = POTS.reduce((sum, pot) => sum + figure(pot), 0n);
  const providerFen = BigInt(theirs?.total ?? '0');
  return {
    availableFen: String(figure('available')),
    heldFen: String(figure('held')),
    comingFen: String(figure('coming')),
    reservedFen: String(figure('reserve')),
    providerFen: String(providerFen),
    differenceFen: String(providerFen + BigInt(theirs?.waiting ?? '0') + BigInt(theirs?.moved ?? '0') - ours),
    providerName: PROVIDER_NAME,
    isSimulated: true,
    held,
    coming,
    transfers: transfers.map(transferOf),
    payoutAccount: card === undefined ? null : `•••• ${card.last_digits}`,
    entries,
  };
}

async function listHeld({ tx }: Snapshot, acct: AccountId): Promise<MoneyView['held']> {
  const rows = await query<{ order_id: string; name_zh: string | null; name_en: string; left_fen: string }>(
    tx,
    `select h.order_id, c.name_zh, c.name_en, h.left_fen from journal.holds h
     join market.orders o on o.order_id = h.order_id join catalogue.item_classes c on c.class_id = o.class_id
     where h.acct = $1 and h.state = 'open' order by o.seq desc`,
    [acct],
  );
  return rows.map((row) => ({
    orderId: parseOrderId(row.order_id),
    names: { zh: row.name_zh, en: row.name_en },
    amountFen: row.left_fen,
  }));
}

/** Sales whose protection still runs: when they are paid out. */
async function listComing({ tx }: Snapshot, acct: AccountId): Promise<MoneyView['coming']> {
  const rows = await query<{
    trade_id: string;
    name_zh: string | null;
    name_en: string;
    net_fen: string;
    payout_at: Date;
    payout_hold: 'new_instrument' | null;
  }>(
    tx,
    `select t.trade_id, c.name_zh, c.name_en, t.net_fen, t.payout_at, t.payout_hold from market.trades t
     join catalogue.item_classes c on c.class_id = t.class_id
     where t.seller = $1 and t.payout_at is not null and t.state in ('settled', 'certified', 'protected', 'disputed')
     order by t.payout_at, t.seq limit 200`,
    [acct],
  );
  return rows.map((row) => ({
    tradeId: parseTradeId(row.trade_id),
    names: { zh: row.name_zh, en: row.name_en },
    amountFen: row.net_fen,
    at: toIso(at(row.payout_at)),
    hold: row.payout_hold,
  }));
}

type EntryColumns = {
  at: Date;
  kind: string;
  amount: string;
  balance: string;
  trade_id: string | null;
  order_id: string | null;
};

/** What moved the available balance, newest first, each with the balance that it left. */
async function listEntries({ tx }: Snapshot, acct: AccountId): Promise<MoneyView['entries']> {
  const available = potOf('available', acct);
  const rows = await query<EntryColumns>(
    tx,
    `with newest as (
       select p.entry_id, sum(p.amount_fen) as amount from journal.postings p where p.account_id = $1
       group by p.entry_id order by p.entry_id desc limit ${ENTRIES_SHOWN}
     )
     select e.at, e.kind, n.amount::text as amount, e.trade_id, e.order_id,
       (a.balance_fen - coalesce(sum(n.amount) over (order by n.entry_id desc rows between unbounded preceding and 1 preceding), 0))::text as balance
     from newest n join journal.entries e on e.entry_id = n.entry_id join journal.accounts a on a.account_id = $1
     order by n.entry_id desc`,
    [available],
  );
  return rows.map((row) => ({
    at: toIso(at(row.at)),
    kind: row.kind,
    amountFen: row.amount,
    balanceFen: row.balance,
    tradeId: row.trade_id === null ? null : parseTradeId(row.trade_id),
    orderId: row.order_id === null ? null : parseOrderId(row.order_id),
  }));
}
