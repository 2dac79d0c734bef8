/** Many rows in one statement: the rows travel as one JSON text and PostgreSQL reads each column in its own type, so that a group of
 *  sixty-four trades costs a handful of statements. Instants and big integers travel as text, bytes as `\x…`. Read as jsonb, documents
 *  within a row are parsed once; as json they would be parsed again for their column. */
import type postgres from 'postgres';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';

export type Cell = string | number | boolean | null | object;
export type Row = Readonly<Record<string, Cell>>;
export type Queryable = Sql | Tx;

/** Queries with a text of ours and parameters: prepared once per connection. */
export async function query<T extends object>(sql: Queryable, text: string, args: readonly Parameter[] = []): Promise<readonly T[]> {
  return sql.unsafe<T[]>(text, [...args], { prepare: true });
}
export type Parameter = postgres.ParameterOrJSON<never> | readonly string[] | null;

export async function insertRows(sql: Queryable, table: string, rows: readonly Row[], onConflict = ''): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const columns = Object.keys(first).join(', ');
  const text = `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::text::jsonb) ${onConflict}`;
  const result = await sql.unsafe(text, [JSON.stringify(rows)], { prepare: true });
  return result.count;
}

/** Sets every column that is not part of the key. @returns how many rows were found */
export async function updateRows(sql: Queryable, table: string, key: readonly string[], rows: readonly Row[], guard = ''): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const columns = Object.keys(first).filter((column) => !key.includes(column));
  const sets = columns.map((column) => `${column} = r.${column}`).join(', ');
  const match = key.map((column) => `t.${column} = r.${column}`).join(' and ');
  const text = `update ${table} t set ${sets} from jsonb_populate_recordset(null::${table}, $1::text::jsonb) r where ${match} ${guard}`;
  const result = await sql.unsafe(text, [JSON.stringify(rows)], { prepare: true });
  return result.count;
}

export function bytea(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

/** A `timestamptz` as it arrives. */
export function at(value: Date): Instant {
  return instant(value.getTime());
}
export function atOrNull(value: Date | null): Instant | null {
  return value === null ? null : at(value);
}
export function isoOrNull(value: Instant | null): string | null {
  return value === null ? null : toIso(value);
}
