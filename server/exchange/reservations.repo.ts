/** Listings promised to a buyer who pays from outside, and the payments that they wait for. */
import { type OrderId, parseOrderId, parseTradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import { giveUpPayments, insertTransfer } from '#server/payments/transfers.repo.ts';
import type { Group } from '#server/settlement/group.ts';
import type { Reservation } from '#server/settlement/model.ts';

type Columns = {
  trade_id: string;
  sell_order_id: string;
  buy_order_id: string;
  transfer_id: string;
  pay_by: Date;
  state: 'requested' | 'processing' | 'paid' | 'failed';
  reason: string | null;
};

const SELECT = `select t.trade_id, t.sell_order_id, t.buy_order_id, p.transfer_id, p.pay_by, p.state, p.reason
  from market.trades t join payments.transfers p on p.trade_id = t.trade_id where t.state = 'reserved'`;

function reservationOf(row: Columns): Reservation {
  return {
    tradeId: parseTradeId(row.trade_id),
    sellOrderId: parseOrderId(row.sell_order_id),
    buyOrderId: parseOrderId(row.buy_order_id),
    transferId: row.transfer_id,
    until: at(row.pay_by),
    payment: row.state === 'paid' || row.state === 'failed' ? row.state : 'outstanding',
    reason: row.reason,
  };
}

/** By either of their orders. */
export async function listReservations(sql: Queryable, orderIds: readonly OrderId[]): Promise<Map<OrderId, Reservation>> {
  if (orderIds.length === 0) return new Map();
  const rows = await query<Columns>(sql, `${SELECT} and (t.sell_order_id = any($1) or t.buy_order_id = any($1))`, [orderIds]);
  return new Map(rows.map(reservationOf).flatMap((each) => [[each.sellOrderId, each] as const, [each.buyOrderId, each] as const]));
}

export async function saveReservations(tx: Tx, group: Group): Promise<void> {
  for (const { reservation, acct, amountFen } of group.purchases) {
    await insertTransfer(tx, {
      transferId: reservation.transferId,
      acct,
      referenceId: reservation.tradeId,
      kind: 'purchase',
      state: 'requested',
      amountFen,
      reason: null,
      requestedAt: group.now,
      endedAt: null,
      refund: null,
      purchase: { tradeId: reservation.tradeId, orderId: reservation.buyOrderId, payBy: reservation.until },
    });
  }
  await giveUpPayments(tx, group.givenUp, 'timeout', group.now);
}

/** Reservations with something to do: paid, declined, or over. */
export async function listRipeReservations(sql: Queryable, now: Instant, limit: number): Promise<readonly Reservation[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT} and (p.ended_at is not null or p.pay_by <= $1::timestamptz) order by t.seq limit ${String(limit)}`,
    [toIso(now)],
  );
  return rows.map(reservationOf);
}
