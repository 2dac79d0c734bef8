/**
 * Audit: everything recomputed from genesis and the entries alone, every signature verified, every root and every table compared
 * (`ledger.md` 11 "audit", 22 test 23). Rebuild: the tables that follow from the entries, written anew from them.
 */
import type postgres from 'postgres';
import type { BlockTx } from '#ledger/block/block.ts';
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import { encodeStateLeaf } from '#ledger/codec/leaves.ts';
import { decodeRecovery } from '#ledger/codec/recovery.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { taggedHash } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, concat, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { chainIdOf, headerHash, policyHash } from '#ledger/tx/ids.ts';
import { LedgerDamage } from './damage.ts';
import { writeState } from './open-store.ts';
import { Replay, type ReplayBlock } from './replay.ts';
import { readRecoveries } from './signer/signing-records.ts';
import { readBase } from './store/base.ts';
import { decodeBlock, type EntryRow, readBlock, readChain, readEntries, streamBlocks } from './store/blocks.ts';
import { columnsOf, LEAF_TABLES, readBodies, streamLeaves } from './store/leaves.ts';
import { createVerifyPool } from './verify-pool.ts';

export interface AuditReport {
  readonly chain: string;
  readonly height: bigint;
  readonly entries: bigint;
  readonly logRoot: string;
  readonly stateRoot: string;
  readonly leaves: Readonly<Record<string, number>>;
}

export interface AuditOptions {
  /** Threads that verify signatures beside the one that executes. Default 0: all in this one. */
  readonly workers?: number;
}

/** The store begins with a snapshot or a predecessor's registers: what was before can't be replayed from it. */
export class AuditImpossible extends Error {}

/** Replays the chain and compares the tables with the result. @throws {LedgerDamage} at the first difference, named */
export async function audit(sql: postgres.Sql, sm2: Sm2, options: AuditOptions = {}): Promise<AuditReport> {
  const replayed = await replay(sql, sm2, 'compare', options);
  const leaves: Record<string, number> = {};
  for (const table of LEAF_TABLES) leaves[table.table] = await compareTable(sql, table, replayed.state);
  await compareBodies(sql, replayed.state);
  return reportOf(replayed, leaves);
}

/** Replays the chain and writes the leaf tables, bodies and the leaves beside the entries anew. Nobody else may be using them. */
export async function rebuild(sql: postgres.Sql, sm2: Sm2): Promise<AuditReport> {
  const replayed = await replay(sql, sm2, 'replace', {});
  const leaves: Record<string, number> = {};
  for (const { table, reg } of LEAF_TABLES) leaves[table] = replayed.state.register(reg).count;
  await sql.begin((tx) => [
    tx`truncate ledger.items, ledger.accounts, ledger.classes, ledger.orders, ledger.records, ledger.bodies`,
    ...writeState(tx, replayed.state),
  ]);
  return reportOf(replayed, leaves);
}

type Replayed = Pick<Replay, 'state' | 'tip'>;
type StoredBlock = ReplayBlock & { readonly rows: readonly EntryRow[] };

/** `compare`: the leaves stored beside each entry must be what it left. `replace`: they are not read. */
async function replay(sql: postgres.Sql, sm2: Sm2, beside: 'compare' | 'replace', { workers = 0 }: AuditOptions): Promise<Replayed> {
  const stored = await readChain(sql);
  if (stored === null) throw new Error('the database holds no chain');
  const base = await readBase(sql);
  if (base !== null)
    throw new AuditImpossible(`this store begins at height ${base.height}: audit one that holds the chain from genesis on`);
  const genesis = decodeGenesis(stored.genesis);
  if (!equalBytes(chainIdOf(genesis), stored.chain)) throw new LedgerDamage('chain', 'the genesis is not the one this ChainId stands for');
  const pool = createVerifyPool({ sm2, workers });
  try {
    const recoveries = (await readRecoveries(sql)).map(decodeRecovery);
    const run = new Replay({ genesis, recoveries, pool });
    const first = await readBlock(sql, 0n);
    if (first === null) throw new LedgerDamage('blocks', 'the chain has no block');
    if (!equalBytes(first.headerHash, headerHash(run.tip))) throw new LedgerDamage('blocks 0', 'not the block of genesis');
    await run.run(storedBlocks(sql), (block, txs) => compareEntries(sql, block, txs, beside));
    return run;
  } finally {
    await pool.close();
  }
}

