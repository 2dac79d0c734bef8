/** SQL of the simulated institution: schema `psp` and nothing else. */
import { type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { at, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type {
  Instruction,
  ProviderBalance,
  ProviderBooks,
  ProviderOutcome,
  ProviderPot,
  ProviderTransfer,
  StatementLine,
} from './provider.ts';

const DAY_MS = 86_400_000;

export type BookEntry = {
  readonly source: string;
  readonly kind: string;
  readonly at: Instant;
  readonly movements: readonly ProviderBalance[];
  /** The bank on the other side is in another country. */
  readonly isAbroad?: boolean;
};

/** Postings move the balances; a trigger of the institution's own schema refuses what does not balance or would overdraw a customer. */
export async function book(tx: Tx, entries: readonly BookEntry[]): Promise<void> {
  const postings = entries.flatMap(({ source, movements }) =>
    movements.map(({ ref, pot, amountFen }, line) => ({ source, line, ref, pot, amount_fen: String(amountFen) })),
  );
  const accounts = new Map(postings.map(({ ref, pot }) => [`${pot} ${ref}`, { ref, pot, balance_fen: '0' }]));
  const sorted = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, account]) => account);
  await insertRows(tx, 'psp.accounts', sorted, 'on conflict do nothing');
  await insertRows(
    tx,
    'psp.entries',
    entries.map(({ source, kind, at: bookedAt, isAbroad = false }) => ({ source, kind, at: toIso(bookedAt), is_abroad: isAbroad })),
  );
  await insertRows(tx, 'psp.postings', postings);
}

/** Locks the place in the line of instructions until the caller ends. @returns the last one that was followed */
export async function lockCursor(tx: Tx): Promise<bigint> {
  const [row] = await query<{ last_id: string }>(tx, "select last_id from psp.cursor where name = 'instructions' for update");
  return BigInt(row?.last_id ?? '0');
}

export async function moveCursor(tx: Tx, { instructionId }: Instruction): Promise<void> {
  await query(tx, "update psp.cursor set last_id = $1::bigint where name = 'instructions'", [String(instructionId)]);
}

export type RequestRow = {
  readonly clientRef: string;
  readonly kind: ProviderTransfer['kind'];
  readonly ref: string;
  readonly amountFen: bigint;
  /** Of a payment order: the bank's refusal that waits for its hour. */
  readonly refusal: string | null;
};

/** @returns whether it was new */
export async function insertRequest(
  tx: Tx,
  request: Omit<RequestRow, 'refusal'>,
  due: Instant,
  checkout: { readonly purpose: string; readonly expiresAt: Instant } | null = null,
): Promise<boolean> {
  const count = await insertRows(
    tx,
    'psp.requests',
    [
      {
        client_ref: request.clientRef,
        kind: request.kind,
        ref: request.ref,
        amount_fen: String(request.amountFen),
        state: checkout === null ? 'accepted' : 'open',
        due_at: toIso(due),
        purpose: checkout?.purpose ?? null,
        expires_at: checkout === null ? null : toIso(checkout.expiresAt),
      },
    ],
    'on conflict do nothing',
  );
  return count > 0;
}

/** A payout waits for the instruction that sets its money aside. */
export async function lockDueRequests(tx: Tx, now: Instant): Promise<readonly RequestRow[]> {
  const rows = await query<{ client_ref: string; kind: RequestRow['kind']; ref: string; amount_fen: string; reason: string | null }>(
    tx,
    `select r.client_ref, r.kind, r.ref, r.amount_fen, r.reason from psp.requests r
     left join psp.accounts a on a.ref = r.ref and a.pot = 'leaving'
     where r.state = 'accepted' and r.due_at <= $1 and (r.kind <> 'pay_out' or a.balance_fen >= r.amount_fen)
     order by r.due_at, r.client_ref limit 100 for update of r`,
    [new Date(now)],
  );
  return rows.map((row) => ({
    clientRef: row.client_ref,
    kind: row.kind,
    ref: row.ref,
    amountFen: BigInt(row.amount_fen),
    refusal: row.reason,
  }));
}

export async function findPot(tx: Tx, ref: string, pot: ProviderPot): Promise<bigint> {
  const [row] = await query<{ balance_fen: string }>(tx, 'select balance_fen from psp.accounts where ref = $1 and pot = $2', [ref, pot]);
  return BigInt(row?.balance_fen ?? '0');
}

