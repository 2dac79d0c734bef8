/**
 * From the tables to a state that may sign, or a refusal that names what is wrong (`ledger.md` 10.5 "start"). The first start of
 * an empty database begins a chain.
 */
import type postgres from 'postgres';
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import { lintConfig } from '#ledger/block/lint.ts';
import { refuseFinality } from '#ledger/block/vote.ts';
import { decodeAuthPolicy, encodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type ConsortiumConfig, decodeConsortiumConfig, encodeConsortiumConfig } from '#ledger/codec/config.ts';
import { decodeGenesis, encodeGenesis, type Genesis } from '#ledger/codec/genesis.ts';
import { encodeHeader, type Finality, type Header } from '#ledger/codec/header.ts';
import { NO_ENTRY } from '#ledger/codec/leaves.ts';
import { decodeRecovery, type Recovery } from '#ledger/codec/recovery.ts';
import { decodeEntry, decodeTxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { LogTree, logLeaf } from '#ledger/merkle/log-tree.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import { decodeStateLeaf } from '#ledger/state/decode-state-leaf.ts';
import { LedgerState } from '#ledger/state/ledger-state.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { chainIdOf, configHash, headerHash, policyHash, stateLeafHash, txIdOf } from '#ledger/tx/ids.ts';
import { LedgerDamage } from './damage.ts';
import { type FormerConfigs, formerConfigs } from './former-configs.ts';
import type { Waiting } from './seal.ts';
import { readRecoveries, readVote } from './signer/signing-records.ts';
import { readBase, readBaseTxs, type StoreBase } from './store/base.ts';
import { decodeBlock, insertBlockRow, readChain, readEntry, streamBlocks, streamEntries } from './store/blocks.ts';
import { type BodyRow, columnsOf, LEAF_TABLES, readBodies, streamLeaves, upsertBodies, upsertLeaves } from './store/leaves.ts';
import { readRefused, readWaiting } from './store/sequence.ts';

export interface Tip {
  readonly header: Header;
  readonly headerHash: Bytes;
  /** Null at height 0, which is computed and never voted. */
  readonly finality: Finality | null;
  readonly lastSeq: bigint;
}

export interface OpenStore {
  readonly genesis: Genesis;
  readonly chain: Bytes;
  readonly state: LedgerState;
  readonly tip: Tip;
  /** Where the store begins; null: with genesis. */
  readonly base: StoreBase | null;
  /** Accepted, oldest first. */
  readonly recoveries: readonly Recovery[];
  readonly former: FormerConfigs;
  /** The newest place of the sequence. */
  readonly lastSeq: bigint;
  /** Sequenced and not yet decided by a block. */
  readonly waiting: readonly Waiting[];
  /** Refused at sealing while their window may still be open, with the code. */
  readonly refused: readonly { readonly txId: Bytes; readonly code: string }[];
}

const DAY_MS = 86_400_000n;
/** One statement carries this many leaves as text: about 4 MB. */
const LEAVES_AT_ONCE = 5000;

/** Writes genesis and block 0 into an empty database, in one database transaction. */
export async function beginChain(sql: postgres.Sql, genesis: Genesis, sm2: Sm2): Promise<void> {
  if (genesis.predecessor !== null) throw new Error('a successor chain begins with the snapshot of its predecessor: genesis begin');
  const state = genesisState(genesis);
  const lint = lintConfig(genesis.config, { verify: sm2.verify.bind(sm2), hasAccount: (acct) => state.accountById(acct) !== null });
  assert(lint.errors.length === 0, `genesis passes lint: ${lint.errors.map((finding) => finding.sentence).join('; ')}`);
  const header = genesisHeader(genesis, state);
  const encoded = encodeGenesis(genesis);
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    tx`insert into ledger.chain (chain, genesis) values (${header.chain}, ${encoded})`,
    insertBlockRow(tx, {
      height: 0n,
      epoch: 0,
      header: encodeHeader(header),
      headerHash: headerHash(header),
      finality: null,
      logSize: header.logSize,
      lastSeq: 0n,
    }),
    ...writeState(tx, state),
  ]);
}

