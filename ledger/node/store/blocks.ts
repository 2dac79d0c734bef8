/**
 * Blocks and entries: the record. Every method says what is on disk when it resolves; a block stays at a handful of statements whatever
 * its size.
 */
import type postgres from 'postgres';
import { decodeFinality, decodeHeader, type Finality, type Header } from '#ledger/codec/header.ts';
import type { StateLeaf } from '#ledger/codec/leaves.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type SignatureRow, voteStatements } from '../signer/signing-records.ts';
import { hexList, list, own, PAGE_ROWS } from './columns.ts';
import { type BodyRow, upsertBodies, upsertLeaves } from './leaves.ts';

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

export interface BlockRow {
  readonly height: bigint;
  readonly epoch: number;
  readonly header: Bytes;
  readonly headerHash: Bytes;
  readonly finality: Bytes | null;
  readonly logSize: bigint;
  readonly lastSeq: bigint;
}

export interface EntryRow {
  readonly index: bigint;
  readonly height: bigint;
  readonly txId: Bytes;
  readonly leafHash: Bytes;
  readonly body: Bytes;
  /** PCE of the leaves after the entry, in the order of its effects. */
  readonly leaves: Bytes;
}

export interface BlockWrite {
  readonly block: BlockRow;
  /** With one member: the Vote that the block is final by, in the same commit. Null: the signer has stored it long before. */
  readonly vote: SignatureRow | null;
  readonly entries: readonly EntryRow[];
  /** Each leaf once, as it stands after the block. */
  readonly leaves: readonly StateLeaf[];
  readonly bodies: readonly BodyRow[];
  /**
   * First place in the sequence that the block decides; `lastSeq` of the block is the last. Null: a block of the consortium, which may
   * hold LedgerTx in any order and from anywhere; then those of the sequence that it holds are decided, by their txId.
   */
  readonly firstSeq: bigint | null;
  readonly refused: readonly { readonly seq: bigint; readonly code: string }[];
}

/** Written in the block's own database transaction. */
export type BesideBlock = (tx: Tx) => Promise<void>;

/** The block, whole or not at all: vote, header, entries, leaves, states of its LedgerTx, what stands `beside`. Durable when it resolves. */
export async function insertBlock(sql: Sql, write: BlockWrite, beside: BesideBlock | null = null): Promise<void> {
  await sql.begin(async (tx) => {
    await Promise.all(statementsOf(tx, write));
    await beside?.(tx);
  });
}

function statementsOf(tx: Tx, write: BlockWrite) {
  return [
    // Whatever the site's setting: no signature leaves before its record is on disk (10.4).
    tx`set local synchronous_commit = on`,
    ...(write.vote === null ? [] : voteStatements(tx, write.vote)),
    insertBlockRow(tx, write.block),
    ...insertEntries(tx, write.entries),
    ...upsertLeaves(tx, write.leaves),
    ...upsertBodies(tx, write.bodies),
    ...decideSequenced(tx, write),
  ];
}

export function insertBlockRow(tx: Tx, block: BlockRow) {
  return tx`insert into ledger.blocks (height, epoch, header, header_hash, finality, log_size, last_seq)
    values (${String(block.height)}, ${block.epoch}, ${block.header}, ${block.headerHash}, ${block.finality}, ${String(block.logSize)}, ${String(block.lastSeq)})`;
}

function insertEntries(tx: Tx, entries: readonly EntryRow[]) {
  if (entries.length === 0) return [];
  return [
    tx`insert into ledger.entries (idx, height, tx_id, leaf_hash, body, leaves)
      select idx::bigint, height::bigint, decode(tx_id, 'hex'), decode(leaf_hash, 'hex'), decode(body, 'hex'), decode(coalesce(leaves, ''), 'hex')
      from unnest(string_to_array(${list(entries.map((row) => row.index))}, ','), string_to_array(${list(entries.map((row) => row.height))}, ','),
        string_to_array(${hexList(entries.map((row) => row.txId))}, ','), string_to_array(${hexList(entries.map((row) => row.leafHash))}, ','),
        string_to_array(${hexList(entries.map((row) => row.body))}, ','), string_to_array(${hexList(entries.map((row) => row.leaves))}, ','))
        as t (idx, height, tx_id, leaf_hash, body, leaves)`,
  ];
}

/** The refused first: what is still `sequenced` in the range after that is in the block. */
function decideSequenced(tx: Tx, { block, firstSeq, refused }: BlockWrite) {
  if (firstSeq !== null && block.lastSeq < firstSeq) return [];
  const statements = [];
  if (refused.length > 0) {
    statements.push(tx`update ledger.ledger_txs as known set status = 'refused', refused_code = t.code, height = ${String(block.height)}
      from unnest(string_to_array(${list(refused.map((row) => row.seq))}, ','), string_to_array(${list(refused.map((row) => row.code))}, ',')) as t (seq, code)
      where known.seq = t.seq::bigint`);
  }
  statements.push(
    firstSeq === null
      ? tx`update ledger.ledger_txs as known set status = 'certified', height = ${String(block.height)}, env = null
          from ledger.entries e where e.height = ${String(block.height)} and known.tx_id = e.tx_id and known.status = 'sequenced'`
      : tx`update ledger.ledger_txs set status = 'certified', height = ${String(block.height)}, env = null
          where seq between ${String(firstSeq)} and ${String(block.lastSeq)} and status = 'sequenced'`,
  );
  return statements;
}

