/**
 * Looks for damage that nobody has read yet (`ledger.md` 21, 22): a slice of the entries, of the leaves and of the exported tiles is
 * recomputed and compared. A node does a thousandth each hour; the command does any slice, or all.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type postgres from 'postgres';
import { NO_ENTRY } from '#ledger/codec/leaves.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { logLeaf } from '#ledger/merkle/log-tree.ts';
import { TILE_WIDTH, tilePath } from '#ledger/merkle/tiles.ts';
import { type Bytes, concat, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { decodeStateLeaf } from '#ledger/state/decode-state-leaf.ts';
import { stateLeafHash, txIdOf } from '#ledger/tx/ids.ts';
import { LedgerDamage } from './damage.ts';
import { readBase } from './store/base.ts';
import { readEntries, readEntry, readTip } from './store/blocks.ts';
import { columnsOf, LEAF_TABLES, readLeaves } from './store/leaves.ts';

/** Slice `at` of `of`, from 0. */
export interface Slice {
  readonly at: number;
  readonly of: number;
}

export interface ScrubReport {
  readonly entries: number;
  readonly leaves: number;
  readonly tiles: number;
}

const PAGE = 500n;

/** @throws {LedgerDamage} the first place that is not what it was */
export async function scrub(sql: postgres.Sql, exportDir: string | null, slice: Slice): Promise<ScrubReport> {
  const tip = await readTip(sql);
  const first = (await readBase(sql))?.logSize ?? 0n;
  if (tip === null) return { entries: 0, leaves: 0, tiles: 0 };
  const { from, to } = rangeOf(first, tip.logSize, slice);
  const entries = await scrubEntries(sql, from, to);
  let leaves = 0;
  for (const table of LEAF_TABLES) leaves += await scrubLeaves(sql, table, slice, first);
  return { entries, leaves, tiles: exportDir === null ? 0 : await scrubTiles(sql, exportDir, { from, to }) };
}

function rangeOf(first: bigint, end: bigint, { at, of }: Slice): { readonly from: bigint; readonly to: bigint } {
  const place = (part: number): bigint => first + ((end - first) * BigInt(part)) / BigInt(of);
  return { from: place(at), to: place(at + 1) };
}

async function scrubEntries(sql: postgres.Sql, from: bigint, to: bigint): Promise<number> {
  let next = from;
  while (next < to) {
    const rows = await readEntries(sql, next, next + PAGE < to ? next + PAGE : to);
    for (const row of rows) {
      const where = `entries ${row.index}`;
      if (row.index !== next) throw new LedgerDamage(`entries ${next}`, 'the entry is missing');
      if (!equalBytes(logLeaf(row.body), row.leafHash)) throw new LedgerDamage(where, 'the entry is not the one that was recorded');
      if (!equalBytes(txIdOf(readWhole(where, row.body).env.body), row.txId))
        throw new LedgerDamage(where, 'the columns differ from the entry');
      next += 1n;
    }
    if (rows.length === 0) throw new LedgerDamage(`entries ${next}`, 'the entry is missing');
  }
  return Number(to - from);
}

/** A leaf must be the one that its newest entry hashed. A block that is written meanwhile moves both: then the pair is read again. */
async function scrubLeaves(sql: postgres.Sql, table: (typeof LEAF_TABLES)[number], slice: Slice, first: bigint): Promise<number> {
  const count = await sql.unsafe<{ count: string }[]>(`select count(*) as count from ledger.${table.table}`);
  const { from, to } = rangeOf(0n, BigInt(count[0]?.count ?? 0), slice);
  for (let next = from; next < to; next += PAGE) {
    const rows = await readLeaves(sql, table, next, next + PAGE < to ? next + PAGE : to);
    for (const { serial } of rows) await requireLeaf(sql, table, serial, first);
  }
  return Number(to - from);
}

async function requireLeaf(sql: postgres.Sql, table: (typeof LEAF_TABLES)[number], serial: bigint, first: bigint): Promise<void> {
  const where = `${table.table} ${serial}`;
  for (let attempt = 1; ; attempt++) {
    const [row] = await readLeaves(sql, table, serial, serial + 1n);
    if (row === undefined) throw new LedgerDamage(where, 'the leaf is missing');
    const leaf = readLeaf(where, table.reg, row.leaf);
    if (leaf.leaf.serial !== serial || columnsOf(leaf) !== row.columns) throw new LedgerDamage(where, 'the columns differ from the leaf');
    const { lastEntry } = leaf.leaf;
    if (lastEntry === NO_ENTRY || lastEntry < first) return;
    const entry = await readEntry(sql, lastEntry);
    const effect =
      entry === null
        ? undefined
        : readWhole(`entries ${lastEntry}`, entry.body).effects.find((each) => each.reg === table.reg && each.index === serial);
    if (effect !== undefined && equalBytes(effect.leaf, stateLeafHash(leaf))) return;
    if (attempt === 3) throw new LedgerDamage(where, 'the leaf is not the one that its newest entry left');
  }
}

/** Full tiles that lie in the range: a partial one is replaced as the log grows. */
async function scrubTiles(
  sql: postgres.Sql,
  exportDir: string,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<number> {
  const width = BigInt(TILE_WIDTH);
  let tiles = 0;
  for (let index = (from + width - 1n) / width; (index + 1n) * width <= to; index += 1n) {
    const name = tilePath({ level: 0, index: Number(index), width: TILE_WIDTH });
    const found = await readFile(path.join(exportDir, name)).catch(() => null);
    // Files are written behind Finality: the newest may not be there yet.
    if (found === null) continue;
    const rows = await readEntries(sql, index * width, (index + 1n) * width);
    if (!equalBytes(new Uint8Array(found), concat(...rows.map((row) => row.leafHash))))
      throw new LedgerDamage(name, 'the file is not the tile of the log');
    tiles += 1;
  }
  return tiles;
}

function readWhole(where: string, bytes: Bytes) {
  return guarded(where, () => decodeEntry(bytes));
}

function readLeaf(where: string, reg: number, bytes: Bytes) {
  return guarded(where, () => decodeStateLeaf(reg, bytes));
}

function guarded<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseError) throw new LedgerDamage(where, `unreadable (${error.code})`);
    throw error;
  }
}
