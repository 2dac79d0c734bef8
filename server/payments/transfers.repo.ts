/** Rows of deposits and withdrawals. */
import { type AccountId, type OrderId, parseAccountId, parseOrderId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, insertRows, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Transfer } from '#server/trpc/views.ts';

export type TransferRow = {
  readonly transferId: string;
  readonly acct: AccountId;
  readonly referenceId: string;
  readonly kind: 'deposit' | 'withdrawal' | 'purchase';
  readonly state: 'requested' | 'processing' | 'paid' | 'failed';
  readonly amountFen: bigint;
  readonly reason: string | null;
  readonly requestedAt: Instant;
  readonly endedAt: Instant | null;
  /** Money that came after the end: on its way back, or back. */
  readonly refund: 'requested' | 'done' | null;
  /** What a purchase pays for, and until when. */
  readonly purchase: Purchase | null;
};
export type Purchase = { readonly tradeId: TradeId; readonly orderId: OrderId; readonly payBy: Instant };

type Columns = {
  transfer_id: string;
  acct: string;
  reference_id: string;
  kind: TransferRow['kind'];
  state: TransferRow['state'];
  amount_fen: string;
  reason: string | null;
  requested_at: Date;
  ended_at: Date | null;
  refund: TransferRow['refund'];
  trade_id: string | null;
  order_id: string | null;
  pay_by: Date | null;
};
const SELECT = `select t.transfer_id, t.acct, t.reference_id, t.kind, t.state, t.amount_fen, t.reason, t.requested_at, t.ended_at, t.trade_id, t.order_id, t.pay_by,
  case when r.transfer_id is null then null when r.ended_at is null then 'requested' else 'done' end as refund
  from payments.transfers t left join payments.refunds r on r.transfer_id = t.transfer_id`;

function rowOf(row: Columns): TransferRow {
  return {
    transferId: row.transfer_id,
    acct: parseAccountId(row.acct),
    referenceId: row.reference_id,
    kind: row.kind,
    state: row.state,
    amountFen: BigInt(row.amount_fen),
    reason: row.reason,
    requestedAt: at(row.requested_at),
    endedAt: atOrNull(row.ended_at),
    refund: row.refund,
    purchase: purchaseOf(row),
  };
}

function purchaseOf({ trade_id, order_id, pay_by }: Columns): Purchase | null {
  if (trade_id === null || order_id === null || pay_by === null) return null;
  return { tradeId: parseTradeId(trade_id), orderId: parseOrderId(order_id), payBy: at(pay_by) };
}

const REFUND_REASONS = { requested: 'late_payment_refunding', done: 'late_payment_refunded' } as const;

export function transferOf(row: TransferRow): Transfer {
  return {
    id: row.transferId,
    kind: row.kind,
    state: row.state,
    amountFen: String(row.amountFen),
    requestedAt: toIso(row.requestedAt),
    endedAt: isoOrNull(row.endedAt),
    reason: row.refund === null ? row.reason : REFUND_REASONS[row.refund],
    tradeId: row.purchase?.tradeId ?? null,
    payBy: row.purchase === null ? null : toIso(row.purchase.payBy),
  };
}

export async function findTransfer(sql: Queryable, acct: AccountId, referenceId: string): Promise<TransferRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where t.acct = $1 and t.reference_id = $2`, [acct, referenceId]);
  return row === undefined ? null : rowOf(row);
}

export async function lockTransfer(tx: Tx, transferId: string): Promise<TransferRow | null> {
  const [row] = await query<Columns>(tx, `${SELECT} where t.transfer_id = $1 for update of t`, [transferId]);
  return row === undefined ? null : rowOf(row);
}

export async function listTransfers(sql: Queryable, acct: AccountId, limit: number): Promise<readonly TransferRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where t.acct = $1 order by t.requested_at desc, t.transfer_id limit ${String(limit)}`, [
    acct,
  ]);
  return rows.map(rowOf);
}

