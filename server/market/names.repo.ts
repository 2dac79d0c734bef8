/** What people are called on pages: players by display name, studios and organisations by theirs. */
import { type AccountId, accountIdOf } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

export type NameOf = (acct: AccountId) => string;

export async function displayNames({ identity, ledger }: ReadGround, { tx }: Snapshot, accts: readonly AccountId[]): Promise<NameOf> {
  const wanted = [...new Set(accts)];
  if (wanted.length === 0) return shortName;
  const [players, studios] = await Promise.all([
    identity.listDisplayNames(wanted),
    query<{ acct: string; name: string }>(tx, 'select acct, coalesce(name_zh, name_en) as name from studio.studios where acct = any($1)', [
      wanted,
    ]),
  ]);
  const names = new Map<string, string>(players);
  for (const { acct, name } of studios) names.set(acct, name);
  names.set(accountIdOf(ledger.operator.acct), 'Daoju');
  return (acct) => names.get(acct) ?? shortName(acct);
}

/** Nobody we know: the beginning of the account id, as the explorer shows it. */
function shortName(acct: AccountId): string {
  return `${acct.slice(0, 8)}…`;
}
