/** SQL of proofs of filing. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { ReservedTax } from '#sandbox/experiments/tax-reserve.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type ProofRow = {
  readonly proofId: string;
  readonly acct: AccountId;
  readonly tax: ReservedTax;
  readonly month: string;
  readonly receiptNo: string;
  readonly filedOn: string;
  readonly presentedAt: Instant;
  readonly state: 'waiting' | 'confirmed' | 'refused';
  readonly asks: number;
  readonly decidedAt: Instant | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
};

type Columns = {
  proof_id: string;
  acct: string;
  tax: ReservedTax;
  month: string;
  receipt_no: string;
  filed_on: string;
  presented_at: Date;
  state: ProofRow['state'];
  asks: number;
  decided_at: Date | null;
  decided_by: string | null;
  reason: string | null;
};
const SELECT = `select proof_id, acct, tax, month, receipt_no, filed_on::text as filed_on, presented_at, state, asks, decided_at, decided_by, reason
  from experiments.filing_proofs`;

function proofOf(row: Columns): ProofRow {
  return {
    proofId: row.proof_id,
    acct: parseAccountId(row.acct),
    tax: row.tax,
    month: row.month,
    receiptNo: row.receipt_no,
    filedOn: row.filed_on,
    presentedAt: at(row.presented_at),
    state: row.state,
    asks: row.asks,
    decidedAt: atOrNull(row.decided_at),
    decidedBy: row.decided_by,
    reason: row.reason,
  };
}

/** That this receipt has been presented with and not refused. */
export async function findStandingProof(tx: Tx, receiptNo: string): Promise<ProofRow | null> {
  const [row] = await query<Columns>(tx, `${SELECT} where receipt_no = $1 and state <> 'refused'`, [receiptNo]);
  return row === undefined ? null : proofOf(row);
}

export async function insertProof(
  tx: Tx,
  proof: Pick<ProofRow, 'proofId' | 'acct' | 'tax' | 'month' | 'receiptNo' | 'filedOn' | 'presentedAt'>,
): Promise<void> {
  await insertRows(tx, 'experiments.filing_proofs', [
    {
      proof_id: proof.proofId,
      acct: proof.acct,
      tax: proof.tax,
      month: proof.month,
      receipt_no: proof.receiptNo,
      filed_on: proof.filedOn,
      presented_at: toIso(proof.presentedAt),
      state: 'waiting',
      asks: 0,
      next_at: toIso(proof.presentedAt),
    },
  ]);
}

export async function findProof(sql: Queryable, proofId: string): Promise<ProofRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where proof_id = $1`, [proofId]);
  return row === undefined ? null : proofOf(row);
}

export async function listProofs(sql: Queryable, acct: AccountId, limit: number): Promise<readonly ProofRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where acct = $1 order by presented_at desc limit ${String(limit)}`, [acct]);
  return rows.map(proofOf);
}

/** For whoever decides them: those that wait, the oldest first, then the newest that are decided. */
export async function listAllProofs(sql: Queryable, limit: number): Promise<readonly ProofRow[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT} order by state = 'waiting' desc, case when state = 'waiting' then presented_at end, presented_at desc limit ${String(limit)}`,
  );
  return rows.map(proofOf);
}

export async function listUnasked(sql: Queryable, now: Instant, most: number, limit: number): Promise<readonly ProofRow[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT} where state = 'waiting' and next_at <= $1 and asks < $2 order by next_at limit ${String(limit)}`,
    [new Date(now), most],
  );
  return rows.map(proofOf);
}

export async function putOff(sql: Queryable, proofId: string, nextAt: Instant): Promise<void> {
  await query(sql, "update experiments.filing_proofs set asks = asks + 1, next_at = $2 where proof_id = $1 and state = 'waiting'", [
    proofId,
    new Date(nextAt),
  ]);
}

export type Verdict = {
  readonly state: 'confirmed' | 'refused';
  readonly by: string;
  readonly reason: string | null;
  readonly at: Instant;
};

/** @returns whether it still waited */
export async function decideProof(tx: Tx, proofId: string, { state, by, reason, at: decidedAt }: Verdict): Promise<boolean> {
  const rows = await query(
    tx,
    `update experiments.filing_proofs set state = $2, decided_by = $3, reason = $4, decided_at = $5
     where proof_id = $1 and state = 'waiting' returning 1`,
    [proofId, state, by, reason, new Date(decidedAt)],
  );
  return rows.length > 0;
}

/** Beijing date of the first taxed sale of a month that somebody placed inside one of these experiments; `null`: none. */
export async function findFirstSale(
  sql: Queryable,
  acct: AccountId,
  month: string,
  experimentIds: readonly string[],
): Promise<string | null> {
  const [row] = await query<{ day: string | null }>(
    sql,
    `select min(to_char(t.settled_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD')) as day from market.trades t
     join market.orders s on s.order_id = t.sell_order_id and s.experiment_id = t.experiment_id
     where t.seller = $1 and t.experiment_id = any($3) and t.state <> 'reversed'
       and to_char(t.settled_at at time zone 'Asia/Shanghai', 'YYYY-MM') = $2`,
    [acct, month, experimentIds],
  );
  return row?.day ?? null;
}
