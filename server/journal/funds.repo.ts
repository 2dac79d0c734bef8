/** SQL of the flow of funds: entries with their pockets, and where a piece of money lies in its pocket (see `sandbox/funds`). */
import type { Positions } from '#sandbox/funds/follow.ts';
import { type FundsEntry, isEnd, movementsOf, placeKey } from '#sandbox/funds/movements.ts';
import type { TaxDue } from '#sandbox/funds/tax-reserve.ts';
import type { FundsLook } from '#sandbox/funds/trace.ts';
import type { Tx } from '#server/db.ts';
import { query } from './rows.repo.ts';

/** Money that waits for one thing lies in a pocket of its own. */
const POCKET = `case
  when p.account_id like 'coming:%' then p.account_id || '#' || coalesce(e.trade_id, '')
  when p.account_id like 'reserve:%' then p.account_id || '#' || coalesce(e.trade_id, '')
  when p.account_id like 'withdrawing:%' then p.account_id || '#' || coalesce(e.transfer_id, '')
  when p.account_id like 'held:%' then p.account_id || '#' || coalesce(e.order_id, t.buy_order_id, '')
  else p.account_id end`;
const JOINED = 'journal.postings p join journal.entries e on e.entry_id = p.entry_id left join market.trades t on t.trade_id = e.trade_id';

type EntryRow = {
  entry_id: string;
  kind: string;
  at: Date;
  trade_id: string | null;
  order_id: string | null;
  transfer_id: string | null;
  provider_no: string | null;
  lines: readonly { readonly line: number; readonly account: string; readonly pocket: string; readonly fen: string }[];
};

/** The institution books an instruction under our number, and what it moves by its own hand under the transfer's reference. */
export async function readFundsEntries(tx: Tx, ids: readonly string[]): Promise<readonly FundsEntry[]> {
  if (ids.length === 0) return [];
  const rows = await query<EntryRow>(
    tx,
    `select e.entry_id::text, e.kind, e.at, e.trade_id, e.order_id, e.transfer_id,
       (select b.number::text from psp.entries b where b.source = case
          when e.kind = 'withdrawal_paid' then 'pay_out/' || e.transfer_id
          when e.kind = 'deposit' and exists (select 1 from payments.transfers f where f.transfer_id = e.transfer_id and f.kind = 'purchase') then 'checkout/' || e.transfer_id
          when e.kind = 'deposit' then 'pay_in/' || e.transfer_id
          else 'instruction/' || e.entry_id end) as provider_no,
       jsonb_agg(jsonb_build_object('line', p.line, 'account', p.account_id, 'pocket', ${POCKET}, 'fen', p.amount_fen::text) order by p.line) as lines
     from ${JOINED} where e.entry_id = any($1::bigint[]) group by e.entry_id order by e.entry_id`,
    [ids],
  );
  return rows.map((row) => ({
    entryId: BigInt(row.entry_id),
    kind: row.kind,
    at: row.at.toISOString(),
    tradeId: row.trade_id,
    orderId: row.order_id,
    transferId: row.transfer_id,
    providerNo: row.provider_no,
    postings: row.lines.map(({ line, account, pocket, fen }) => ({ line, account, pocket, amountFen: BigInt(fen) })),
  }));
}

type PositionRow = { pocket: string; entry_id: string; line: number; at: string; spent: string };

