/** The studio that a console certificate speaks for. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import type { Sql } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

/** By the organisation that the studios' authority wrote into the certificate; null where no single studio has that name. */
export async function findStudioOf(sql: Sql, organisation: string): Promise<AccountId | null> {
  const rows = await query<{ acct: string }>(sql, 'select acct from studio.studios where name_en = $1', [organisation]);
  const [row] = rows;
  return row === undefined || rows.length > 1 ? null : parseAccountId(row.acct);
}
