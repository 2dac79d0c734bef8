/**
 * The node's tables. Every method says what is on disk when it resolves. Lists travel as one text parameter per column: PostgreSQL
 * splits a string of hex faster than any driver writes an array, and a block stays at a handful of statements whatever its size.
 */
import type postgres from 'postgres';
import { decodeFinality, decodeHeader, type Finality, type Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf, REGISTER, type StateLeaf } from '#ledger/codec/leaves.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { type SignatureRow, voteStatements } from './signer/signing-records.ts';

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

const PAGE_ROWS = 1000;

export interface SequencedRow {
  readonly seq: bigint;
  readonly txId: Bytes;
  readonly env: Bytes;
  readonly sequencedAt: bigint;
}

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

export interface BodyRow {
  readonly hash: Bytes;
  readonly kind: 'policy' | 'config';
  readonly body: Bytes;
}

export interface BlockWrite {
  readonly block: BlockRow;
  readonly vote: SignatureRow;
  readonly entries: readonly EntryRow[];
  /** Each leaf once, as it stands after the block. */
  readonly leaves: readonly StateLeaf[];
  readonly bodies: readonly BodyRow[];
  /** First place in the sequence that the block decides; `lastSeq` of the block is the last. */
  readonly firstSeq: bigint;
  readonly refused: readonly { readonly seq: bigint; readonly code: string }[];
}

const hexList = (values: readonly Uint8Array[]): string =>
  values.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')).join(',');
const list = (values: readonly (bigint | number | string)[]): string => values.join(',');
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

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

