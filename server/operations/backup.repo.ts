/**
 * Every table of this installation as one stream of text, of one moment (product O-07): a row a line as JSON, between a head that names the
 * migrations and an end that counts and hashes them. Reading needs the same migrations and writes into tables that hold nothing yet.
 */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Sql, Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

const SCHEMA = 'daoju.backup/1';
const END_OF_TABLE = '.';
const BATCH = 500;

export type BackedUp = { readonly tables: number; readonly rows: number; readonly sm3: string };
export class BackupDamage extends Error {}

type Table = { readonly name: string; readonly columns: string };

/** Every table but the ones of the server itself; columns that follow from others are left out. Those that others point at come first. */
async function listTables(tx: Tx): Promise<readonly Table[]> {
  const tables = await query<{ name: string; columns: string; needs: string[] | null }>(
    tx,
    `select format('%I.%I', n.nspname, c.relname) as name,
       (select string_agg(format('%I', a.attname), ', ' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       (select array_agg(distinct format('%I.%I', fn.nspname, fc.relname)) from pg_constraint k join pg_class fc on fc.oid = k.confrelid
        join pg_namespace fn on fn.oid = fc.relnamespace where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_%'
       and format('%I.%I', n.nspname, c.relname) <> 'public.migrations' order by 1`,
  );
  const ordered: Table[] = [];
  const placed = new Set<string>();
  for (let left = tables; left.length > 0; ) {
    const next = left.filter(({ needs }) => (needs ?? []).every((each) => placed.has(each)));
    if (next.length === 0) throw new Error(`tables point at each other in a circle: ${left.map(({ name }) => name).join(', ')}`);
    for (const { name, columns } of next) {
      ordered.push({ name, columns });
      placed.add(name);
    }
    left = left.filter(({ name }) => !placed.has(name));
  }
  return ordered;
}

async function listMigrations(tx: Tx): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(tx, 'select name from public.migrations order by name');
  return rows.map(({ name }) => name);
}

/** One snapshot, whatever else is written meanwhile. */
export async function writeBackup(sql: Sql, out: Writable, at: string): Promise<BackedUp> {
  const hash = createHash('sm3');
  const write = async (chunk: string): Promise<void> => {
    hash.update(chunk);
    if (!out.write(chunk)) await once(out, 'drain');
  };
  const { counted } = await sql.begin('isolation level repeatable read read only', async (tx) => {
    const tables = await listTables(tx);
    await write(`${JSON.stringify({ schema: SCHEMA, at, migrations: await listMigrations(tx) })}\n`);
    let rows = 0;
    for (const { name, columns } of tables) {
      await write(`${JSON.stringify({ table: name, columns })}\n`);
      // As text of the database's own making: numbers keep every digit.
      const source = tx.unsafe<{ line: string }[]>(`select to_json(t)::text as line from (select ${columns} from ${name}) t`).cursor(BATCH);
      for await (const batch of source) {
        rows += batch.length;
        await write(batch.map(({ line }) => `${line}\n`).join(''));
      }
      await write(`${END_OF_TABLE}\n`);
    }
    return { counted: { tables: tables.length, rows } };
  });
  const sm3 = hash.digest('hex');
  out.write(`${JSON.stringify({ end: { ...counted, sm3 } })}\n`);
  return { ...counted, sm3 };
}

/** In one database transaction: all of it, or nothing. @throws {BackupDamage} when a byte is missing or another than it was */
export async function readBackup(sql: Sql, lines: AsyncIterable<string>): Promise<BackedUp & { readonly at: string }> {
  return sql.begin(async (tx) => {
    await expectEmpty(tx);
    const state: Reading = { hash: createHash('sm3'), at: '', tables: 0, rows: 0, end: null, table: null, waiting: [] };
    const names = new Map((await listTables(tx)).map(({ name, columns }) => [name, columns]));
    await setTriggers(tx, [...names.keys()], 'disable');
    await tx.unsafe(`truncate ${[...names.keys()].join(', ')}`);
    for await (const line of lines) await take(tx, state, names, line);
    if (state.end === null) throw new BackupDamage('the file ends too early');
    const sm3 = state.hash.digest('hex');
    const { end, tables, rows, at } = state;
    if (end.sm3 !== sm3 || end.tables !== tables || end.rows !== rows) throw new BackupDamage('the file is not the one that was written');
    await setTriggers(tx, [...names.keys()], 'enable');
    await resetIdentities(tx);
    return { tables, rows, sm3, at };
  });
}

