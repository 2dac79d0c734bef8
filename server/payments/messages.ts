/** What the feeds are told of deposits and withdrawals (product V-25). */
import type { Instant } from '#ledger/primitives/instant.ts';
import { message, paymentMessage, playerRoom } from '#server/exchange/messages.ts';
import type { JournalEntry } from '#server/journal/journal.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { TransferRow } from './transfers.repo.ts';

/** The postings of the transfer to finance, and to the player that the figures moved. */
export function transferMessages(
  row: TransferRow,
  facts: {
    readonly from: string | null;
    readonly entries: readonly JournalEntry[];
    readonly providerRef: string | null;
    readonly at: Instant;
  },
): readonly NewMessage[] {
  const { from, entries, providerRef, at } = facts;
  return [
    ...entries.map((entry) => {
      const payment = paymentMessage(entry);
      return { ...payment, body: { ...payment.body, providerRef } };
    }),
    message(playerRoom(row.acct), 'money.updated', at, {
      id: row.transferId,
      kinds: [row.kind],
      from,
      to: row.state,
      amountFen: String(row.amountFen),
      reason: row.reason,
    }),
  ];
}

/** Money that came too late never enters the journal; finance sees it come (`late`) and go (`refund`) all the same. */
export function lateMessages(row: TransferRow, kind: 'late' | 'refund', providerRef: string, at: Instant): readonly NewMessage[] {
  const bank = 'bank';
  return [
    message('sup:finance', 'fin.payment', at, {
      paymentId: row.transferId,
      kind,
      fromRef: kind === 'late' ? bank : row.acct,
      toRef: kind === 'late' ? row.acct : bank,
      amountFen: String(row.amountFen),
      tradeId: null,
      providerRef,
      postings: [],
    }),
    message(playerRoom(row.acct), 'money.updated', at, {
      id: row.transferId,
      kinds: [row.kind],
      from: row.state,
      to: row.state,
      amountFen: String(row.amountFen),
      reason: kind === 'late' ? 'late_payment_refunding' : 'late_payment_refunded',
    }),
  ];
}