/** The block, whole or not at all: vote, header, entries, leaves, states of its LedgerTx. Durable when it resolves. */
export async function insertBlock(sql: Sql, write: BlockWrite): Promise<void> {
  await sql.begin((tx) => [
    // Whatever the site's setting: no signature leaves before its record is on disk (10.4).
    tx`set local synchronous_commit = on`,
    ...voteStatements(tx, write.vote),
    insertBlockRow(tx, write.block),
    ...insertEntries(tx, write.entries),
    ...upsertLeaves(tx, write.leaves),
    ...upsertBodies(tx, write.bodies),
    ...decideSequenced(tx, write),
  ]);
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

/** Writes leaves as they now stand, each serial at most once. */
export function upsertLeaves(tx: Tx, leaves: readonly StateLeaf[]) {
  const items = leaves.flatMap((state) => (state.reg === REGISTER.items ? [state] : []));
  const accounts = leaves.flatMap((state) => (state.reg === REGISTER.accounts ? [state] : []));
  const classes = leaves.flatMap((state) => (state.reg === REGISTER.classes ? [state] : []));
  const orders = leaves.flatMap((state) => (state.reg === REGISTER.orders ? [state] : []));
  const records = leaves.flatMap((state) => (state.reg === REGISTER.records ? [state] : []));
  const serials = (states: readonly StateLeaf[]) => list(states.map((state) => state.leaf.serial));
  const bodies = (states: readonly StateLeaf[]) => hexList(states.map(encodeStateLeaf));
  const statements = [];
  if (items.length > 0) {
    statements.push(tx`insert into ledger.items (serial, cls, ext, owner, ver, last_entry, leaf)
      select serial::bigint, cls::bigint, decode(ext, 'hex'), decode(owner, 'hex'), ver::bigint, last_entry::numeric, decode(leaf, 'hex')
      from unnest(string_to_array(${serials(items)}, ','), string_to_array(${list(items.map(({ leaf }) => leaf.cls))}, ','),
        string_to_array(${hexList(items.map(({ leaf }) => leaf.ext))}, ','), string_to_array(${hexList(items.map(({ leaf }) => leaf.owner))}, ','),
        string_to_array(${list(items.map(({ leaf }) => leaf.ver))}, ','), string_to_array(${list(items.map(({ leaf }) => leaf.lastEntry))}, ','),
        string_to_array(${bodies(items)}, ',')) as t (serial, cls, ext, owner, ver, last_entry, leaf)
      on conflict (serial) do update set owner = excluded.owner, ver = excluded.ver, last_entry = excluded.last_entry, leaf = excluded.leaf`);
  }
  if (accounts.length > 0) {
    statements.push(tx`insert into ledger.accounts (serial, acct, leaf)
      select serial::bigint, decode(acct, 'hex'), decode(leaf, 'hex')
      from unnest(string_to_array(${serials(accounts)}, ','), string_to_array(${hexList(accounts.map(({ leaf }) => leaf.acct))}, ','),
        string_to_array(${bodies(accounts)}, ',')) as t (serial, acct, leaf)
      on conflict (serial) do update set leaf = excluded.leaf`);
  }
  if (classes.length > 0) {
    statements.push(tx`insert into ledger.classes (serial, issuer, ext, leaf)
      select serial::bigint, decode(issuer, 'hex'), decode(ext, 'hex'), decode(leaf, 'hex')
      from unnest(string_to_array(${serials(classes)}, ','), string_to_array(${hexList(classes.map(({ leaf }) => leaf.issuer))}, ','),
        string_to_array(${hexList(classes.map(({ leaf }) => leaf.ext))}, ','), string_to_array(${bodies(classes)}, ','))
        as t (serial, issuer, ext, leaf)
      on conflict (serial) do update set leaf = excluded.leaf`);
  }
  if (orders.length > 0) {
    statements.push(tx`insert into ledger.orders (serial, order_id, leaf)
      select serial::bigint, decode(order_id, 'hex'), decode(leaf, 'hex')
      from unnest(string_to_array(${serials(orders)}, ','), string_to_array(${hexList(orders.map(({ leaf }) => leaf.order))}, ','),
        string_to_array(${bodies(orders)}, ',')) as t (serial, order_id, leaf)
      on conflict (serial) do update set leaf = excluded.leaf`);
  }
  if (records.length > 0) {
    statements.push(tx`insert into ledger.records (serial, kind, key, leaf)
      select serial::bigint, kind::smallint, decode(key, 'hex'), decode(leaf, 'hex')
      from unnest(string_to_array(${serials(records)}, ','), string_to_array(${list(records.map(({ leaf }) => leaf.kind))}, ','),
        string_to_array(${hexList(records.map(({ leaf }) => leaf.key))}, ','), string_to_array(${bodies(records)}, ','))
        as t (serial, kind, key, leaf)
      on conflict (serial) do update set leaf = excluded.leaf`);
  }
  return statements;
}

export function upsertBodies(tx: Tx, bodies: readonly BodyRow[]) {
  if (bodies.length === 0) return [];
  return [
    tx`insert into ledger.bodies (hash, kind, body)
      select decode(hash, 'hex'), kind, decode(body, 'hex')
      from unnest(string_to_array(${hexList(bodies.map((row) => row.hash))}, ','), string_to_array(${list(bodies.map((row) => row.kind))}, ','),
        string_to_array(${hexList(bodies.map((row) => row.body))}, ',')) as t (hash, kind, body)
      on conflict (hash) do nothing`,
  ];
}

/** The refused first: what is still `sequenced` in the range after that is in the block. */
function decideSequenced(tx: Tx, { block, firstSeq, refused }: BlockWrite) {
  if (block.lastSeq < firstSeq) return [];
  const statements = [];
  if (refused.length > 0) {
    statements.push(tx`update ledger.ledger_txs as known set status = 'refused', refused_code = t.code, height = ${String(block.height)}
      from unnest(string_to_array(${list(refused.map((row) => row.seq))}, ','), string_to_array(${list(refused.map((row) => row.code))}, ',')) as t (seq, code)
      where known.seq = t.seq::bigint`);
  }
  statements.push(tx`update ledger.ledger_txs set status = 'certified', height = ${String(block.height)}, env = null
    where seq between ${String(firstSeq)} and ${String(block.lastSeq)} and status = 'sequenced'`);
  return statements;
}

export interface GrantRow {
  readonly kid: Bytes;
  readonly acct: Bytes;
  readonly from: bigint;
  readonly until: bigint;
  readonly body: Bytes;
  readonly sig: Bytes;
}

export async function insertGrants(tx: Tx, rows: readonly GrantRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`insert into ledger.grants (kid, recipient, valid_from, valid_until, body, sig)
    select decode(kid, 'hex'), decode(recipient, 'hex'), valid_from::bigint, valid_until::bigint, decode(body, 'hex'), decode(sig, 'hex')
    from unnest(string_to_array(${hexList(rows.map((row) => row.kid))}, ','), string_to_array(${hexList(rows.map((row) => row.acct))}, ','),
      string_to_array(${list(rows.map((row) => row.from))}, ','), string_to_array(${list(rows.map((row) => row.until))}, ','),
      string_to_array(${hexList(rows.map((row) => row.body))}, ','), string_to_array(${hexList(rows.map((row) => row.sig))}, ','))
      as t (kid, recipient, valid_from, valid_until, body, sig)
    on conflict (recipient, kid) do nothing`;
}

export async function insertEnvelopes(
  tx: Tx,
  rows: readonly { readonly hash: Bytes; readonly ref: Bytes; readonly bytes: Bytes }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`insert into ledger.envelopes (env_hash, ref, body)
    select decode(env_hash, 'hex'), decode(ref, 'hex'), decode(body, 'hex')
    from unnest(string_to_array(${hexList(rows.map((row) => row.hash))}, ','), string_to_array(${hexList(rows.map((row) => row.ref))}, ','),
      string_to_array(${hexList(rows.map((row) => row.bytes))}, ',')) as t (env_hash, ref, body)
    on conflict (env_hash) do nothing`;
}

export async function readEnvelope(sql: Sql, hash: Uint8Array): Promise<Bytes | null> {
  const [row] = await sql<{ body: Uint8Array }[]>`select body from ledger.envelopes where env_hash = ${hash}`;
  return row === undefined ? null : own(row.body);
}

export async function readGrants(sql: Sql, acct: Uint8Array): Promise<readonly { readonly grant: Bytes; readonly sig: Bytes }[]> {
  const rows = await sql<{ body: Uint8Array; sig: Uint8Array }[]>`
    select body, sig from ledger.grants where recipient = ${acct} order by valid_from desc`;
  return rows.map((row) => ({ grant: own(row.body), sig: own(row.sig) }));
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

export async function* streamEntries(sql: Sql): AsyncGenerator<EntryRow> {
  for (let next = 0n; ; ) {
    const rows = await sql<RawEntry[]>`select * from ledger.entries where idx >= ${String(next)} order by idx limit ${PAGE_ROWS}`;
    for (const row of rows) yield entryOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    next = BigInt(last.idx) + 1n;
  }
}

export interface StoredLeaf {
  readonly serial: bigint;
  readonly leaf: Bytes;
  /** The columns beside the leaf, joined: they must agree with it. */
  readonly columns: string;
}

/** The leaf tables by register, and the columns that repeat what the leaf says. */
export const LEAF_TABLES = [
  { reg: 1, table: 'items', columns: "cls || ':' || encode(ext, 'hex') || ':' || encode(owner, 'hex') || ':' || ver || ':' || last_entry" },
  { reg: 2, table: 'accounts', columns: "encode(acct, 'hex')" },
  { reg: 3, table: 'classes', columns: "encode(issuer, 'hex') || ':' || encode(ext, 'hex')" },
  { reg: 4, table: 'orders', columns: "encode(order_id, 'hex')" },
  { reg: 5, table: 'records', columns: "kind || ':' || encode(key, 'hex')" },
] as const;

export async function* streamLeaves(sql: Sql, { table, columns }: (typeof LEAF_TABLES)[number]): AsyncGenerator<StoredLeaf> {
  for (let next = 0n; ; ) {
    // Table and columns come from the list above, never from input.
    const rows = await sql.unsafe<{ serial: string; leaf: Uint8Array; columns: string }[]>(
      `select serial, leaf, ${columns} as columns from ledger.${table} where serial >= $1 order by serial limit $2`,
      [String(next), PAGE_ROWS],
    );
    for (const row of rows) yield { serial: BigInt(row.serial), leaf: own(row.leaf), columns: row.columns };
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    next = BigInt(last.serial) + 1n;
  }
}

/** What the columns of `LEAF_TABLES` must say, computed from the leaf. */
export function columnsOf(state: StateLeaf): string {
  switch (state.reg) {
    case 1:
      return `${state.leaf.cls}:${toHex(state.leaf.ext)}:${toHex(state.leaf.owner)}:${state.leaf.ver}:${state.leaf.lastEntry}`;
    case 2:
      return toHex(state.leaf.acct);
    case 3:
      return `${toHex(state.leaf.issuer)}:${toHex(state.leaf.ext)}`;
    case 4:
      return toHex(state.leaf.order);
    case 5:
      return `${state.leaf.kind}:${toHex(state.leaf.key)}`;
  }
}

export async function readBodies(sql: Sql): Promise<readonly BodyRow[]> {
  const rows = await sql<{ hash: Uint8Array; kind: 'policy' | 'config'; body: Uint8Array }[]>`select hash, kind, body from ledger.bodies`;
  return rows.map((row) => ({ hash: own(row.hash), kind: row.kind, body: own(row.body) }));
}

/** LedgerTx that no block has decided, in sequence order. */
export async function readWaiting(sql: Sql, afterSeq: bigint): Promise<readonly SequencedRow[]> {
  const rows = await sql<{ seq: string; tx_id: Uint8Array; env: Uint8Array; sequenced_at: string }[]>`
    select seq, tx_id, env, sequenced_at from ledger.ledger_txs where seq > ${String(afterSeq)} order by seq`;
  return rows.map((row) => ({ seq: BigInt(row.seq), txId: own(row.tx_id), env: own(row.env), sequencedAt: BigInt(row.sequenced_at) }));
}

/** LedgerTx that were refused at sealing and whose window may still be open: they must not be sequenced again. */
export async function readRefused(sql: Sql, since: bigint): Promise<readonly { readonly txId: Bytes; readonly code: string }[]> {
  const rows = await sql<{ tx_id: Uint8Array; refused_code: string }[]>`
    select tx_id, refused_code from ledger.ledger_txs where status = 'refused' and sequenced_at >= ${String(since)}`;
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
    where t.seq is not null or e.idx is not null`;
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