async function* storedBlocks(sql: postgres.Sql): AsyncGenerator<StoredBlock> {
  for await (const row of streamBlocks(sql, 1n)) {
    const where = `blocks ${row.height}`;
    const { header, finality } = read(where, () => decodeBlock(row));
    if (!equalBytes(headerHash(header), row.headerHash)) throw new LedgerDamage(where, 'the header does not hash to its header_hash');
    const rows = await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize);
    if (rows.length !== header.txCount) throw new LedgerDamage(where, `${header.txCount - rows.length} entries are missing`);
    yield { header, finality, rows, entries: rows.map((each) => read(`entries ${each.index}`, () => decodeEntry(each.body))) };
  }
}

async function compareEntries(
  sql: postgres.Sql,
  { header, rows }: StoredBlock,
  txs: readonly BlockTx[],
  beside: 'compare' | 'replace',
): Promise<void> {
  const changes: { readonly index: bigint; readonly leaves: Bytes }[] = [];
  for (const [pos, tx] of txs.entries()) {
    const each = rows[pos];
    if (
      each === undefined ||
      each.height !== header.height ||
      !equalBytes(each.txId, tx.txId) ||
      Buffer.compare(each.body, tx.entryBytes) !== 0
    )
      throw new LedgerDamage(`entries ${tx.index}`, 'the columns differ from the entry');
    const leaves = concat(...tx.applied.leaves.map(encodeStateLeaf));
    if (Buffer.compare(leaves, each.leaves) === 0) continue;
    if (beside === 'compare') throw new LedgerDamage(`entries ${tx.index}`, 'the leaves beside the entry are not those it left');
    changes.push({ index: tx.index, leaves });
  }
  if (changes.length > 0) await replaceLeavesBeside(sql, changes);
}

/** The entries themselves are insert-only, and so is the row: the trigger steps aside for this statement alone. */
async function replaceLeavesBeside(
  sql: postgres.Sql,
  changes: readonly { readonly index: bigint; readonly leaves: Bytes }[],
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`alter table ledger.entries disable trigger entries_insert_only`;
    for (const { index, leaves } of changes) await tx`update ledger.entries set leaves = ${leaves} where idx = ${String(index)}`;
    await tx`alter table ledger.entries enable trigger entries_insert_only`;
  });
}

async function compareTable(sql: postgres.Sql, table: (typeof LEAF_TABLES)[number], state: LedgerState): Promise<number> {
  let serial = 0n;
  for await (const row of streamLeaves(sql, table)) {
    const leaf = state.leafAt(table.reg, serial);
    if (row.serial !== serial || leaf === null || !equalBytes(row.leaf, encodeStateLeaf(leaf)) || row.columns !== columnsOf(leaf))
      throw new LedgerDamage(`${table.table} ${row.serial}`, 'the leaf is not the one that a replay gives');
    serial += 1n;
  }
  if (serial !== state.count(table.reg)) throw new LedgerDamage(`${table.table} ${serial}`, 'the leaf is missing');
  return Number(serial);
}

async function compareBodies(sql: postgres.Sql, state: LedgerState): Promise<void> {
  const stored = new Set<string>();
  for (const row of await readBodies(sql)) {
    const hash = toHex(row.hash);
    const isTrue = row.kind === 'policy' ? taggedHash('PLP1/policy', row.body) : taggedHash('PLP1/cfg', row.body);
    if (!equalBytes(isTrue, row.hash)) throw new LedgerDamage(`bodies ${hash}`, 'the body does not hash to its key');
    stored.add(hash);
  }
  for (const policy of state.policies()) {
    const hash = toHex(policyHash(policy));
    if (!stored.has(hash)) throw new LedgerDamage(`bodies ${hash}`, 'the policy is missing');
  }
}

function reportOf({ tip, state }: Replayed, leaves: Readonly<Record<string, number>>): AuditReport {
  return {
    chain: toHex(tip.chain),
    height: tip.height,
    entries: state.logSize,
    logRoot: toHex(tip.logRoot),
    stateRoot: toHex(tip.stateRoot),
    leaves,
  };
}

function read<T>(where: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ParseError) throw new LedgerDamage(where, `unreadable (${error.code})`);
    throw error;
  }
}