/** Split at line feeds alone: a value may hold what others take for the end of a line. */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8');
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

type Reading = {
  readonly hash: Hash;
  at: string;
  tables: number;
  rows: number;
  end: { readonly tables: number; readonly rows: number; readonly sm3: string } | null;
  /** Whose rows come now. */
  table: Table | null;
  waiting: string[];
};

async function take(tx: Tx, state: Reading, names: ReadonlyMap<string, string>, line: string): Promise<void> {
  const { table } = state;
  if (table !== null) {
    state.hash.update(`${line}\n`);
    if (line !== END_OF_TABLE) state.waiting.push(line);
    if (state.waiting.length >= BATCH || line === END_OF_TABLE) await flush(tx, state, table);
    if (line === END_OF_TABLE) state.table = null;
    return;
  }
  const head = parseHead(line);
  if ('end' in head) {
    state.end = head.end;
    return;
  }
  state.hash.update(`${line}\n`);
  if ('schema' in head) {
    const here = await listMigrations(tx);
    if (JSON.stringify(here) !== JSON.stringify(head.migrations)) {
      throw new BackupDamage('the file is of another version of the program: restore it with that one, then update');
    }
    state.at = head.at;
    return;
  }
  if (names.get(head.table) !== head.columns) throw new BackupDamage(`${head.table} has other columns here`);
  state.tables += 1;
  state.table = { name: head.table, columns: head.columns };
}

async function flush(tx: Tx, state: Reading, { name, columns }: Table): Promise<void> {
  if (state.waiting.length === 0) return;
  try {
    await tx.unsafe(
      `insert into ${name} (${columns}) overriding system value select ${columns} from json_populate_recordset(null::${name}, $1::text::json)`,
      [`[${state.waiting.join(',')}]`],
    );
  } catch (error) {
    throw new BackupDamage(`${name}: a row can't be read (${error instanceof Error ? error.message : String(error)})`);
  }
  state.rows += state.waiting.length;
  state.waiting = [];
}

type Head =
  | { readonly schema: string; readonly at: string; readonly migrations: readonly string[] }
  | { readonly table: string; readonly columns: string }
  | { readonly end: NonNullable<Reading['end']> };

function parseHead(line: string): Head {
  try {
    const head: Head = JSON.parse(line);
    if ('end' in head || 'table' in head || ('schema' in head && head.schema === SCHEMA)) return head;
  } catch {
    // Said below, with the other ways to be no backup.
  }
  throw new BackupDamage('this is no backup of this program');
}

async function expectEmpty(tx: Tx): Promise<void> {
  const [row] = await query<{ n: number }>(tx, 'select count(*)::int as n from ledger.blocks');
  if (row !== undefined && row.n > 0) throw new Error('this installation holds a chain already: restore into an empty folder');
}

/** Rows are put back as they were: what guards them while people write would refuse their order. */
async function setTriggers(tx: Tx, tables: readonly string[], to: 'enable' | 'disable'): Promise<void> {
  for (const table of tables) await tx.unsafe(`alter table ${table} ${to} trigger user`);
}

async function resetIdentities(tx: Tx): Promise<void> {
  const columns = await query<{ name: string; attname: string; sequence: string }>(
    tx,
    `select format('%I.%I', n.nspname, c.relname) as name, format('%I', a.attname) as attname, s.seq as sequence
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace,
       lateral pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) s(seq)
     where a.attidentity <> '' and c.relkind = 'r'`,
  );
  for (const { name, attname, sequence } of columns) {
    await tx.unsafe(
      `select setval('${sequence}', greatest((select coalesce(max(${attname}), 0) from ${name}), 1), (select count(*) > 0 from ${name}))`,
    );
  }
}
