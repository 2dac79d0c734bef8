/** Envelopes of Trades and the grants of keys that open them. */
import type postgres from 'postgres';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { hexList, list, own, PAGE_ROWS } from './columns.ts';

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

/** A grant's recipient as the table knows it: an account's 32 bytes, or a member's id in two. */
export const memberRecipient = (member: number): Bytes => Uint8Array.of(member & 0xff, member >> 8);

export interface GrantRow {
  readonly kid: Bytes;
  /** The recipient: an account, or `memberRecipient`. */
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

/** The ciphertext is gone; what named it stays. */
export async function deleteEnvelopes(sql: Sql, hashes: readonly Uint8Array[]): Promise<void> {
  await sql`delete from ledger.envelopes
    where env_hash in (select decode(h, 'hex') from unnest(string_to_array(${hexList(hashes)}, ',')) as t (h))`;
}

/** Those that are there, by hash in hex. */
export async function readEnvelopes(sql: Sql, hashes: readonly Uint8Array[]): Promise<ReadonlyMap<string, Bytes>> {
  if (hashes.length === 0) return new Map();
  const rows = await sql<{ hash: string; body: Uint8Array }[]>`
    select encode(env_hash, 'hex') as hash, body from ledger.envelopes
    where env_hash in (select decode(h, 'hex') from unnest(string_to_array(${hexList(hashes)}, ',')) as t (h))`;
  return new Map(rows.map((row) => [row.hash, own(row.body)]));
}

/** Every envelope that is kept here, in pages by key. */
export async function* streamEnvelopes(sql: Sql): AsyncGenerator<Bytes> {
  for (let after: Uint8Array = new Uint8Array(0); ; ) {
    const rows = await sql<{ env_hash: Uint8Array; body: Uint8Array }[]>`
      select env_hash, body from ledger.envelopes where env_hash > ${after} order by env_hash limit ${PAGE_ROWS}`;
    for (const row of rows) yield own(row.body);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = own(last.env_hash);
  }
}
