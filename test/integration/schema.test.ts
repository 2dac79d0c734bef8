/**
 * The migrated database and drizzle/schema say the same, in both directions: tables, columns, types, nullability, defaults, keys, and the
 * words that a column may hold. And what the database refuses beside the market's books (those are in market-schema.test.ts).
 */
import { is } from 'drizzle-orm';
import { getTableConfig, type PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schema from '#drizzle/schema/index.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const configs = Object.values(schema)
  .filter((value) => is(value, PgTable))
  .map((table) => getTableConfig(table));
const nameOf = (config: { readonly schema: string | undefined; readonly name: string }) => `${config.schema}.${config.name}`;
const namesOf = (columns: readonly { readonly name: string }[]) => columns.map((column) => column.name).join(', ');

/** Everything but `public`, which holds the list of applied migrations and nothing else. */
const OURS = "('public', 'pg_catalog', 'information_schema', 'pg_toast')";

test('every table of the database is declared once, and no other', async () => {
  const rows = await database.sql.unsafe<{ name: string }[]>(
    `select table_schema || '.' || table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ${OURS}`,
  );
  expect(configs.map(nameOf).sort()).toEqual(rows.map((row) => row.name).sort());
});

test('columns: name, type, nullability, default', async () => {
  const rows = await database.sql.unsafe<{ line: string }[]>(`
    select concat_ws(' ', table_schema || '.' || table_name || '.' || column_name,
      case when data_type = 'ARRAY' then substr(udt_name, 2) || '[]' else data_type end || case when data_type = 'numeric' then '(' || numeric_precision || ')' else '' end,
      case when is_nullable = 'NO' then 'not null' end,
      case when is_identity = 'YES' then 'identity' when is_generated = 'ALWAYS' then 'generated' when column_default is not null then 'default' end) as line
    from information_schema.columns where table_schema not in ${OURS}`);
  const declared = configs.flatMap((config) => config.columns.map((column) => `${nameOf(config)}.${describe(column)}`));
  expect(declared.sort()).toEqual(rows.map((row) => row.line).sort());
});

function describe(column: PgColumn): string {
  const value = column.generatedIdentity ? 'identity' : column.generated ? 'generated' : column.hasDefault ? 'default' : '';
  // A column of a composite primary key says notNull itself; a single primary key implies it.
  return [column.name, column.getSQLType(), column.notNull || column.primary ? 'not null' : '', value]
    .filter((part) => part !== '')
    .join(' ');
}

test('primary, unique and foreign keys', async () => {
  const columnsOf = (relation: string, numbers: string) =>
    `(select string_agg(a.attname, ', ' order by o) from unnest(${numbers}) with ordinality u(num, o) join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.num)`;
  const rows = await database.sql.unsafe<{ line: string }[]>(`
    select n.nspname || '.' || r.relname || ' ' || case k.contype when 'p' then 'primary' when 'u' then 'unique' else 'foreign' end
      || ' (' || ${columnsOf('k.conrelid', 'k.conkey')} || ')'
      || coalesce(' to ' || fn.nspname || '.' || f.relname || ' (' || ${columnsOf('k.confrelid', 'k.confkey')} || ')', '') as line
    from pg_constraint k join pg_class r on r.oid = k.conrelid join pg_namespace n on n.oid = r.relnamespace
      left join pg_class f on f.oid = k.confrelid left join pg_namespace fn on fn.oid = f.relnamespace
    where k.contype in ('p', 'u', 'f') and n.nspname not in ${OURS}`);
  const declared = configs.flatMap((config) => [
    ...config.columns.filter((column) => column.primary).map((column) => `${nameOf(config)} primary (${column.name})`),
    ...config.primaryKeys.map((key) => `${nameOf(config)} primary (${namesOf(key.columns)})`),
    ...config.columns.filter((column) => column.isUnique).map((column) => `${nameOf(config)} unique (${column.name})`),
    ...config.uniqueConstraints.map((key) => `${nameOf(config)} unique (${namesOf(key.columns)})`),
    ...config.foreignKeys.map((key) => {
      const { columns, foreignTable, foreignColumns } = key.reference();
      return `${nameOf(config)} foreign (${namesOf(columns)}) to ${nameOf(getTableConfig(foreignTable))} (${namesOf(foreignColumns)})`;
    }),
  ]);
  expect(declared.sort()).toEqual(rows.map((row) => row.line).sort());
});

test('words that a column may hold', async () => {
  const rows = await database.sql.unsafe<{ name: string; def: string }[]>(`
    select n.nspname || '.' || r.relname || '.' || a.attname as name, pg_get_constraintdef(k.oid) as def
    from pg_constraint k join pg_class r on r.oid = k.conrelid join pg_namespace n on n.oid = r.relnamespace
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where k.contype = 'c' and cardinality(k.conkey) = 1 and a.atttypid = 'text'::regtype and n.nspname not in ${OURS}`);
  const actual = rows
    .filter((row) => /^CHECK \(\(\w+ = (?:ANY \(ARRAY\[|')/.test(row.def))
    .map((row) => `${row.name}: ${[...row.def.matchAll(/'([^']*)'/g)].map((match) => match[1]).join(' ')}`);
  const declared = configs.flatMap((config) =>
    config.columns
      .filter((column) => column.enumValues !== undefined && column.enumValues.length > 0)
      .map((column) => `${nameOf(config)}.${column.name}: ${column.enumValues?.join(' ')}`),
  );
  expect(declared.sort()).toEqual(actual.sort());
});

const bytes = (length: number, byte = '00') => `decode(repeat('${byte}', ${length}), 'hex')`;
const ROOM = `insert into outbox.rooms values ('sup:all', 0, ${bytes(32)})`;
const message = (seq: number, prevHash: string, hash: string) =>
  `insert into outbox.messages (room, seq, message_id, type, schema, at, body, body_hash, prev_hash, hash)
   values ('sup:all', ${seq}, 'm${seq}', 't', 's', now(), '{}', ${bytes(32)}, ${prevHash}, ${hash})`;
const FIRST = message(1, bytes(32), bytes(32, '01'));
const asSigner = (statement: string) => `set local role ledger_signer; ${statement}; reset role`;
const VOTE = asSigner(`insert into ledger.votes values (1, 1, 1, ${bytes(32)}, ${bytes(64)})`);
const endorsement = (term: number, header: string, height = 1) =>
  asSigner(`insert into ledger.endorsements values (1, ${height}, ${term}, ${bytes(32, header)}, ${bytes(64)})`);
const seal = (newEpoch: number) => asSigner(`insert into ledger.seals values (${newEpoch}, 0, ${bytes(90)}, null, ${bytes(64)})`);
const ACCT = "repeat('a', 64)";
const STUDIO = `insert into studio.studios values (${ACCT}, null, 'Studio', 'standard', true, now())`;
const REFERENCE = `insert into studio."references" values (${ACCT}, 'ref-1', 'POST /', '{}', 200, '{}', now())`;

const refusals: readonly (readonly [what: string, why: RegExp, allowed: readonly string[], refused: string])[] = [
  ['a gap in a room', /does not continue the chain/, [ROOM, FIRST], message(3, bytes(32, '01'), bytes(32, '03'))],
  ['a gap that starts anew', /does not continue the chain/, [ROOM, FIRST], message(3, bytes(32), bytes(32, '03'))],
  ['a room that begins in the middle', /does not continue the chain/, [ROOM], message(2, bytes(32), bytes(32, '02'))],
  ['a message of no room', /a room that does not exist/, [], FIRST],
  ['a room removed', /insert-only/, [ROOM, FIRST], 'delete from outbox.rooms'],
  ['all rooms removed', /insert-only/, [ROOM, FIRST], 'truncate outbox.rooms cascade'],
  ['a room renamed', /insert-only/, [ROOM, FIRST], "update outbox.rooms set room = 'public'"],
  ['a number given twice', /messages_pkey/, [ROOM, FIRST], message(1, bytes(32), bytes(32, '02'))],
  ['a message beside the chain', /does not continue the chain/, [ROOM, FIRST], message(2, bytes(32, '09'), bytes(32, '02'))],
  ['a message rewritten', /insert-only/, [ROOM, FIRST], "update outbox.messages set body = '[]'"],
  ['a message removed', /insert-only/, [ROOM, FIRST], 'delete from outbox.messages'],
  ['a second vote at one height', /votes_pkey/, [VOTE], asSigner(`insert into ledger.votes values (1, 1, 2, ${bytes(32)}, ${bytes(64)})`)],
  ['a vote for another header', /locked/, [VOTE], asSigner(`insert into ledger.votes values (1, 1, 2, ${bytes(32, '01')}, ${bytes(64)})`)],
  [
    'a vote by another role than the signer',
    /only ledger_signer/,
    [],
    `insert into ledger.votes values (1, 1, 1, ${bytes(32)}, ${bytes(64)})`,
  ],
  ['an endorsement of another header after the vote (S1)', /locked/, [VOTE], endorsement(2, '01')],
  ['two endorsements of one term (S1)', /stale_term/, [endorsement(2, '00')], endorsement(2, '01')],
  ['an endorsement of a term below the highest (S1)', /stale_term/, [endorsement(2, '00')], endorsement(1, '00')],
  ['a vote below the highest term endorsed (S3)', /stale_term/, [endorsement(2, '00')], VOTE],
  ['an endorsement in an epoch that was sealed', /epoch_sealed/, [seal(2)], endorsement(1, '00')],
  ['a vote in an epoch that was sealed', /epoch_sealed/, [seal(2)], VOTE],
  ['a vote below an accepted recovery', /epoch_sealed/, [`insert into ledger.recoveries values (2, 1, ${bytes(1)})`], VOTE],
  ['a seal that does not rise', /seal_low/, [seal(3)], seal(2)],
  ['a seal of an epoch that was signed in', /seal_low/, [endorsement(1, '00')], seal(1)],
  ['a signature while abstaining', /abstaining/, ['insert into ledger.abstentions values (1)'], VOTE],
  ['an endorsement rewritten', /insert-only/, [endorsement(1, '00')], 'update ledger.endorsements set term = 9'],
  ['a seal removed', /insert-only/, [seal(2)], 'delete from ledger.seals'],
  ['a vote rewritten', /insert-only/, [VOTE], `update ledger.votes set header_hash = ${bytes(32, '01')}`],
  ['a vote removed', /insert-only/, [VOTE], 'delete from ledger.votes'],
  ['all votes removed', /insert-only/, [VOTE], 'truncate ledger.votes'],
  ["a studio's reference used twice", /references_pkey/, [STUDIO, REFERENCE], REFERENCE],
  ["a studio's answer rewritten", /append-only/, [STUDIO, REFERENCE], 'update studio."references" set status = 500'],
  ["a studio's answer removed", /append-only/, [STUDIO, REFERENCE], 'delete from studio."references"'],
  [
    "the institution's postings out of balance",
    /does not balance/,
    [
      "insert into psp.accounts (ref, pot) values ('someone', 'free')",
      "insert into psp.entries (source, kind, at) values ('pay_in/x', 'pay_in', now())",
    ],
    "insert into psp.postings values ('pay_in/x', 0, 'someone', 'free', 1)",
  ],
];

test.each(refusals)('the database refuses %s', async (_, why, allowed, refused) => {
  const seen = { allowed: 0 };
  const attempt = database.sql.begin(async (tx) => {
    for (const statement of allowed) await tx.unsafe(statement);
    seen.allowed = allowed.length;
    await tx.unsafe(refused);
  });
  await expect(attempt).rejects.toThrow(why);
  expect(seen.allowed).toBe(allowed.length);
});
