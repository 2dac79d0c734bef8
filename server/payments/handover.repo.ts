/** What waits to be handed to the institution: transfers, refunds and split instructions, each until it was taken. */
import { assert } from '#ledger/primitives/assert.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { CheckoutOrder, Instruction, ProviderPot, TransferOrder } from './provider.ts';

export type WaitingTransfer =
  | (TransferOrder & { readonly kind: 'deposit' | 'withdrawal' | 'refund' })
  | (CheckoutOrder & { readonly kind: 'purchase' });
type Columns = {
  transfer_id: string;
  acct: string;
  amount_fen: string;
  kind: WaitingTransfer['kind'];
  purpose: string;
  pay_by: Date | null;
};

export async function listUnsubmitted(sql: Sql): Promise<readonly WaitingTransfer[]> {
  const rows = await query<Columns>(
    sql,
    `(select t.transfer_id, t.acct, t.amount_fen, t.kind, coalesce(t.trade_id, '') as purpose, t.pay_by
      from payments.transfers t where t.submitted_at is null and t.ended_at is null order by t.requested_at limit 100)
     union all
     (select r.transfer_id, t.acct, t.amount_fen, 'refund', '', null from payments.refunds r join payments.transfers t on t.transfer_id = r.transfer_id
      where r.submitted_at is null and r.ended_at is null order by r.requested_at limit 100)`,
  );
  return rows.map((row) => {
    const order = { referenceId: row.transfer_id, acct: parseAccountId(row.acct), amountFen: BigInt(row.amount_fen) };
    if (row.kind !== 'purchase') return { ...order, kind: row.kind };
    assert(row.pay_by !== null, 'a purchase has its time');
    return { ...order, kind: row.kind, purpose: row.purpose, expiresAt: at(row.pay_by) };
  });
}

export async function markSubmitted(sql: Sql, { referenceId, kind }: WaitingTransfer, now: Instant): Promise<void> {
  const table = kind === 'refund' ? 'payments.refunds' : 'payments.transfers';
  await query(sql, `update ${table} set submitted_at = $2 where transfer_id = $1 and ended_at is null`, [referenceId, new Date(now)]);
}

type InstructionRow = {
  instruction_id: string;
  kind: string;
  at: Date;
  movements: readonly { readonly ref: string; readonly pot: ProviderPot; readonly amount: string }[];
};

/** Their ids rise in the order of the commits, because journal entries are numbered behind one lock. */
export async function listInstructionsAfter(sql: Queryable, instructionId: bigint, limit: number): Promise<readonly Instruction[]> {
  const rows = await query<InstructionRow>(
    sql,
    `select instruction_id, kind, at, movements from payments.instructions where instruction_id > $1::bigint order by instruction_id limit ${String(limit)}`,
    [String(instructionId)],
  );
  return rows.map((row) => ({
    instructionId: BigInt(row.instruction_id),
    kind: row.kind,
    at: at(row.at),
    movements: row.movements.map(({ ref, pot, amount }) => ({ ref, pot, amountFen: BigInt(amount) })),
  }));
}

export async function getDelivered(sql: Queryable): Promise<bigint> {
  const [row] = await query<{ last_id: string }>(sql, "select last_id from payments.deliveries where name = 'instructions'");
  return BigInt(row?.last_id ?? '0');
}

export async function saveDelivered(sql: Sql, instructionId: bigint): Promise<void> {
  await query(sql, "update payments.deliveries set last_id = $1::bigint where name = 'instructions' and last_id < $1::bigint", [
    String(instructionId),
  ]);
}

type TransferKind = 'deposit' | 'withdrawal' | 'purchase';

/** Transfers whose money may lie at the institution otherwise than in our books, for a while. */
export async function listUnsettledTransfers(
  sql: Queryable,
  failedSince: Instant,
): Promise<readonly { readonly transferId: string; readonly acct: AccountId; readonly kind: TransferKind; readonly amountFen: bigint }[]> {
  const rows = await query<{ transfer_id: string; acct: string; kind: TransferKind; amount_fen: string }>(
    sql,
    `select t.transfer_id, t.acct, t.kind, t.amount_fen from payments.transfers t left join payments.refunds r on r.transfer_id = t.transfer_id
     where t.ended_at is null or (r.transfer_id is not null and r.ended_at is null)
        or (r.transfer_id is null and t.kind <> 'withdrawal' and t.state = 'failed' and t.ended_at >= $1)`,
    [new Date(failedSince)],
  );
  return rows.map((row) => ({
    transferId: row.transfer_id,
    acct: parseAccountId(row.acct),
    kind: row.kind,
    amountFen: BigInt(row.amount_fen),
  }));
}
