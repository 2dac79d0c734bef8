/** Single rows of a member's ledger tables, for commands that run beside its node. */
import type { Sql } from '#server/db.ts';

export async function readAccount(
  sql: Sql,
  acct: Uint8Array,
): Promise<{ readonly leaf: Uint8Array<ArrayBuffer>; readonly policy: Uint8Array<ArrayBuffer> } | null> {
  // The policy's hash stands in the leaf after version, serial, acct, kind and flags: 1 + 8 + 32 + 1 + 2 bytes.
  const [row] = await sql<{ leaf: Uint8Array; policy: Uint8Array }[]>`
    select a.leaf, b.body as policy from ledger.accounts a join ledger.bodies b on b.hash = substring(a.leaf from 45 for 32)
    where a.acct = ${acct}`;
  return row === undefined ? null : { leaf: new Uint8Array(row.leaf), policy: new Uint8Array(row.policy) };
}

export async function readConfigRecord(sql: Sql, kind: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const [row] = await sql<{ leaf: Uint8Array }[]>`select leaf from ledger.records where kind = ${kind} limit 1`;
  return row === undefined ? null : new Uint8Array(row.leaf);
}

export async function readRecord(sql: Sql, kind: number, key: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
  const [row] = await sql<{ leaf: Uint8Array }[]>`select leaf from ledger.records where kind = ${kind} and key = ${key}`;
  return row === undefined ? null : new Uint8Array(row.leaf);
}

export async function readItem(sql: Sql, serial: bigint): Promise<Uint8Array<ArrayBuffer> | null> {
  const [row] = await sql<{ leaf: Uint8Array }[]>`select leaf from ledger.items where serial = ${serial.toString()}`;
  return row === undefined ? null : new Uint8Array(row.leaf);
}

/** Leaves of all kinds of a studio. */
export async function readClassesOf(sql: Sql, issuer: Uint8Array): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const rows = await sql<{ leaf: Uint8Array }[]>`select leaf from ledger.classes where issuer = ${issuer} order by serial`;
  return rows.map(({ leaf }) => new Uint8Array(leaf));
}
