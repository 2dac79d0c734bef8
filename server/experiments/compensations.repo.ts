/** Rows of what experiments have paid. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { Tx } from '#server/db.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

type Known = { readonly acct: string; readonly fen: string; readonly experimentId: string };
export async function findCompensation(sql: Queryable, actId: string): Promise<Known | null> {
  const [row] = await query<Known>(
    sql,
    'select acct, fen::text as fen, experiment_id as "experimentId" from experiments.compensations where act_id = $1',
    [actId],
  );
  return row ?? null;
}

export async function sumCompensation(sql: Queryable, experimentId: string): Promise<bigint> {
  const [row] = await query<{ paid: string }>(
    sql,
    'select coalesce(sum(fen), 0)::text as paid from experiments.compensations where experiment_id = $1',
    [experimentId],
  );
  return BigInt(row?.paid ?? '0');
}

/** When a participant last traded in the experiment, or joined it; null: he never took part. */
export async function findLastStake(sql: Queryable, experimentId: string, acct: AccountId): Promise<Instant | null> {
  const [row] = await query<{ last: Date }>(
    sql,
    `select greatest(p.joined_at, (select max(t.settled_at) from market.trades t
       where t.experiment_id = p.experiment_id and (t.seller = p.acct or t.buyer = p.acct))) as last
     from experiments.participants p where p.experiment_id = $1 and p.acct = $2`,
    [experimentId, acct],
  );
  return row === undefined ? null : at(row.last);
}

/** What of the operator's fees no reversal can take back any more. */
export async function readFinalFees(sql: Queryable): Promise<bigint> {
  const [row] = await query<{ fen: string }>(
    sql,
    `select (coalesce((select balance_fen from journal.accounts where account_id = 'fee'), 0)
       - coalesce((select sum(fee_fen) from market.trades where state in ('settled', 'certified', 'protected', 'disputed')), 0))::text as fen`,
  );
  return BigInt(row?.fen ?? '0');
}

export async function insertCompensation(
  tx: Tx,
  row: {
    readonly actId: string;
    readonly experimentId: string;
    readonly acct: AccountId;
    readonly amountFen: bigint;
    readonly entryId: bigint;
    readonly staffId: string;
    readonly at: Instant;
    readonly document: CaseDocument;
    readonly signature: Uint8Array;
  },
): Promise<void> {
  await insertRows(tx, 'experiments.compensations', [
    {
      act_id: row.actId,
      experiment_id: row.experimentId,
      acct: row.acct,
      fen: String(row.amountFen),
      entry_id: String(row.entryId),
      staff_id: row.staffId,
      at: toIso(row.at),
      document: row.document,
      signature: bytea(row.signature),
    },
  ]);
}

export type PaidRow = { readonly acct: string; readonly fen: string; readonly at: Date; readonly by: string; readonly reason: string };
export async function listCompensations(sql: Queryable, experimentId: string): Promise<readonly PaidRow[]> {
  return query<PaidRow>(
    sql,
    `select acct, fen::text as fen, at, staff_id as by, document->>'reason' as reason from experiments.compensations
     where experiment_id = $1 order by entry_id desc limit 200`,
    [experimentId],
  );
}