/** For the pockets at the ends of these pieces: their own postings, and those of the other side that the same fen went through. */
export async function readPositions(tx: Tx, { pieces, direction }: FundsLook): Promise<Positions> {
  const asked = new Map<string, { pocket: string; account: string; entry_id: string; line: number }>();
  for (const { movement } of pieces) {
    const { pocket, account, line } = direction === 'forth' ? movement.to : movement.from;
    if (isEnd(account)) continue;
    asked.set(placeKey(movement.entry.entryId, line), { pocket, account, entry_id: String(movement.entry.entryId), line });
  }
  const rows = await query<PositionRow>(
    tx,
    `with asked as (select * from json_to_recordset($1::text::json) as a(pocket text, account text, entry_id bigint, line smallint)),
     pockets as (select p.entry_id, p.line, p.amount_fen, ${POCKET} as pocket from ${JOINED}
       where p.account_id in (select account from asked)),
     placed as (select entry_id, line, amount_fen, pocket, abs(amount_fen) as size,
         sum(case when amount_fen > 0 then amount_fen else 0 end) over before - case when amount_fen > 0 then amount_fen else 0 end as in_at,
         sum(case when amount_fen < 0 then -amount_fen else 0 end) over before - case when amount_fen < 0 then -amount_fen else 0 end as out_at,
         sum(case when amount_fen < 0 then -amount_fen else 0 end) over (partition by pocket) as spent
       from pockets where pocket in (select pocket from asked) window before as (partition by pocket order by entry_id, line)),
     reach as (select f.pocket, min(case when amount_fen > 0 then in_at else out_at end) as low,
         max(case when amount_fen > 0 then in_at else out_at end + size) as high
       from placed f join asked a on a.entry_id = f.entry_id and a.line = f.line group by f.pocket)
     select f.pocket, f.entry_id::text, f.line, case when f.amount_fen > 0 then in_at else out_at end::text as at, f.spent::text
     from placed f join reach r on r.pocket = f.pocket
     where case when amount_fen > 0 then in_at else out_at end < r.high and case when amount_fen > 0 then in_at else out_at end + size > r.low
     order by f.entry_id`,
    [JSON.stringify([...asked.values()])],
  );
  const entries = await readFundsEntries(tx, [...new Set(rows.map((row) => row.entry_id))]);
  return {
    at: new Map(rows.map((row) => [placeKey(BigInt(row.entry_id), row.line), BigInt(row.at)])),
    spentFen: new Map(rows.map((row) => [row.pocket, BigInt(row.spent)])),
    movements: entries.flatMap(movementsOf),
  };
}

export type FundsSubject =
  | { readonly kind: 'trade' | 'item'; readonly id: string }
  | { readonly kind: 'person'; readonly id: string }
  | { readonly kind: 'day'; readonly from: Date; readonly before: Date };

/** The newest first, one more than asked for when there are more. */
export async function listSeedEntries(tx: Tx, subject: FundsSubject, most: number): Promise<readonly string[]> {
  const found = (where: string, args: readonly (string | Date)[]) =>
    query<{ entry_id: string }>(
      tx,
      `select e.entry_id::text from journal.entries e where ${where} order by e.entry_id desc limit ${most + 1}`,
      args,
    );
  const rows = await (subject.kind === 'trade'
    ? found("e.kind = 'trade' and e.trade_id = $1", [subject.id])
    : subject.kind === 'item'
      ? found("e.kind = 'trade' and e.trade_id in (select trade_id from market.trade_items where item_id = $1)", [subject.id])
      : subject.kind === 'day'
        ? found("e.kind = 'trade' and e.at >= $1 and e.at < $2", [subject.from, subject.before])
        : // Money between the person and somebody else; what moves between own pockets is inside.
          found(
            `e.entry_id in (select p.entry_id from journal.postings p where p.account_id in (${POTS})
               and exists (select 1 from journal.postings o where o.entry_id = p.entry_id and o.account_id not in (${POTS})))`,
            [subject.id],
          ));
  return rows.map((row) => row.entry_id);
}
const POTS = ['available', 'held', 'coming', 'withdrawing', 'royalty', 'reserve'].map((pot) => `'${pot}:' || $1`).join(', ');

/** The newest assessment of each trade. */
export async function listTaxDues(tx: Tx, tradeIds: readonly string[]): Promise<readonly TaxDue[]> {
  const rows = await query<{ trade_id: string; seller: string; total_fen: string }>(
    tx,
    `select distinct on (a.trade_id) a.trade_id, a.seller, a.total_fen::text from compliance.assessments a
     join market.trades t on t.trade_id = a.trade_id and t.state <> 'reversed'
     where a.trade_id = any($1) order by a.trade_id, a.version desc`,
    [tradeIds],
  );
  return rows.map((row) => ({ tradeId: row.trade_id, seller: row.seller, amountFen: BigInt(row.total_fen) }));
}

export async function subjectExists(tx: Tx, subject: FundsSubject): Promise<boolean> {
  if (subject.kind === 'day') return true;
  const table = {
    trade: 'market.trades where trade_id = $1',
    item: 'custody.items where item_id = $1',
    person: "journal.accounts where account_id = 'available:' || $1",
  } as const;
  return (await query(tx, `select 1 from ${table[subject.kind]}`, [subject.id])).length > 0;
}
