/** Leaf tables and bodies: they follow from the entries, and a replay writes them anew. */
import type postgres from 'postgres';
import { encodeStateLeaf, REGISTER, type StateLeaf } from '#ledger/codec/leaves.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { hexList, list, own, PAGE_ROWS } from './columns.ts';

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

export interface BodyRow {
  readonly hash: Bytes;
  readonly kind: 'policy' | 'config';
  readonly body: Bytes;
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

/** Leaves `from` to before `to`, in order. */
export async function readLeaves(
  sql: Sql,
  { table, columns }: (typeof LEAF_TABLES)[number],
  from: bigint,
  to: bigint,
): Promise<readonly StoredLeaf[]> {
  // Table and columns come from the list above, never from input.
  const rows = await sql.unsafe<{ serial: string; leaf: Uint8Array; columns: string }[]>(
    `select serial, leaf, ${columns} as columns from ledger.${table} where serial >= $1 and serial < $2 order by serial`,
    [String(from), String(to)],
  );
  return rows.map((row) => ({ serial: BigInt(row.serial), leaf: own(row.leaf), columns: row.columns }));
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
