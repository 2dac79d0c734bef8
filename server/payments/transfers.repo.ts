/** Rows of deposits and withdrawals. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, insertRows, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Transfer } from '#server/trpc/views.ts';

export type TransferRow = {
  readonly transferId: string;
  readonly acct: AccountId;
  readonly referenceId: string;
  readonly kind: 'deposit' | 'withdrawal';
  readonly state: 'requested' | 'processing' | 'paid' | 'failed';
  readonly amountFen: bigint;
  readonly reason: string | null;
  readonly requestedAt: Instant;
  readonly endedAt: Instant | null;
};

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
};
const SELECT = 'select transfer_id, acct, reference_id, kind, state, amount_fen, reason, requested_at, ended_at from payments.transfers';

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
  };
}

export function transferOf(row: TransferRow): Transfer {
  return {
    id: row.transferId,
    kind: row.kind,
    state: row.state,
    amountFen: String(row.amountFen),
    requestedAt: toIso(row.requestedAt),
    endedAt: isoOrNull(row.endedAt),
    reason: row.reason,
  };
}

export async function findTransfer(sql: Queryable, acct: AccountId, referenceId: string): Promise<TransferRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where acct = $1 and reference_id = $2`, [acct, referenceId]);
  return row === undefined ? null : rowOf(row);
}

export async function lockTransfer(tx: Tx, transferId: string): Promise<TransferRow | null> {
  const [row] = await query<Columns>(tx, `${SELECT} where transfer_id = $1 for update`, [transferId]);
  return row === undefined ? null : rowOf(row);
}

export async function listTransfers(sql: Queryable, acct: AccountId, limit: number): Promise<readonly TransferRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where acct = $1 order by requested_at desc limit ${String(limit)}`, [acct]);
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
    },
  ]);
}

export async function sumToday(sql: Queryable, acct: AccountId, kind: TransferRow['kind'], from: Instant): Promise<bigint> {
  const [row] = await query<{ total: string | null }>(
    sql,
    "select sum(amount_fen)::text as total from payments.transfers where acct = $1 and kind = $2 and requested_at >= $3 and state <> 'failed'",
    [acct, kind, new Date(from)],
  );
  return BigInt(row?.total ?? '0');
}
