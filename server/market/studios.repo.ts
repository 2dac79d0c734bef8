/** The studio that a console certificate speaks for. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import type { Sql } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

/** `isActive`: false while it has applied and is not active, or is suspended (T-01). */
export type ConsoleStudio = { readonly acct: AccountId; readonly isActive: boolean };

/** By the organisation that the studios' authority wrote into the certificate; null where no single studio has that name. */
export async function findStudioOf(sql: Sql, organisation: string): Promise<ConsoleStudio | null> {
  const rows = await query<{ acct: string; is_active: boolean }>(
    sql,
    `select acct, not exists (select from studio.applications a where a.acct = s.acct and a.state <> 'active') as is_active
     from studio.studios s where $1 in (name_en, name_zh)`,
    [organisation],
  );
  const [row] = rows;
  return row === undefined || rows.length > 1 ? null : { acct: parseAccountId(row.acct), isActive: row.is_active };
}