export async function insertTransfer(tx: Tx, row: TransferRow): Promise<void> {
  await insertRows(tx, 'payments.transfers', [
    {
      transfer_id: row.transferId,
      acct: row.acct,
      reference_id: row.referenceId,
      kind: row.kind,
      state: row.state,
      amount_fen: String(row.amountFen),
      reason: row.reason,
      requested_at: toIso(row.requestedAt),
      ended_at: isoOrNull(row.endedAt),
      trade_id: row.purchase?.tradeId ?? null,
      order_id: row.purchase?.orderId ?? null,
      pay_by: isoOrNull(row.purchase?.payBy ?? null),
    },
  ]);
}

/** Gives up on payments that have not come; what comes all the same goes back. */
export async function giveUpPayments(tx: Tx, transferIds: readonly string[], reason: string, now: Instant): Promise<void> {
  if (transferIds.length === 0) return;
  await query(
    tx,
    "update payments.transfers set state = 'failed', reason = $2, ended_at = $3 where transfer_id = any($1) and ended_at is null",
    [transferIds, reason, new Date(now)],
  );
}

/** The payment that a trade waits for or was paid by; null for one paid from the balance. */
export async function findPurchase(sql: Queryable, tradeId: string): Promise<TransferRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where t.trade_id = $1`, [tradeId]);
  return row === undefined ? null : rowOf(row);
}

export async function saveTransferState(tx: Tx, row: TransferRow, providerRef: string): Promise<void> {
  await query(tx, 'update payments.transfers set state = $2, reason = $3, ended_at = $4, provider_ref = $5 where transfer_id = $1', [
    row.transferId,
    row.state,
    row.reason,
    isoOrNull(row.endedAt),
    providerRef,
  ]);
}

/** @returns whether the event is new */
export async function insertEvent(
  tx: Tx,
  event: {
    readonly eventId: string;
    readonly transferId: string;
    readonly outcome: string;
    readonly receivedAt: Instant;
    readonly wasLate: boolean;
  },
): Promise<boolean> {
  const count = await insertRows(
    tx,
    'payments.provider_events',
    [
      {
        event_id: event.eventId,
        transfer_ref: event.transferId,
        outcome: event.outcome,
        received_at: toIso(event.receivedAt),
        was_late: event.wasLate,
      },
    ],
    'on conflict do nothing',
  );
  return count > 0;
}

export async function insertRefund(tx: Tx, transferId: string, now: Instant): Promise<void> {
  await insertRows(tx, 'payments.refunds', [{ transfer_id: transferId, requested_at: toIso(now) }], 'on conflict do nothing');
}

/** @returns whether it was still open */
export async function endRefund(tx: Tx, transferId: string, now: Instant): Promise<boolean> {
  const rows = await query<{ transfer_id: string }>(
    tx,
    'update payments.refunds set ended_at = $2 where transfer_id = $1 and ended_at is null returning transfer_id',
    [transferId, new Date(now)],
  );
  return rows.length > 0;
}

export async function sumToday(sql: Queryable, acct: AccountId, kind: TransferRow['kind'], from: Instant): Promise<bigint> {
  const [row] = await query<{ total: string | null }>(
    sql,
    // What failed used nothing of the day.
    "select sum(amount_fen)::text as total from payments.transfers where acct = $1 and kind = $2 and requested_at >= $3 and state <> 'failed'",
    [acct, kind, new Date(from)],
  );
  return BigInt(row?.total ?? '0');
}

/** Until when an authority keeps the person's money where it is; null: it does not. */
export async function findPayoutFreeze(tx: Tx, acct: string, now: Instant): Promise<Date | null> {
  const [row] = await query<{ until: Date | null }>(
    tx,
    "select max(until) as until from cases.freezes where target_id = $1 and scope in ('account', 'payout') and state = 'active' and until > $2",
    [acct, new Date(now)],
  );
  return row?.until ?? null;
}