export async function readChain(sql: Sql): Promise<{ readonly chain: Bytes; readonly genesis: Bytes } | null> {
  const [row] = await sql<{ chain: Uint8Array; genesis: Uint8Array }[]>`select chain, genesis from ledger.chain`;
  return row === undefined ? null : { chain: own(row.chain), genesis: own(row.genesis) };
}

type RawBlock = {
  readonly height: string;
  readonly epoch: string;
  readonly header: Uint8Array;
  readonly header_hash: Uint8Array;
  readonly finality: Uint8Array | null;
  readonly log_size: string;
  readonly last_seq: string;
};

function blockOf(row: RawBlock): BlockRow {
  return {
    height: BigInt(row.height),
    epoch: Number(row.epoch),
    header: own(row.header),
    headerHash: own(row.header_hash),
    finality: row.finality === null ? null : own(row.finality),
    logSize: BigInt(row.log_size),
    lastSeq: BigInt(row.last_seq),
  };
}

export async function readTip(sql: Sql): Promise<BlockRow | null> {
  const [row] = await sql<RawBlock[]>`select * from ledger.blocks order by height desc limit 1`;
  return row === undefined ? null : blockOf(row);
}

export async function readBlock(sql: Sql, height: bigint): Promise<BlockRow | null> {
  const [row] = await sql<RawBlock[]>`select * from ledger.blocks where height = ${String(height)}`;
  return row === undefined ? null : blockOf(row);
}

/** Of the blocks that are here: their heights have no gap. */
export async function readHeights(sql: Sql): Promise<{ readonly lowest: bigint; readonly highest: bigint }> {
  const [row] = await sql<{ lowest: string; highest: string }[]>`
    select coalesce(min(height), 0)::text as lowest, coalesce(max(height), -1)::text as highest from ledger.blocks`;
  return { lowest: BigInt(row?.lowest ?? 0), highest: BigInt(row?.highest ?? -1) };
}

/** Newest first. */
export async function readBlocks(sql: Sql, below: bigint | null, limit: number): Promise<readonly BlockRow[]> {
  const rows =
    below === null
      ? await sql<RawBlock[]>`select * from ledger.blocks order by height desc limit ${limit}`
      : await sql<RawBlock[]>`select * from ledger.blocks where height < ${String(below)} order by height desc limit ${limit}`;
  return rows.map(blockOf);
}

/** In pages by key rather than a cursor: a reader that stops half-way leaves no open transaction behind. */
export async function* streamBlocks(sql: Sql, from: bigint): AsyncGenerator<BlockRow> {
  for (let next = from; ; ) {
    const rows = await sql<RawBlock[]>`select * from ledger.blocks where height >= ${String(next)} order by height limit ${PAGE_ROWS}`;
    for (const row of rows) yield blockOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    next = BigInt(last.height) + 1n;
  }
}

type RawEntry = {
  readonly idx: string;
  readonly height: string;
  readonly tx_id: Uint8Array;
  readonly leaf_hash: Uint8Array;
  readonly body: Uint8Array;
  readonly leaves: Uint8Array;
};

function entryOf(row: RawEntry): EntryRow {
  return {
    index: BigInt(row.idx),
    height: BigInt(row.height),
    txId: own(row.tx_id),
    leafHash: own(row.leaf_hash),
    body: own(row.body),
    leaves: own(row.leaves),
  };
}

export async function readEntry(sql: Sql, index: bigint): Promise<EntryRow | null> {
  const [row] = await sql<RawEntry[]>`select * from ledger.entries where idx = ${String(index)}`;
  return row === undefined ? null : entryOf(row);
}

/** Entries `from` to before `to`, in order. */
export async function readEntries(sql: Sql, from: bigint, to: bigint): Promise<readonly EntryRow[]> {
  const rows = await sql<RawEntry[]>`select * from ledger.entries where idx >= ${String(from)} and idx < ${String(to)} order by idx`;
  return rows.map(entryOf);
}

/** In no order; one that is not here is left out. */
export async function readEntriesAt(sql: Sql, indices: readonly bigint[]): Promise<readonly EntryRow[]> {
  const rows = await sql<RawEntry[]>`select * from ledger.entries where idx = any(${indices.map(String)}::bigint[])`;
  return rows.map(entryOf);
}

export async function* streamEntries(sql: Sql): AsyncGenerator<EntryRow> {
  for (let next = 0n; ; ) {
    const rows = await sql<RawEntry[]>`select * from ledger.entries where idx >= ${String(next)} order by idx limit ${PAGE_ROWS}`;
    for (const row of rows) yield entryOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    next = BigInt(last.idx) + 1n;
  }
}

export const decodeFinalityRow = (bytes: Bytes): Finality => decodeFinality(bytes);

export interface DecodedBlock {
  readonly height: bigint;
  readonly header: Header;
  readonly headerHash: Bytes;
  readonly finality: Finality | null;
}

/** @throws {ParseError} for a torn row */
export function decodeBlock(row: BlockRow): DecodedBlock {
  return {
    height: row.height,
    header: decodeHeader(row.header),
    headerHash: row.headerHash,
    finality: row.finality === null ? null : decodeFinality(row.finality),
  };
}
