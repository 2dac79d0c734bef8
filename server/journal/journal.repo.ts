/** Writes entries with their postings and the instruction to the institution that goes with each, in the caller's database transaction. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { type JournalAccount, type JournalEntry, providerPotOf } from './journal.ts';
import { insertRows, type Queryable, query } from './rows.repo.ts';

/** Deposits and payouts move at the institution by its own hand; all else it does on our instruction. */
const OWN_HAND: readonly string[] = ['deposit', 'withdrawal_paid'];

/** @returns the number of the first entry; the others follow without a gap */
export async function saveEntries(tx: Tx, entries: readonly JournalEntry[]): Promise<bigint> {
  if (entries.length === 0) return 0n;
  const accounts = [...new Set(entries.flatMap((entry) => entry.postings.map((posting) => posting.account)))].sort();
  const [[head]] = await Promise.all([
    query<{ next_id: string }>(tx, "select next_id from journal.heads where name = 'entries' for update"),
    query(tx, 'insert into journal.accounts (account_id) select unnest($1::text[]) on conflict do nothing', [accounts]),
  ]);
  const first = BigInt(head?.next_id ?? '1');
  const numbered = entries.map((entry, index) => ({ entry, id: String(first + BigInt(index)) }));
  await Promise.all([
    insertRows(
      tx,
      'journal.entries',
      numbered.map(({ entry, id }) => ({
        entry_id: id,
        kind: entry.kind,
        at: toIso(entry.at),
        trade_id: entry.tradeId,
        order_id: entry.orderId,
        transfer_id: entry.transferId,
        corrects: entry.corrects === null ? null : String(entry.corrects),
      })),
    ),
    insertRows(
      tx,
      'journal.postings',
      numbered.flatMap(({ entry, id }) =>
        entry.postings.map((posting, line) => ({ entry_id: id, line, account_id: posting.account, amount_fen: String(posting.amountFen) })),
      ),
    ),
    insertRows(
      tx,
      'payments.instructions',
      numbered
        .filter(({ entry }) => !OWN_HAND.includes(entry.kind))
        .map(({ entry, id }) => ({
          instruction_id: id,
          kind: entry.kind,
          at: toIso(entry.at),
          trade_id: entry.tradeId,
          order_id: entry.orderId,
          movements: entry.postings.flatMap((posting) => {
            const place = providerPotOf(posting.account);
            return place === null ? [] : [{ ...place, amount: String(posting.amountFen) }];
          }),
        })),
    ),
  ]);
  return first;
}

/** Money of an order that has just been set aside; the entry that moves it stands beside it. */
export async function openHold(
  tx: Tx,
  hold: { readonly orderId: string; readonly acct: string; readonly amountFen: bigint },
): Promise<void> {
  const fen = String(hold.amountFen);
  await insertRows(tx, 'journal.holds', [{ order_id: hold.orderId, acct: hold.acct, amount_fen: fen, left_fen: fen, state: 'open' }]);
}

export async function listBalances(sql: Queryable, accounts: readonly JournalAccount[]): Promise<ReadonlyMap<string, bigint>> {
  if (accounts.length === 0) return new Map();
  const rows = await query<{ account_id: string; balance_fen: string }>(
    sql,
    'select account_id, balance_fen from journal.accounts where account_id = any($1)',
    [accounts],
  );
  return new Map(rows.map((row) => [row.account_id, BigInt(row.balance_fen)]));
}
