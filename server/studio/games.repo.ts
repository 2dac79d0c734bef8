/** SQL of games and their attribute schema. */
import { eq } from 'drizzle-orm';
import type postgres from 'postgres';
import { attributeDefinitions, games } from '#drizzle/schema/index.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
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
  await orm(sql)
    .insert(games)
    .values({
      gameId,
      studioAcct: acct,
      gameRef: facts.game_ref,
      nameZh: facts.name.zh ?? null,
      nameEn: facts.name.en,
      approvalNo: facts.approval_no ?? null,
      affiliates: [...(facts.affiliates ?? [])],
      sunsetTerms: facts.sunset_terms ?? null,
      heartbeatAt: at,
      createdAt: at,
    });
}

export async function updateGame(sql: postgres.TransactionSql, gameId: string, facts: GameFacts): Promise<void> {
  const changed = {
    ...(facts.name === undefined ? {} : { nameZh: facts.name.zh ?? null, nameEn: facts.name.en }),
    ...(facts.approval_no === undefined ? {} : { approvalNo: facts.approval_no }),
    ...(facts.affiliates === undefined ? {} : { affiliates: [...facts.affiliates] }),
    ...(facts.sunset_terms === undefined ? {} : { sunsetTerms: facts.sunset_terms }),
  };
  if (Object.keys(changed).length > 0) await orm(sql).update(games).set(changed).where(eq(games.gameId, gameId));
}

export async function touchGame(sql: postgres.TransactionSql, gameId: string, at: Instant): Promise<void> {
  await orm(sql).update(games).set({ heartbeatAt: at }).where(eq(games.gameId, gameId));
}

/** Known keys stay as they are. */
export async function insertAttributes(
  sql: postgres.TransactionSql,
  gameId: string,
  attributes: readonly AttributeDefinitionRow[],
): Promise<void> {
  if (attributes.length === 0) return;
  const rows = attributes.map((attribute, index) => ({
    gameId,
    key: attribute.key,
    type: attribute.type,
    labelZh: attribute.label.zh ?? null,
    labelEn: attribute.label.en,
    unit: attribute.unit ?? null,
    filterable: attribute.filterable,
    scale: attribute.scale ?? null,
    mutable: attribute.mutable,
    position: index,
  }));
  await orm(sql)
    .insert(attributeDefinitions)
    .values(rows)
    .onConflictDoNothing({ target: [attributeDefinitions.gameId, attributeDefinitions.key] });
}