/** Every leaf and body of a state, for a database that holds none. */
export function writeState(tx: postgres.TransactionSql, state: LedgerState) {
  const leaves = [1, 2, 3, 4, 5].flatMap((reg) => [...state.leaves(reg)]);
  const bodies: BodyRow[] = [
    ...[...state.policies()].map((policy): BodyRow => ({ hash: policyHash(policy), kind: 'policy', body: encodeAuthPolicy(policy) })),
    ...[...state.configs()].map((config): BodyRow => ({ hash: configHash(config), kind: 'config', body: encodeConsortiumConfig(config) })),
  ];
  const statements = [];
  for (let at = 0; at < leaves.length; at += LEAVES_AT_ONCE) statements.push(...upsertLeaves(tx, leaves.slice(at, at + LEAVES_AT_ONCE)));
  return [...statements, ...upsertBodies(tx, bodies)];
}

/** Loads and checks everything that the next signature rests on; null for an empty database. @throws {LedgerDamage} */
export async function openStore(sql: postgres.Sql, sm2: Sm2, now: bigint): Promise<OpenStore | null> {
  const stored = await readChain(sql);
  if (stored === null) return null;
  const genesis = parsed('chain', () => decodeGenesis(stored.genesis));
  if (!equalBytes(chainIdOf(genesis), stored.chain)) throw new LedgerDamage('chain', 'the genesis is not the one this ChainId stands for');
  const base = await readBase(sql);
  const state = new LedgerState(
    base === null ? undefined : parsed('base', () => LogTree.fromFrontier(Number(base.logSize), base.frontier)),
  );
  const { tip, firsts } = await checkBlocks(sql, genesis, base);
  for (const { txId, notAfter } of base === null ? [] : await readBaseTxs(sql, now)) state.loadTxId(txId, notAfter);
  await loadLog(sql, state, tip.header, now);
  await loadBodies(sql, state);
  await loadLeaves(sql, state);
  if (!equalBytes(state.stateRoot(), tip.header.stateRoot)) throw await nameAlteredLeaf(sql, state, genesis, base);
  checkPolicies(state);
  const firstEntry = genesis.predecessor?.header.logSize ?? 0n;
  const recoveries = (await readRecoveries(sql)).map((body, at) => parsed(`recoveries ${at}`, () => decodeRecovery(body)));
  for (const { config } of recoveries) state.loadConfig(config);
  await checkTipFinality({ sql, tip, sm2, recoveries, config: configAt(state, tip.header.height, genesis.config, firstEntry) });
  return {
    genesis,
    chain: stored.chain,
    state,
    tip,
    base,
    recoveries,
    former: formerConfigs({ genesis, base, firsts, state, sm2 }),
    ...(await loadWaiting(sql, tip.lastSeq)),
    refused: await readRefused(sql, now - DAY_MS),
  };
}

/** Headers from genesis to the tip: each hashes to its name and follows the one before. `firsts`: the first of each epoch. */
async function checkBlocks(
  sql: postgres.Sql,
  genesis: Genesis,
  base: StoreBase | null,
): Promise<{ readonly tip: Tip; readonly firsts: readonly Header[] }> {
  const firsts: Header[] = [];
  let tip: Tip | null = null;
  for await (const row of streamBlocks(sql, 0n)) {
    const where = `blocks ${row.height}`;
    const { header, finality } = parsed(where, () => decodeBlock(row));
    const hash = headerHash(header);
    if (!equalBytes(hash, row.headerHash)) throw new LedgerDamage(where, 'the header does not hash to its header_hash');
    if (header.height !== row.height || header.logSize !== row.logSize || header.epoch !== row.epoch)
      throw new LedgerDamage(where, 'the columns differ from the header');
    if (tip === null) {
      if (!isFirst(header, genesis, base))
        throw new LedgerDamage(where, `the first block is not the one of ${base === null ? 'genesis' : 'the base'}`);
    } else if (header.height !== tip.header.height + 1n || !equalBytes(header.prevHash, tip.headerHash)) {
      throw new LedgerDamage(where, 'the header does not follow the block before');
    }
    if (finality !== null && !equalBytes(finality.header, hash)) throw new LedgerDamage(where, 'the Finality is of another header');
    if (tip === null || tip.header.epoch !== header.epoch) firsts.push(header);
    tip = { header, headerHash: hash, finality, lastSeq: row.lastSeq };
  }
  if (tip === null) throw new LedgerDamage('blocks', 'the chain has no block');
  return { tip, firsts };
}

