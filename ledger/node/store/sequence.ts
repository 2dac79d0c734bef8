/** The sequence of LedgerTx: what this node gave a place, and what became of it. */
import type postgres from 'postgres';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { hexList, list, own } from './columns.ts';

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

export interface SequencedRow {
  readonly seq: bigint;
  readonly txId: Bytes;
  readonly env: Bytes;
  readonly sequencedAt: bigint;
}

/** Inserts a group's LedgerTx. On disk when the caller's database transaction is. */
export async function insertSequenced(tx: Tx, rows: readonly SequencedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into ledger.ledger_txs (seq, tx_id, env, sequenced_at)
    select seq::bigint, decode(tx_id, 'hex'), decode(env, 'hex'), sequenced_at::bigint
    from unnest(string_to_array(${list(rows.map((row) => row.seq))}, ','), string_to_array(${hexList(rows.map((row) => row.txId))}, ','),
      string_to_array(${hexList(rows.map((row) => row.env))}, ','), string_to_array(${list(rows.map((row) => row.sequencedAt))}, ','))
      as t (seq, tx_id, env, sequenced_at)`;
}

/** LedgerTx after a place in the sequence, in order. `env` is null for one that a block of the consortium has decided ahead of others. */
export async function readWaiting(
  sql: Sql,
  afterSeq: bigint,
): Promise<readonly (Omit<SequencedRow, 'env'> & { readonly env: Bytes | null })[]> {
  const rows = await sql<{ seq: string; tx_id: Uint8Array; env: Uint8Array | null; sequenced_at: string }[]>`
    select seq, tx_id, case when status = 'sequenced' then env end as env, sequenced_at
    from ledger.ledger_txs where seq > ${String(afterSeq)} order by seq`;
  return rows.map((row) => ({
    seq: BigInt(row.seq),
    txId: own(row.tx_id),
    env: row.env === null ? null : own(row.env),
    sequencedAt: BigInt(row.sequenced_at),
  }));
}

/** LedgerTx that were refused at sealing and whose window may still be open: they must not be sequenced again. */
export async function readRefused(sql: Sql, since: bigint): Promise<readonly { readonly txId: Bytes; readonly code: string }[]> {
  const rows = await sql<{ tx_id: Uint8Array; refused_code: string }[]>`
    select tx_id, refused_code from ledger.ledger_txs r where status = 'refused' and sequenced_at >= ${String(since)}
      and not exists (select from ledger.ledger_txs n where n.tx_id = r.tx_id and n.seq > r.seq)`;
  return rows.map((row) => ({ txId: own(row.tx_id), code: row.refused_code }));
}

export interface StoredStatus {
  readonly seq: bigint | null;
  readonly status: 'sequenced' | 'certified' | 'refused';
  readonly refusedCode: string | null;
  readonly height: bigint | null;
  readonly index: bigint | null;
  readonly finality: Bytes | null;
}

export async function readStatus(sql: Sql, txId: Uint8Array): Promise<StoredStatus | null> {
  const [row] = await sql<
    {
      seq: string | null;
      status: 'sequenced' | 'certified' | 'refused';
      refused_code: string | null;
      height: string | null;
      idx: string | null;
      finality: Uint8Array | null;
    }[]
  >`
    select t.seq, coalesce(t.status, 'certified') as status, t.refused_code, e.height, e.idx, b.finality
    from (select ${txId}::bytea as tx_id) q
    left join ledger.ledger_txs t on t.tx_id = q.tx_id
    left join ledger.entries e on e.tx_id = q.tx_id
    left join ledger.blocks b on b.height = e.height
    where t.seq is not null or e.idx is not null order by t.seq desc nulls last limit 1`;
  if (row === undefined) return null;
  return {
    seq: row.seq === null ? null : BigInt(row.seq),
    status: row.status,
    refusedCode: row.refused_code,
    height: row.height === null ? null : BigInt(row.height),
    index: row.idx === null ? null : BigInt(row.idx),
    finality: row.finality === null ? null : own(row.finality),
  };
}

/** LedgerTx that a block decided, entered or refused, in sequence order. */
export async function readDecided(sql: Sql, height: bigint) {
  const rows = await sql<{ seq: string; tx_id: Uint8Array; env: Uint8Array | null; refused_code: string | null }[]>`
    select seq, tx_id, env, refused_code from ledger.ledger_txs where height = ${String(height)} order by seq`;
  return rows.map((row) => ({
    seq: BigInt(row.seq),
    txId: own(row.tx_id),
    env: row.env === null ? null : own(row.env),
    refusedCode: row.refused_code,
  }));
}
