/** Deposits and withdrawals (product P-38): limits, states, money back when one fails. Every step is one database transaction, in the
 *  line of the one writer, so that what is checked here still holds when it is booked. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { accountIdBytes } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import type { Tx } from '#server/db.ts';
import type { Refused } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import { listBalances, openHold, saveEntries } from '#server/journal/journal.repo.ts';
import { type JournalEntry, PROVIDER, potOf, transferEntry } from '#server/journal/journal.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { lateMessages, transferMessages } from './messages.ts';
import type { ProviderEvent } from './provider.ts';
import {
  endRefund,
  findPayoutFreeze,
  findTransfer,
  insertEvent,
  insertRefund,
  insertTransfer,
  lockTransfer,
  saveTransferState,
  sumToday,
  type TransferRow,
} from './transfers.repo.ts';

/** Product 1.6. */
export const TRANSFER_MIN_FEN = 100n;
export const TRANSFER_MAX_FEN = 5_000_000n;
const DAY_LIMIT_FEN: Readonly<Record<'R2' | 'R3', bigint>> = { R2: 5_000_000n, R3: 20_000_000n };

export type TransferFacts = {
  readonly player: Player;
  readonly kind: 'deposit' | 'withdrawal';
  readonly referenceId: string;
  readonly amountFen: bigint;
  readonly now: Instant;
  /** The books contradict each other about the account. */
  readonly isBroken: boolean;
};
export type RequestOutcome =
  | { readonly kind: 'requested'; readonly replayed: boolean; readonly row: TransferRow; readonly messages: readonly NewMessage[] }
  | Refused;

const refuse = (code: Refused['code'], facts: Refused['facts'] = {}): Refused => ({ kind: 'rejected', code, facts });

/** Precedence: malformed, replay, forbidden, insufficient (style 2.12). */
export async function requestTransfer(tx: Tx, facts: TransferFacts): Promise<RequestOutcome> {
  const { player, kind, referenceId, amountFen, now } = facts;
  if (amountFen < TRANSFER_MIN_FEN || amountFen > TRANSFER_MAX_FEN) {
    return refuse('amount_out_of_range', { minFen: String(TRANSFER_MIN_FEN), maxFen: String(TRANSFER_MAX_FEN) });
  }
  const known = await findTransfer(tx, player.acct, referenceId);
  if (known !== null) {
    const isSame = known.kind === kind && known.amountFen === amountFen;
    if (isSame) return { kind: 'requested', replayed: true, row: known, messages: [] };
    return refuse('reference_conflict', { knownKind: known.kind, knownFen: String(known.amountFen), kind, amountFen: String(amountFen) });
  }
  const refused = (await refuseByPerson(tx, facts)) ?? (await refuseByMoney(tx, facts));
  if (refused !== null) return refused;
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
    refund: null,
    purchase: null,
  };
  await insertTransfer(tx, row);
  const { acct, transferId } = row;
  const entries =
    kind === 'withdrawal'
      ? [transferEntry('withdrawal', now, { transferId }, { from: potOf('available', acct), to: potOf('withdrawing', acct), amountFen })]
      : [];
  await saveEntries(tx, entries);
  return { kind: 'requested', replayed: false, row, messages: transferMessages(row, { from: null, entries, providerRef: null, at: now }) };
}

async function refuseByPerson(tx: Tx, { player, kind, amountFen, now, isBroken }: TransferFacts): Promise<Refused | null> {
  const { level } = player;
  if (level === 'R0') return refuse('level_required', { level, needed: 'R2' });
  if (level === 'R1') return refuse('payout_account_missing', { level, needed: 'R2' });
  if (isBroken) return refuse('books_differ');
  const hold = player.holds.find(({ code, until }) => code.includes('withdrawal') && until > now);
  if (kind === 'withdrawal' && hold !== undefined) return refuse('withdrawal_on_hold', { until: toIso(hold.until) });
  const frozenUntil = kind === 'withdrawal' ? await findPayoutFreeze(tx, player.acct, now) : null;
  if (frozenUntil !== null) return refuse('withdrawal_on_hold', { until: frozenUntil.toISOString() });
  const today = await sumToday(tx, player.acct, kind, startOfBeijingDate(beijingDate(now)));
  const limit = DAY_LIMIT_FEN[level];
  return today + amountFen > limit ? refuse('day_limit_reached', { limitFen: String(limit), todayFen: String(today) }) : null;
}

