/** Deposits and withdrawals (product P-38): states, limits, money back when one fails. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import type { Tx } from '#server/db.ts';
import type { Player } from '#server/identity/identity.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { type JournalEntry, PROVIDER, potOf, transferEntry } from '#server/journal/journal.ts';
import { insertRows, isoOrNull, query, updateRows } from '#server/journal/rows.repo.ts';
import type { Transfer } from '#server/trpc/views.ts';
import type { PaymentProvider, ProviderEvent } from './provider.ts';
import { findTransfer, insertTransfer, lockTransfer, sumToday, type TransferRow, transferOf } from './transfers.repo.ts';

const MIN_FEN = 100n;
const MAX_FEN = 5_000_000n;
const DAY_FEN: Readonly<Record<Player['level'], bigint>> = { R0: 0n, R1: 0n, R2: 5_000_000n, R3: 20_000_000n };

export type TransferCode =
  | 'amount_out_of_range'
  | 'day_limit_reached'
  | 'payout_account_missing'
  | 'insufficient_funds'
  | 'reference_conflict'
  | 'sale_on_hold';
export type TransferOutcome =
  | { readonly kind: 'requested'; readonly replayed: boolean; readonly transfer: Transfer; readonly entries: readonly JournalEntry[] }
  | { readonly kind: 'rejected'; readonly code: TransferCode; readonly facts: Readonly<Record<string, string>> };

export type TransferFacts = {
  readonly player: Player;
  readonly kind: 'deposit' | 'withdrawal';
  readonly referenceId: string;
  readonly amountFen: bigint;
  readonly now: Instant;
};

const refuse = (code: TransferCode, facts: Readonly<Record<string, string>> = {}): TransferOutcome => ({ kind: 'rejected', code, facts });

/** In the caller's database transaction and in the one writer's turn. */
export async function requestTransfer(tx: Tx, provider: PaymentProvider, facts: TransferFacts): Promise<TransferOutcome> {
  const { player, kind, referenceId, amountFen, now } = facts;
  const known = await findTransfer(tx, player.acct, referenceId);
  if (known !== null) {
    const isSame = known.kind === kind && known.amountFen === amountFen;
    return isSame ? { kind: 'requested', replayed: true, transfer: transferOf(known), entries: [] } : refuse('reference_conflict');
  }
  if (amountFen < MIN_FEN || amountFen > MAX_FEN)
    return refuse('amount_out_of_range', { minFen: String(MIN_FEN), maxFen: String(MAX_FEN) });
  if (player.level === 'R0' || player.level === 'R1') return refuse('payout_account_missing');
  const held = player.holds.find(({ code, until }) => kind === 'withdrawal' && code.includes('withdrawal') && until > now);
  if (held !== undefined) return refuse('sale_on_hold', { until: toIso(held.until) });
  const today = await sumToday(tx, player.acct, kind, startOfBeijingDate(beijingDate(now)));
  const limit = DAY_FEN[player.level];
  if (today + amountFen > limit) return refuse('day_limit_reached', { limitFen: String(limit), todayFen: String(today) });
  if (kind === 'withdrawal') {
    const [row] = await query<{ balance_fen: string }>(tx, 'select balance_fen from journal.accounts where account_id = $1', [
      potOf('available', player.acct),
    ]);
    const available = BigInt(row?.balance_fen ?? '0');
    if (available < amountFen) return refuse('insufficient_funds', { availableFen: String(available), neededFen: String(amountFen) });
  }
  const row: TransferRow = {
    // Found again from the reference, as on the ledger: a repeated request names the same transfer to the institution.
    transferId: `pay_${toHex(saltFromReference(accountIdBytes(player.acct), `${kind}/${referenceId}`))}`,
    acct: player.acct,
    referenceId,
    kind,
    state: 'requested',
    amountFen,
    reason: null,
    requestedAt: now,
    endedAt: null,
  };
  await insertTransfer(tx, row);
  const order = { transferId: row.transferId, acct: player.acct, amountFen };
  const entries =
    kind === 'withdrawal'
      ? [
          transferEntry(
            'withdrawal',
            now,
            { transferId: row.transferId },
            { from: potOf('available', player.acct), to: potOf('withdrawing', player.acct), amountFen },
          ),
        ]
      : [];
  await saveEntries(tx, entries);
  if (kind === 'deposit') await provider.requestPayIn(tx, order);
  else await provider.requestPayOut(tx, order);
  return { kind: 'requested', replayed: false, transfer: transferOf(row), entries };
}

export type EventOutcome = {
  readonly acct: AccountId;
  readonly transfer: Transfer;
  readonly from: string;
  readonly entries: readonly JournalEntry[];
} | null;

/** Applied once whatever the number of deliveries; an event that comes after the end changes no state, but late money goes back. */
export async function applyProviderEvent(tx: Tx, provider: PaymentProvider, event: ProviderEvent, now: Instant): Promise<EventOutcome> {
  const row = await lockTransfer(tx, event.transferId);
  if (row === null) return null;
  const isLate = row.endedAt !== null;
  const fresh = await insertRows(
    tx,
    'payments.provider_events',
    [{ event_id: event.eventId, transfer_ref: event.transferId, outcome: event.outcome, received_at: toIso(now), was_late: isLate }],
    'on conflict do nothing',
  );
  if (fresh === 0) return null;
  const order = { transferId: row.transferId, acct: row.acct, amountFen: row.amountFen };
  if (isLate) {
    if (row.kind === 'deposit' && row.state === 'failed' && event.outcome === 'paid') await provider.requestRefund(tx, order);
    return null;
  }
  if (event.outcome === 'processing' && row.state !== 'requested') return null;
  const next: TransferRow = {
    ...row,
    state: event.outcome,
    reason: event.reason,
    endedAt: event.outcome === 'processing' ? null : now,
  };
  await updateRows(
    tx,
    'payments.transfers',
    ['transfer_id'],
    [
      {
        transfer_id: row.transferId,
        state: next.state,
        reason: next.reason,
        ended_at: isoOrNull(next.endedAt),
        provider_ref: event.providerRef,
      },
    ],
  );
  const entries = entriesOf(next, now);
  await saveEntries(tx, entries);
  return { acct: row.acct, transfer: transferOf(next), from: row.state, entries };
}

function entriesOf({ kind, state, acct, amountFen, transferId }: TransferRow, now: Instant): readonly JournalEntry[] {
  const facts = { transferId };
  if (kind === 'deposit') {
    return state === 'paid' ? [transferEntry('deposit', now, facts, { from: PROVIDER, to: potOf('available', acct), amountFen })] : [];
  }
  const from = potOf('withdrawing', acct);
  if (state === 'paid') return [transferEntry('withdrawal_paid', now, facts, { from, to: PROVIDER, amountFen })];
  return state === 'failed' ? [transferEntry('withdrawal_failed', now, facts, { from, to: potOf('available', acct), amountFen })] : [];
}
