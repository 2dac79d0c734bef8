/**
 * A licensed payment institution, simulated and shown as such: its own books, its own pace, callbacks late, twice and out of order.
 *
 * Amounts steer it so that each path can be walked by hand: a transfer that ends in .13 yuan is declined, one that ends in .14 is first
 * reported as failed and then arrives all the same.
 */
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { insertRows, query, updateRows } from '#server/journal/rows.repo.ts';
import { followInstructions, listPots } from './institution.repo.ts';
import type { PaymentProvider, ProviderEvent, TransferOrder } from './provider.ts';

export type Pace = { readonly workMs: number; readonly callbackMs: number; readonly secondCallbackMs: number };
export const DEMONSTRATION_PACE: Pace = { workMs: 900, callbackMs: 300, secondCallbackMs: 2_500 };

const DECLINED = 13n;
const LATE = 14n;

export interface Institution extends PaymentProvider {
  /** Follows instructions, does due work, delivers due callbacks. @returns whether anything was done */
  turn(deliver: (event: ProviderEvent) => Promise<void>): Promise<boolean>;
}

type RequestRow = {
  request_ref: string;
  client_ref: string;
  kind: 'pay_in' | 'pay_out' | 'refund';
  ref: string;
  amount_fen: string;
  due_at: Date;
};
type CallbackRow = {
  callback_id: string;
  event_id: string;
  client_ref: string;
  provider_ref: string;
  outcome: ProviderEvent['outcome'];
  reason: string | null;
};

export function simulatedInstitution(ground: { readonly sql: Sql; readonly clock: Clock }, pace: Pace = DEMONSTRATION_PACE): Institution {
  const { sql, clock } = ground;
  const accept = (kind: RequestRow['kind']) => async (tx: Tx, order: TransferOrder) => {
    const clientRef = kind === 'refund' ? `${order.transferId}/refund` : order.transferId;
    const now = clock.now();
    await insertRows(
      tx,
      'psp.requests',
      [
        {
          request_ref: `sim_${clientRef}`,
          client_ref: clientRef,
          kind,
          ref: order.acct,
          amount_fen: String(order.amountFen),
          state: 'accepted',
          due_at: toIso(instant(now + pace.workMs)),
        },
      ],
      'on conflict do nothing',
    );
    if (kind !== 'refund') await callBack(tx, clientRef, { outcome: 'processing', reason: null, no: 1 }, [instant(now + pace.callbackMs)]);
  };
  return {
    name: 'Daoju Simulated Payment Institution',
    isSimulated: true,
    requestPayIn: accept('pay_in'),
    requestPayOut: accept('pay_out'),
    requestRefund: accept('refund'),
    balances: (ref) => listPots(sql, ref),
    turn: async (deliver) => {
      const followed = await sql.begin((tx) => followInstructions(tx));
      const worked = await sql.begin((tx) => doWork(tx, clock.now(), pace));
      const delivered = await deliverCallbacks(sql, clock.now(), deliver);
      return followed + worked + delivered > 0;
    },
  };
}

async function doWork(tx: Tx, now: Instant, pace: Pace): Promise<number> {
  const due = await query<RequestRow>(
    tx,
    "select request_ref, client_ref, kind, ref, amount_fen, due_at from psp.requests where state = 'accepted' and due_at <= $1 order by due_at limit 100",
    [new Date(now)],
  );
  for (const request of due) await workRequest(tx, request, now, pace);
  return due.length;
}

async function workRequest(tx: Tx, request: RequestRow, now: Instant, pace: Pace): Promise<void> {
  const ending = BigInt(request.amount_fen) % 100n;
  if (request.kind === 'pay_out') {
    // The instruction that sets the money aside comes with the journal; until it has, the request waits.
    const [pot] = await query<{ balance_fen: string }>(tx, "select balance_fen from psp.accounts where ref = $1 and pot = 'leaving'", [
      request.ref,
    ]);
    if (BigInt(pot?.balance_fen ?? '0') < BigInt(request.amount_fen)) return;
  }
  const isDeclined = request.kind !== 'refund' && ending === DECLINED;
  await updateRows(
    tx,
    'psp.requests',
    ['request_ref'],
    [{ request_ref: request.request_ref, state: isDeclined ? 'failed' : 'done', reason: isDeclined ? 'bank_declined' : null }],
  );
  if (!isDeclined) await move(tx, request);
  if (request.kind === 'refund') return;
  const twice = [instant(now + pace.callbackMs), instant(now + pace.secondCallbackMs)];
  if (isDeclined) return callBack(tx, request.client_ref, { outcome: 'failed', reason: 'bank_declined', no: 2 }, twice);
  if (request.kind === 'pay_in' && ending === LATE) {
    await callBack(tx, request.client_ref, { outcome: 'failed', reason: 'timeout', no: 2 }, [instant(now + pace.callbackMs)]);
    return callBack(tx, request.client_ref, { outcome: 'paid', reason: null, no: 3 }, [instant(now + pace.secondCallbackMs)]);
  }
  return callBack(tx, request.client_ref, { outcome: 'paid', reason: null, no: 2 }, twice);
}

async function move(tx: Tx, { kind, ref, amount_fen }: RequestRow): Promise<void> {
  const pot = kind === 'pay_out' ? 'leaving' : 'free';
  const amount = kind === 'pay_in' ? amount_fen : String(-BigInt(amount_fen));
  await query(tx, 'insert into psp.accounts (ref, pot, balance_fen) values ($1, $2, 0) on conflict do nothing', [ref, pot]);
  await query(tx, 'update psp.accounts set balance_fen = balance_fen + $3::bigint where ref = $1 and pot = $2', [ref, pot, amount]);
}

type Report = { readonly outcome: ProviderEvent['outcome']; readonly reason: string | null; readonly no: number };

async function callBack(tx: Tx, clientRef: string, { outcome, reason, no }: Report, times: readonly Instant[]): Promise<void> {
  await insertRows(
    tx,
    'psp.callbacks',
    times.map((due) => ({
      event_id: `evt_${clientRef}_${no}`,
      client_ref: clientRef,
      provider_ref: `sim_${clientRef}`,
      outcome,
      reason,
      due_at: toIso(due),
    })),
  );
}

async function deliverCallbacks(sql: Sql, now: Instant, deliver: (event: ProviderEvent) => Promise<void>): Promise<number> {
  const due = await query<CallbackRow>(
    sql,
    `select callback_id, event_id, client_ref, provider_ref, outcome, reason from psp.callbacks
     where delivered_at is null and due_at <= $1 order by due_at, callback_id limit 100`,
    [new Date(now)],
  );
  for (const row of due) {
    await deliver({
      eventId: row.event_id,
      transferId: row.client_ref,
      providerRef: row.provider_ref,
      outcome: row.outcome,
      reason: row.reason,
    });
    // Marked after the receiver has committed: a crash between the two delivers again, which changes nothing.
    await query(sql, 'update psp.callbacks set delivered_at = $2 where callback_id = $1::bigint', [row.callback_id, new Date(now)]);
  }
  return due.length;
}
