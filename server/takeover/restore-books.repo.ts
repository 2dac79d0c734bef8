/** Writes the opening books of a takeover: entries, postings and instructions with their numbers, and transfers that are on their way. */
import type { Instant } from '#ledger/primitives/instant.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { insertRows, query } from '#server/journal/rows.repo.ts';
import type { OpeningEntry, OpenRequest } from './opening-books.ts';
import { beginJournal } from './takeover.repo.ts';

/** Deposits and payouts move at the institution by its own hand; an instruction for anything else stands beside its entry. */
const OWN_HAND: readonly string[] = ['deposit', 'withdrawal_paid'];

/** `executedTo`: the last instruction that the institution has followed. What asks nothing of it any more counts as handed over. */
export async function saveOpeningBooks(tx: Tx, entries: readonly OpeningEntry[], executedTo: bigint, now: Instant): Promise<void> {
  // What is still to be done comes last, so that everything before it counts as delivered.
  const ordered = [...entries].sort((a, b) => a.movements.length - b.movements.length);
  const done = ordered.filter(({ movements }) => movements.length === 0).length;
  await beginJournal(tx, executedTo + 1n, executedTo + BigInt(done));
  const numbered = ordered.map((entry, index) => ({ entry, id: String(executedTo + 1n + BigInt(index)) }));
  const accounts = [...new Set(entries.flatMap(({ postings }) => postings.map(([account]) => account)))].sort();
  await query(tx, 'insert into journal.accounts (account_id) select unnest($1::text[]) on conflict do nothing', [accounts]);
  await insertRows(
    tx,
    'journal.entries',
    numbered.map(({ entry, id }) => ({
      entry_id: id,
      kind: entry.kind,
      at: toIso(now),
      trade_id: entry.tradeId,
      order_id: null,
      transfer_id: entry.transferId,
      corrects: null,
    })),
  );
  // In one statement: no balance is looked at before all of them have moved.
  await insertRows(
    tx,
    'journal.postings',
    numbered.flatMap(({ entry, id }) =>
      entry.postings.map(([account, fen], line) => ({ entry_id: id, line, account_id: account, amount_fen: String(fen) })),
    ),
  );
  await insertRows(
    tx,
    'payments.instructions',
    numbered
      .filter(({ entry }) => !OWN_HAND.includes(entry.kind))
      .map(({ entry, id }) => ({
        instruction_id: id,
        kind: entry.kind,
        at: toIso(now),
        trade_id: entry.tradeId,
        order_id: null,
        movements: entry.movements.map(({ ref, pot, amountFen }) => ({ ref, pot, amount: String(amountFen) })),
      })),
  );
}

export async function restoreTransfers(tx: Tx, requests: readonly OpenRequest[], now: Instant): Promise<void> {
  await insertRows(
    tx,
    'payments.transfers',
    requests.map(({ transferId, kind, acct, amountFen, isDone }) => ({
      transfer_id: transferId,
      acct,
      // Its own reference went with the former operator; asking again under it names the same transfer to the institution.
      reference_id: transferId,
      kind,
      state: isDone ? 'paid' : 'processing',
      amount_fen: String(amountFen),
      reason: null,
      requested_at: toIso(now),
      ended_at: isDone ? toIso(now) : null,
      provider_ref: null,
      submitted_at: toIso(now),
    })),
  );
}
