/** What people are called on pages: players by display name, studios and the operator by theirs. */
import { type AccountId, accountIdOf } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

export type NameOf = (acct: AccountId) => string;

/** In the page's own transaction: asking for a second connection while one is held lets a full pool wait for itself. */
export async function displayNames({ ledger }: ReadGround, { tx }: Snapshot, accts: readonly AccountId[]): Promise<NameOf> {
  const wanted = [...new Set(accts)];
  if (wanted.length === 0) return shortName;
  const rows = await query<{ acct: string; name: string }>(
    tx,
    `select acct, display_name as name from identity.players where acct = any($1)
     union all select acct, coalesce(name_zh, name_en) from studio.studios where acct = any($1)`,
    [wanted],
  );
  const names = new Map(rows.map(({ acct, name }) => [acct, name]));
  names.set(accountIdOf(ledger.operator.acct), 'Daoju');
  return (acct) => names.get(acct) ?? shortName(acct);
}

/** The beginning of the account id, as the explorer shows it. */
export function shortName(acct: AccountId): string {
  return `${acct.slice(0, 8)}…`;
}
