/** A second migration does no harm, a failed one changes nothing, a changed one is refused. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '#server/db.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MIGRATIONS = path.join(ROOT, 'drizzle/migrations');

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'daoju-migrations-'));
  cpSync(MIGRATIONS, folder, { recursive: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

test('a second migration applies nothing, and several at once apply each file once', async () => {
  const again = await Promise.all([migrate(database.sql), migrate(database.connect(1)), migrate(database.connect(1))]);
  expect(again).toEqual([[], [], []]);
  const numbers = readdirSync(MIGRATIONS).map((name) => name.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a migration that fails changes nothing, and one that was changed is refused by name', async () => {
  writeFileSync(path.join(folder, '9990_first.sql'), 'create table public.half_done (id int);');
  writeFileSync(path.join(folder, '9991_second.sql'), 'create table public.broken (id no_such_type);');
  await expect(migrate(database.sql, folder)).rejects.toThrow('no_such_type');
  const [row] = await database.sql`select to_regclass('public.half_done') as made`;
  expect(row).toEqual({ made: null });
  rmSync(path.join(folder, '9991_second.sql'));
  expect(await migrate(database.sql, folder)).toEqual(['9990_first.sql']);
  writeFileSync(path.join(folder, '9990_first.sql'), 'create table public.half_done (id bigint);');
  await expect(migrate(database.sql, folder)).rejects.toThrow('9990_first.sql was changed');
});