/**
 * Whether the store may begin with this header. The registers that a base stands on are gone when blocks have followed: that they were its
 * own was checked when the store began, and the Finality of the tip certifies every header before it.
 */
function isFirst(header: Header, genesis: Genesis, base: StoreBase | null): boolean {
  if (base === null)
    return header.height === 0n && equalBytes(headerHash(header), headerHash(genesisHeader(genesis, genesisState(genesis))));
  if (header.height !== base.height || header.logSize !== base.logSize || !equalBytes(header.chain, chainIdOf(genesis))) return false;
  return base.height > 0n || (genesis.predecessor !== null && equalBytes(header.prevHash, headerHash(genesis.predecessor.header)));
}

/** Entries in order, each with the hash it had, together the root that the tip signed. */
async function loadLog(sql: postgres.Sql, state: LedgerState, tip: Header, now: bigint): Promise<void> {
  for await (const row of streamEntries(sql)) {
    const where = `entries ${row.index}`;
    if (row.index !== state.logSize) throw new LedgerDamage(`entries ${state.logSize}`, 'the entry is missing');
    if (row.index >= tip.logSize) throw new LedgerDamage(where, 'the entry is in no block');
    if (!equalBytes(logLeaf(row.body), row.leafHash)) throw new LedgerDamage(where, 'the entry is not the one that was recorded');
    state.log.append(row.leafHash);
    const notAfter = notAfterOf(row.body);
    if (notAfter > now) state.loadTxId(row.txId, notAfter);
  }
  if (state.logSize !== tip.logSize) throw new LedgerDamage(`entries ${state.logSize}`, 'the entry is missing');
  if (!equalBytes(state.logRoot(), tip.logRoot))
    throw new LedgerDamage('entries', 'together they do not give the log root of the newest header');
}

/** Entry: version 1, height 8, pos 4; TxBody: version and suite 2, chain 32, salt 16, notBefore 8, then notAfter. */
const NOT_AFTER_OFFSET = 71;

function notAfterOf(entry: Uint8Array): bigint {
  return new DataView(entry.buffer, entry.byteOffset, entry.byteLength).getBigUint64(NOT_AFTER_OFFSET, true);
}

async function loadBodies(sql: postgres.Sql, state: LedgerState): Promise<void> {
  for (const row of await readBodies(sql)) {
    const where = `bodies ${toHex(row.hash)}`;
    if (row.kind === 'policy') {
      const policy = parsed(where, () => decodeAuthPolicy(row.body));
      if (!equalBytes(policyHash(policy), row.hash)) throw new LedgerDamage(where, 'the policy does not hash to its key');
      state.loadPolicy(policy);
    } else {
      const config = parsed(where, () => decodeConsortiumConfig(row.body));
      if (!equalBytes(configHash(config), row.hash)) throw new LedgerDamage(where, 'the configuration does not hash to its key');
      state.loadConfig(config);
    }
  }
}

async function loadLeaves(sql: postgres.Sql, state: LedgerState): Promise<void> {
  for (const table of LEAF_TABLES) {
    let serial = 0n;
    for await (const row of streamLeaves(sql, table)) {
      const where = `${table.table} ${row.serial}`;
      if (row.serial !== serial) throw new LedgerDamage(`${table.table} ${serial}`, 'the leaf is missing');
      const leaf = parsed(where, () => decodeStateLeaf(table.reg, row.leaf));
      if (leaf.leaf.serial !== serial) throw new LedgerDamage(where, 'the leaf has another serial');
      if (columnsOf(leaf) !== row.columns) throw new LedgerDamage(where, 'the columns differ from the leaf');
      state.loadLeaf(leaf);
      serial += 1n;
    }
  }
}

/** The state root is wrong: the leaf whose newest entry hashes something else is the altered one. */
async function nameAlteredLeaf(sql: postgres.Sql, state: LedgerState, genesis: Genesis, base: StoreBase | null): Promise<LedgerDamage> {
  const born = genesisState(genesis);
  for (const { reg, table } of LEAF_TABLES) {
    for (const leaf of state.leaves(reg)) {
      const { serial, lastEntry } = leaf.leaf;
      // What came with the base has no entry here.
      if (base !== null && (lastEntry === NO_ENTRY || lastEntry < base.logSize)) continue;
      const expected = lastEntry === NO_ENTRY ? leafHashIn(born, reg, serial) : await effectHash(sql, lastEntry, reg, serial);
      if (expected === null || !equalBytes(stateLeafHash(leaf), expected))
        return new LedgerDamage(`${table} ${serial}`, 'the leaf is not the one that its newest entry left');
    }
  }
  return new LedgerDamage('state', 'the leaves do not give the state root of the newest header');
}

