/**
 * Audit: everything recomputed from genesis and the entries alone, every signature verified, every root and every table compared
 * (`ledger.md` 11 "audit", 22 test 23). Rebuild: the tables that follow from the entries, written anew from them.
 */
import type postgres from 'postgres';
import { executeBlock } from '#ledger/block/block.ts';
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import { refuseFinality } from '#ledger/block/vote.ts';
import { decodeGenesis, type Genesis } from '#ledger/codec/genesis.ts';
import type { Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf } from '#ledger/codec/leaves.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { taggedHash } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, concat, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { chainIdOf, headerHash, policyHash } from '#ledger/tx/ids.ts';
import { LedgerDamage } from './damage.ts';
import { writeState } from './open-store.ts';
import { type BlockRow, decodeBlock, readChain, readEntries, streamBlocks } from './store/blocks.ts';
import { columnsOf, LEAF_TABLES, readBodies, streamLeaves } from './store/leaves.ts';

export interface AuditReport {
  readonly chain: string;
  readonly height: bigint;
  readonly entries: bigint;
  readonly logRoot: string;
  readonly stateRoot: string;
  readonly leaves: Readonly<Record<string, number>>;
}

interface Replay {
  readonly genesis: Genesis;
  readonly state: LedgerState;
  readonly tip: Header;
}

/** Replays the chain and compares the tables with the result. @throws {LedgerDamage} at the first difference, named */
export async function audit(sql: postgres.Sql, sm2: Sm2): Promise<AuditReport> {
  const replayed = await replay(sql, sm2, 'compare');
  const leaves: Record<string, number> = {};
  for (const table of LEAF_TABLES) leaves[table.table] = await compareTable(sql, table, replayed.state);
  await compareBodies(sql, replayed.state);
  return reportOf(replayed, leaves);
}

/** Replays the chain and writes the leaf tables, bodies and the leaves beside the entries anew. Nobody else may be using them. */
export async function rebuild(sql: postgres.Sql, sm2: Sm2): Promise<AuditReport> {
  const replayed = await replay(sql, sm2, 'replace');
  const leaves: Record<string, number> = {};
  for (const { table, reg } of LEAF_TABLES) leaves[table] = replayed.state.register(reg).count;
  await sql.begin((tx) => [
    tx`truncate ledger.items, ledger.accounts, ledger.classes, ledger.orders, ledger.records, ledger.bodies`,
    ...writeState(tx, replayed.state),
  ]);
  return reportOf(replayed, leaves);
}

/** `compare`: the leaves stored beside each entry must be what it left. `replace`: they are not read. */
async function replay(sql: postgres.Sql, sm2: Sm2, beside: 'compare' | 'replace'): Promise<Replay> {
  const stored = await readChain(sql);
  if (stored === null) throw new Error('the database holds no chain');
  const genesis = decodeGenesis(stored.genesis);
  if (!equalBytes(chainIdOf(genesis), stored.chain)) throw new LedgerDamage('chain', 'the genesis is not the one this ChainId stands for');
  const state = genesisState(genesis);
  const memory = new SignatureMemory(sm2);
  let tip: Header | null = null;
  for await (const row of streamBlocks(sql, 0n)) {
    tip =
      tip === null ? checkFirst(row, genesis, state) : await checkBlock({ sql, row, genesis, state, sm2: memory, prevHeader: tip, beside });
  }
  if (tip === null) throw new LedgerDamage('blocks', 'the chain has no block');
  return { genesis, state, tip };
}

function checkFirst(row: BlockRow, genesis: Genesis, state: LedgerState): Header {
  const header = genesisHeader(genesis, state);
  if (row.height !== 0n || !equalBytes(row.headerHash, headerHash(header))) throw new LedgerDamage('blocks 0', 'not the block of genesis');
  return header;
}

interface BlockCheck {
  readonly sql: postgres.Sql;
  readonly row: BlockRow;
  readonly genesis: Genesis;
  readonly state: LedgerState;
  readonly sm2: SignatureMemory;
  readonly prevHeader: Header;
  readonly beside: 'compare' | 'replace';
}

async function checkBlock({ sql, row, genesis, state, sm2, prevHeader, beside }: BlockCheck): Promise<Header> {
  const where = `blocks ${row.height}`;
  const { header, finality } = read(where, () => decodeBlock(row));
  const config = configAt(state, header.height, genesis.config);
  const fault = finality === null ? 'no finality' : refuseFinality(finality, header, config, sm2.verify.bind(sm2));
  if (fault !== null) throw new LedgerDamage(where, `the Finality does not certify it (${fault})`);
  if (!equalBytes(headerHash(header), row.headerHash)) throw new LedgerDamage(where, 'the header does not hash to its header_hash');
  const rows = await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize);
  if (rows.length !== header.txCount) throw new LedgerDamage(where, `${header.txCount - rows.length} entries are missing`);
  const entries = rows.map((each) => read(`entries ${each.index}`, () => decodeEntry(each.body)));
  const result = executeBlock({
    state,
    config,
    prevHeader,
    header,
    entries,
    demonstration: genesis.demonstration === 1,
    verify: sm2.verify.bind(sm2),
  });
  if (result.kind === 'rejected') {
    const at = result.pos === undefined ? where : `entries ${rows[result.pos]?.index ?? '?'}`;
    throw new LedgerDamage(at, `a replay refuses it (${result.txCode ?? result.code})`);
  }
  const changes: { readonly index: bigint; readonly leaves: Bytes }[] = [];
  for (const [pos, tx] of result.txs.entries()) {
    const each = rows[pos];
    if (each === undefined || each.height !== row.height || !equalBytes(each.txId, tx.txId) || !equalBytes(each.body, tx.entryBytes))
      throw new LedgerDamage(`entries ${tx.index}`, 'the columns differ from the entry');
    const leaves = concat(...tx.applied.leaves.map(encodeStateLeaf));
    if (equalBytes(leaves, each.leaves)) continue;
    if (beside === 'compare') throw new LedgerDamage(`entries ${tx.index}`, 'the leaves beside the entry are not those it left');
    changes.push({ index: tx.index, leaves });
  }
  if (changes.length > 0) await replaceLeavesBeside(sql, changes);
  return header;
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

function reportOf({ tip, state }: Replay, leaves: Readonly<Record<string, number>>): AuditReport {
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
