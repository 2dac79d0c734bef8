/** What people are called on pages: players by display name, studios and the operator by theirs. */
import { type AccountId, accountIdOf } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Names } from '#server/trpc/views.ts';
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

/** Names of kinds and games by their ids; an id that is neither is left out. */
export async function listCatalogueNames(sql: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, Names>> {
  const rows = await query<{ id: string; zh: string | null; en: string }>(
    sql,
    `select class_id as id, name_zh as zh, name_en as en from catalogue.item_classes where class_id = any($1)
     union all select game_id, name_zh, name_en from catalogue.games where game_id = any($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, zh, en }) => [id, { zh, en }]));
}

export async function listGames(sql: Queryable): Promise<readonly { readonly gameId: string; readonly names: Names }[]> {
  const rows = await query<{ game_id: string; zh: string | null; en: string }>(
    sql,
    'select game_id, name_zh as zh, name_en as en from catalogue.games order by created_at, game_id',
  );
  return rows.map(({ game_id: gameId, zh, en }) => ({ gameId, names: { zh, en } }));
}

/** The beginning of the account id, as the explorer shows it. */
export function shortName(acct: AccountId): string {
  return `${acct.slice(0, 8)}…`;
}