function leafHashIn(state: LedgerState, reg: number, serial: bigint): Bytes | null {
  const register = state.register(reg);
  return serial < BigInt(register.count) ? register.leafHash(Number(serial)) : null;
}

async function effectHash(sql: postgres.Sql, index: bigint, reg: number, serial: bigint): Promise<Bytes | null> {
  const row = await readEntry(sql, index);
  if (row === null) return null;
  return decodeEntry(row.body).effects.find((effect) => effect.reg === reg && effect.index === serial)?.leaf ?? null;
}

function checkPolicies(state: LedgerState): void {
  for (const leaf of state.leaves(2)) {
    if (leaf.reg === 2 && state.policyByHash(leaf.leaf.policy) === null)
      throw new LedgerDamage(`bodies ${toHex(leaf.leaf.policy)}`, `the policy of account ${leaf.leaf.serial} is missing`);
  }
}

interface TipCheck {
  readonly sql: postgres.Sql;
  readonly tip: Tip;
  readonly sm2: Sm2;
  readonly recoveries: readonly Recovery[];
  /** In force at the tip by the ledger. */
  readonly config: ConsortiumConfig;
}

/** The tip is final under its own configuration; a member alone has voted for it and for nothing beyond. */
async function checkTipFinality({ sql, tip, sm2, recoveries, config: byLedger }: TipCheck): Promise<void> {
  const { header, finality } = tip;
  const recertified = recoveries.find((each) => each.base !== null && equalBytes(headerHash(each.base.header), tip.headerHash));
  const config = recertified === undefined ? configInForce(byLedger, recoveries, header.height) : recertified.config;
  const isAlone = config.members.length === 1;
  const beyond = await readVote(sql, header.epoch, header.height + 1n);
  if (isAlone && beyond !== null) throw new LedgerDamage(`votes ${beyond.height}`, 'a vote was recorded without its block');
  if (header.height === 0n) return;
  const where = `blocks ${header.height}`;
  if (finality === null) throw new LedgerDamage(where, 'the Finality is missing');
  const fault = refuseFinality(finality, header, config, sm2.verify.bind(sm2), recertified?.newEpoch ?? header.epoch);
  if (fault !== null) throw new LedgerDamage(where, `the Finality does not certify it (${fault})`);
  if (!isAlone) return;
  const vote = await readVote(sql, header.epoch, header.height);
  if (vote === null || !equalBytes(vote.header, tip.headerHash))
    throw new LedgerDamage(`votes ${header.height}`, 'the vote table knows nothing of the newest block');
}

async function loadWaiting(
  sql: postgres.Sql,
  lastSeq: bigint,
): Promise<{ readonly lastSeq: bigint; readonly waiting: readonly Waiting[] }> {
  const rows = await readWaiting(sql, lastSeq);
  for (const [at, row] of rows.entries())
    if (row.seq !== lastSeq + BigInt(at) + 1n) throw new LedgerDamage(`ledger_txs ${lastSeq + BigInt(at) + 1n}`, 'the sequence has a gap');
  return { lastSeq: lastSeq + BigInt(rows.length), waiting: waitingOf(rows) };
}

/** @throws {LedgerDamage} */
export function waitingOf(rows: Awaited<ReturnType<typeof readWaiting>>): readonly Waiting[] {
  return rows.flatMap((row) => {
    const { env: bytes } = row;
    if (bytes === null) return [];
    const where = `ledger_txs ${row.seq}`;
    const env = parsed(where, () => decodeTxEnv(bytes));
    if (!equalBytes(txIdOf(env.body), row.txId)) throw new LedgerDamage(where, 'the LedgerTx is not the one that was sequenced');
    return [{ seq: row.seq, txId: row.txId, env, sequencedAt: row.sequencedAt }];
  });
}

/** A torn row is damage with a place, not a stray parse error. */
function parsed<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseError) throw new LedgerDamage(where, `unreadable (${error.code})`);
    throw error;
  }
}