export async function endRequest(tx: Tx, clientRef: string, reason: string | null): Promise<void> {
  await query(tx, 'update psp.requests set state = $2, reason = $3 where client_ref = $1', [
    clientRef,
    reason === null ? 'done' : 'failed',
    reason,
  ]);
}

export type CallbackWrite = {
  readonly eventId: string;
  readonly clientRef: string;
  readonly outcome: ProviderOutcome;
  readonly reason: string | null;
  readonly due: Instant;
};

export async function insertCallbacks(tx: Tx, callbacks: readonly CallbackWrite[]): Promise<void> {
  await insertRows(
    tx,
    'psp.callbacks',
    callbacks.map(({ eventId, clientRef, outcome, reason, due }) => ({
      event_id: eventId,
      client_ref: clientRef,
      outcome,
      reason,
      due_at: toIso(due),
    })),
  );
}

export type CallbackRow = Omit<CallbackWrite, 'due'> & { readonly callbackId: string };

export async function listDueCallbacks(sql: Sql, now: Instant): Promise<readonly CallbackRow[]> {
  const rows = await query<{ callback_id: string; event_id: string; client_ref: string; outcome: ProviderOutcome; reason: string | null }>(
    sql,
    `select callback_id, event_id, client_ref, outcome, reason from psp.callbacks
     where delivered_at is null and due_at <= $1 order by due_at, callback_id limit 100`,
    [new Date(now)],
  );
  return rows.map((row) => ({
    callbackId: row.callback_id,
    eventId: row.event_id,
    clientRef: row.client_ref,
    outcome: row.outcome,
    reason: row.reason,
  }));
}

export async function markDelivered(sql: Sql, callbackId: string, now: Instant): Promise<void> {
  await query(sql, 'update psp.callbacks set delivered_at = $2 where callback_id = $1::bigint', [callbackId, new Date(now)]);
}

type BalanceRow = { ref: string; pot: ProviderPot; balance_fen: string };
const balanceOf = (row: BalanceRow): ProviderBalance => ({ ref: row.ref, pot: row.pot, amountFen: BigInt(row.balance_fen) });

export async function listPots(sql: Queryable, ref: string): Promise<readonly ProviderBalance[]> {
  return (await query<BalanceRow>(sql, 'select ref, pot, balance_fen from psp.accounts where ref = $1 order by pot', [ref])).map(balanceOf);
}

export async function readBooks(sql: Sql, clientRefs: readonly string[]): Promise<ProviderBooks> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const [cursor] = await query<{ last_id: string }>(tx, "select last_id from psp.cursor where name = 'instructions'");
    const accounts = await query<BalanceRow>(tx, 'select ref, pot, balance_fen from psp.accounts order by ref, pot');
    const transfers = await query<{ client_ref: string; kind: RequestRow['kind']; state: ProviderTransfer['state']; amount_fen: string }>(
      tx,
      'select client_ref, kind, state, amount_fen from psp.requests where client_ref = any($1)',
      [clientRefs],
    );
    return {
      executedTo: BigInt(cursor?.last_id ?? '0'),
      accounts: accounts.map(balanceOf),
      transfers: transfers.map((row) => ({
        referenceId: row.client_ref,
        kind: row.kind,
        state: row.state,
        amountFen: BigInt(row.amount_fen),
      })),
    };
  });
}

export async function listStatement(sql: Sql, day: string): Promise<readonly StatementLine[]> {
  const from = startOfBeijingDate(day);
  const rows = await query<{ number: string; at: Date; kind: string; source: string; ref: string; pot: ProviderPot; amount_fen: string }>(
    sql,
    `select e.number, e.at, e.kind, e.source, p.ref, p.pot, p.amount_fen from psp.entries e join psp.postings p on p.source = e.source
     where e.at >= $1 and e.at < $2 order by e.number, p.line`,
    [new Date(from), new Date(instant(from + DAY_MS))],
  );
  return rows.map((row) => ({
    number: BigInt(row.number),
    at: at(row.at),
    kind: row.kind,
    source: row.source,
    ref: row.ref,
    pot: row.pot,
    amountFen: BigInt(row.amount_fen),
  }));
}
