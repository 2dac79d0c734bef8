/** SQL of games and their attribute schema. */
import type postgres from 'postgres';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { AttributeDefinitionRow } from './rows.schema.ts';

type GameFacts = {
  readonly name?: { readonly zh?: string | null | undefined; readonly en: string } | undefined;
  readonly approval_no?: string | undefined;
  readonly affiliates?: readonly string[] | undefined;
  readonly sunset_terms?: string | undefined;
};

export async function insertGame(
  sql: postgres.TransactionSql,
  acct: string,
  gameId: string,
  facts: GameFacts & { readonly game_ref: string; readonly name: { readonly zh?: string | null | undefined; readonly en: string } },
  at: Instant,
): Promise<void> {
  await sql`
    insert into catalogue.games (game_id, studio_acct, game_ref, name_zh, name_en, approval_no, affiliates, sunset_terms, heartbeat_at, created_at)
    values (${gameId}, ${acct}, ${facts.game_ref}, ${facts.name.zh ?? null}, ${facts.name.en}, ${facts.approval_no ?? null},
      ${sql.json([...(facts.affiliates ?? [])])}, ${facts.sunset_terms ?? null}, ${new Date(at)}, ${new Date(at)})`;
}

export async function updateGame(sql: postgres.TransactionSql, gameId: string, facts: GameFacts): Promise<void> {
  await sql`
    update catalogue.games set
      name_zh = case when ${facts.name !== undefined} then ${facts.name?.zh ?? null} else name_zh end,
      name_en = coalesce(${facts.name?.en ?? null}, name_en),
      approval_no = coalesce(${facts.approval_no ?? null}, approval_no),
      affiliates = coalesce(${facts.affiliates === undefined ? null : JSON.stringify(facts.affiliates)}::jsonb, affiliates),
      sunset_terms = coalesce(${facts.sunset_terms ?? null}, sunset_terms)
    where game_id = ${gameId}`;
}

export async function touchGame(sql: postgres.TransactionSql, gameId: string, at: Instant): Promise<void> {
  await sql`update catalogue.games set heartbeat_at = ${new Date(at)} where game_id = ${gameId}`;
}

/** Known keys stay as they are. */
export async function insertAttributes(
  sql: postgres.TransactionSql,
  gameId: string,
  attributes: readonly AttributeDefinitionRow[],
): Promise<void> {
  if (attributes.length === 0) return;
  const rows = attributes.map((attribute, index) => ({
    game_id: gameId,
    key: attribute.key,
    type: attribute.type,
    label_zh: attribute.label.zh ?? null,
    label_en: attribute.label.en,
    unit: attribute.unit ?? null,
    filterable: attribute.filterable,
    position: index,
  }));
  await sql`insert into catalogue.attribute_definitions ${sql(rows)} on conflict (game_id, key) do nothing`;
}
