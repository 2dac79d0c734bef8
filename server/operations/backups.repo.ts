/** Which backups this installation knows of. */
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { BackedUp } from './backup.repo.ts';

/** Durable on return; the same moment twice is one. `at` is ISO 8601. */
export async function insertBackup(sql: Queryable, at: string, { tables, rows, sm3 }: BackedUp): Promise<void> {
  // The database may still be of an older version: its backup counts all the same.
  const [table] = await query<{ name: string | null }>(sql, "select to_regclass('operations.backups')::text as name");
  if (table?.name == null) return;
  await query(sql, 'insert into operations.backups (at, tables, rows, sm3) values ($1, $2, $3, $4) on conflict do nothing', [
    at,
    tables,
    String(rows),
    sm3,
  ]);
}
