/** SQL of games, kinds and item references. */
import { and, eq } from 'drizzle-orm';
import type postgres from 'postgres';
import { attributeDefinitions, games, itemClasses } from '#drizzle/schema/index.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
import { TERM_COLUMNS, type TermColumns, type TermsOverTime, termsOverTime } from './class-terms.ts';
import type { ClassRow } from './rows.schema.ts';

type Sql = postgres.Sql | postgres.TransactionSql;

export type GameRecord = {
  readonly game_id: string;
  readonly studio_acct: string;
  readonly game_ref: string;
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly approval_no: string | null;
};

export async function findGame(sql: Sql, acct: string, gameId: string): Promise<GameRecord | null> {
  const rows = await orm(sql)
    .select({
      game_id: games.gameId,
      studio_acct: games.studioAcct,
      game_ref: games.gameRef,
      name_zh: games.nameZh,
      name_en: games.nameEn,
      approval_no: games.approvalNo,
    })
    .from(games)
    .where(and(eq(games.gameId, gameId), eq(games.studioAcct, acct)));
  return rows[0] ?? null;
}

export type AttributeKind = { readonly type: string; readonly scale: number | null; readonly mutable: boolean };

export async function listAttributeKinds(sql: Sql, gameId: string): Promise<ReadonlyMap<string, AttributeKind>> {
  const rows = await orm(sql)
    .select({
      key: attributeDefinitions.key,
      type: attributeDefinitions.type,
      scale: attributeDefinitions.scale,
      mutable: attributeDefinitions.mutable,
    })
    .from(attributeDefinitions)
    .where(eq(attributeDefinitions.gameId, gameId));
  return new Map(rows.map(({ key, ...kind }) => [key, kind]));
}

export type ClassFacts = {
  readonly class_id: string;
  readonly class_ref: string;
  readonly ledger_serial: string;
  readonly is_certified: boolean;
  readonly terms: TermsOverTime;
};

export async function findClassesByRef(sql: Sql, gameId: string, classRefs: readonly string[]): Promise<ReadonlyMap<string, ClassFacts>> {
  const rows = await sql<(Omit<ClassFacts, 'terms'> & TermColumns)[]>`
    select c.class_id, c.class_ref, c.ledger_serial::text, c.certified_at is not null as is_certified, ${sql.unsafe(TERM_COLUMNS)}
    from catalogue.item_classes c where c.game_id = ${gameId} and c.class_ref = any(${[...classRefs]})`;
  return new Map(rows.map((row) => [row.class_ref, { ...row, terms: termsOverTime(row) }]));
}

/** In whichever game of the studio: the ledger knows a kind by its issuer and its `class_ref`. */
export async function findTakenClassIds(sql: Sql, classIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql<{ class_id: string }[]>`select class_id from catalogue.item_classes where class_id = any(${[...classIds]})`;
  return new Set(rows.map((row) => row.class_id));
}

export type NewClass = { readonly classId: string; readonly ledgerSerial: bigint; readonly txId: Uint8Array; readonly row: ClassRow };

export async function insertClasses(
  sql: Sql,
  facts: { readonly acct: string; readonly gameId: string; readonly referenceId: string; readonly at: Instant },
  classes: readonly NewClass[],
): Promise<void> {
  const rows = classes.map(({ classId, ledgerSerial, txId, row }) => ({
    classId,
    ledgerSerial,
    studioAcct: facts.acct,
    gameId: facts.gameId,
    classRef: row.class_ref,
    nameZh: row.name.zh ?? null,
    nameEn: row.name.en,
    descriptionZh: row.description?.zh ?? null,
    descriptionEn: row.description?.en ?? null,
    category: row.category,
    type: row.type,
    typeZh: row.type_zh ?? null,
    rarity: row.rarity ?? null,
    refinement: row.refinement ?? null,
    icon: row.icon,
    attributes: row.attributes,
    contents: row.contents,
    royaltyBps: row.terms.royalty_bps,
    feeBps: row.terms.fee_bps,
    publicityHours: row.terms.publicity_hours,
    protectionHours: row.terms.protection_hours,
    resaleWaitTradingDays: row.terms.resale_wait_trading_days,
    collectible: row.terms.is_collectible,
    interchangeable: row.is_interchangeable,
    giftable: row.terms.is_giftable,
    resalable: row.terms.is_resalable,
    mintSchedule: row.terms.mint_schedule,
    smallestOfferBps: row.terms.smallest_offer_bps,
    origin: row.origin,
    drawTableSm3: row.draw_table_sm3 ?? null,
    supplyCap: row.supply_cap === null ? null : BigInt(row.supply_cap),
    txId,
    referenceId: facts.referenceId,
    createdAt: facts.at,
  }));
  for (let from = 0; from < rows.length; from += 500)
    await orm(sql)
      .insert(itemClasses)
      .values(rows.slice(from, from + 500));
}

export async function insertItemRefs(
  sql: Sql,
  referenceId: string,
  refs: readonly { readonly itemId: string; readonly classId: string; readonly itemRef: string }[],
): Promise<void> {
  await sql`
    insert into catalogue.item_refs (item_id, class_id, item_ref, reference_id)
    select item_id, class_id, item_ref, ${referenceId} from unnest(
      ${refs.map((ref) => ref.itemId)}::text[], ${refs.map((ref) => ref.classId)}::text[], ${refs.map((ref) => ref.itemRef)}::text[]
    ) as given (item_id, class_id, item_ref)`;
}

export async function findTakenItemRefs(
  sql: Sql,
  pairs: readonly { readonly classId: string; readonly itemRef: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ class_id: string; item_ref: string }[]>`
    select r.class_id, r.item_ref from catalogue.item_refs r
    join unnest(${pairs.map((pair) => pair.classId)}::text[], ${pairs.map((pair) => pair.itemRef)}::text[]) as given (class_id, item_ref)
      on r.class_id = given.class_id and r.item_ref = given.item_ref`;
  return new Set(rows.map((row) => `${row.class_id} ${row.item_ref}`));
}
