/** Where a store begins that does not hold its chain from genesis on: with a snapshot, or with the registers of a predecessor chain. */
import type postgres from 'postgres';
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';
import { decodeTrustBundle, encodeTrustBundle, type TrustBundle } from '#ledger/proof/receipt.ts';
import { hexList, list, own } from './columns.ts';

const HASH_BYTES = 32;

export interface StoreBase {
  /** Of the first block that is stored; 0 on a successor chain. */
  readonly height: bigint;
  readonly logSize: bigint;
  /** Of the log at that height, largest first. */
  readonly frontier: readonly Bytes[];
  /** That the snapshot was verified by; null on a successor chain, which begins here. */
  readonly trust: TrustBundle | null;
}

export interface BaseTx {
  readonly txId: Bytes;
  readonly notAfter: bigint;
}

export async function readBase(sql: postgres.Sql): Promise<StoreBase | null> {
  const [row] = await sql<{ height: string; log_size: string; frontier: Uint8Array; trust: Uint8Array | null }[]>`
    select height, log_size, frontier, trust from ledger.base`;
  if (row === undefined) return null;
  const hashes = own(row.frontier);
  const frontier = Array.from({ length: hashes.length / HASH_BYTES }, (_, at) => hashes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  return {
    height: BigInt(row.height),
    logSize: BigInt(row.log_size),
    frontier,
    trust: row.trust === null ? null : decodeTrustBundle(own(row.trust)),
  };
}

export function insertBase(tx: postgres.TransactionSql, { height, logSize, frontier, trust }: StoreBase, txs: readonly BaseTx[]) {
  return [
    tx`insert into ledger.base (height, log_size, frontier, trust)
      values (${String(height)}, ${String(logSize)}, ${concat(...frontier)}, ${trust === null ? null : encodeTrustBundle(trust)})`,
    tx`insert into ledger.base_txs (tx_id, not_after)
      select decode(tx_id, 'hex'), not_after::bigint
      from unnest(string_to_array(${hexList(txs.map((each) => each.txId))}, ','), string_to_array(${list(txs.map((each) => each.notAfter))}, ','))
        as t (tx_id, not_after)`,
  ];
}

/** For whoever writes books anew from the entries: all of them must be here. @throws {Error} when the store begins later than its chain */
export async function requireWholeChain(sql: postgres.Sql): Promise<void> {
  const base = await readBase(sql);
  if (base === null) return;
  throw new Error(
    `this store begins at height ${base.height} and lacks the entries before: books are written from a chain that is here from genesis on. restore --from-peers fetches it`,
  );
}

/** Those whose window is still open. */
export async function readBaseTxs(sql: postgres.Sql, now: bigint): Promise<readonly BaseTx[]> {
  const rows = await sql<{ tx_id: Uint8Array; not_after: string }[]>`
    select tx_id, not_after from ledger.base_txs where not_after > ${String(now)}`;
  return rows.map((row) => ({ txId: own(row.tx_id), notAfter: BigInt(row.not_after) }));
}