async function refuseByMoney(tx: Tx, { player, kind, amountFen }: TransferFacts): Promise<Refused | null> {
  if (kind === 'deposit') return null;
  const account = potOf('available', player.acct);
  const available = (await listBalances(tx, [account])).get(account) ?? 0n;
  return available < amountFen ? refuse('insufficient_funds', { availableFen: String(available), neededFen: String(amountFen) }) : null;
}

export type EventResult = { readonly messages: readonly NewMessage[]; readonly warning: string | null };
const NOTHING: EventResult = { messages: [], warning: null };

/** Counts once whatever the number of deliveries. After the end no state changes any more, but late money goes back. */
export async function applyProviderEvent(tx: Tx, event: ProviderEvent, now: Instant): Promise<EventResult> {
  const row = await lockTransfer(tx, event.referenceId);
  if (row === null) return { messages: [], warning: "the institution told of a transfer that we don't know" };
  const { eventId, outcome, providerRef } = event;
  const isOver = row.endedAt !== null;
  const isNew = await insertEvent(tx, { eventId, transferId: row.transferId, outcome, receivedAt: now, wasLate: isOver });
  if (!isNew) return NOTHING;
  if (outcome === 'refunded') {
    const wasOpen = await endRefund(tx, row.transferId, now);
    return wasOpen ? { messages: lateMessages(row, 'refund', providerRef, now), warning: null } : NOTHING;
  }
  if (isOver) return applyLateEvent(tx, row, event, now);
  if (row.purchase !== null && outcome === 'paid' && row.purchase.payBy <= now) return refusePayment(tx, row, event, now);
  if (outcome === 'processing' && row.state !== 'requested') return NOTHING;
  const next: TransferRow = { ...row, state: outcome, reason: event.reason, endedAt: outcome === 'processing' ? null : now };
  await saveTransferState(tx, next, providerRef);
  const entries = entriesOf(next, now);
  await saveEntries(tx, entries);
  if (next.state === 'paid' && row.purchase !== null) {
    await openHold(tx, { orderId: row.purchase.orderId, acct: row.acct, amountFen: row.amountFen });
  }
  return { messages: transferMessages(next, { from: row.state, entries, providerRef, at: now }), warning: null };
}

/** A payment whose quarter of an hour is over counts as late, whether or not the clock has said so yet. */
async function refusePayment(tx: Tx, row: TransferRow, event: ProviderEvent, now: Instant): Promise<EventResult> {
  const failed: TransferRow = { ...row, state: 'failed', reason: 'timeout', endedAt: now };
  await saveTransferState(tx, failed, event.providerRef);
  return applyLateEvent(tx, failed, event, now);
}

async function applyLateEvent(tx: Tx, row: TransferRow, { outcome, providerRef }: ProviderEvent, now: Instant): Promise<EventResult> {
  if (outcome === 'processing' || outcome === row.state) return NOTHING;
  if (row.kind !== 'withdrawal' && outcome === 'paid') {
    await insertRefund(tx, row.transferId, now);
    return { messages: lateMessages(row, 'late', providerRef, now), warning: null };
  }
  return { messages: [], warning: `the institution calls a ${row.kind} that was ${row.state} ${outcome}` };
}

function entriesOf({ kind, state, acct, amountFen, transferId, purchase }: TransferRow, now: Instant): readonly JournalEntry[] {
  const facts = { transferId };
  if (purchase !== null) {
    if (state !== 'paid') return [];
    // What came in for a purchase is set aside for it in the same moment: nothing else can spend it.
    return [
      transferEntry('deposit', now, facts, { from: PROVIDER, to: potOf('available', acct), amountFen }),
      transferEntry('hold', now, { orderId: purchase.orderId }, { from: potOf('available', acct), to: potOf('held', acct), amountFen }),
    ];
  }
  if (kind === 'deposit') {
    return state === 'paid' ? [transferEntry('deposit', now, facts, { from: PROVIDER, to: potOf('available', acct), amountFen })] : [];
  }
  const from = potOf('withdrawing', acct);
  if (state === 'paid') return [transferEntry('withdrawal_paid', now, facts, { from, to: PROVIDER, amountFen })];
  return state === 'failed' ? [transferEntry('withdrawal_failed', now, facts, { from, to: potOf('available', acct), amountFen })] : [];
}
