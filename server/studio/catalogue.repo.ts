/** SQL of games, kinds and item references. */
import type postgres from 'postgres';
import type { Instant } from '#ledger/primitives/instant.ts';
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
  const rows = await sql<GameRecord[]>`
    select game_id, studio_acct, game_ref, name_zh, name_en, approval_no from catalogue.games where game_id = ${gameId} and studio_acct = ${acct}`;
  return rows[0] ?? null;
}

export async function listAttributeTypes(sql: Sql, gameId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ key: string; type: string }[]>`select key, type from catalogue.attribute_definitions where game_id = ${gameId}`;
  return new Map(rows.map((row) => [row.key, row.type]));
}

export type ClassFacts = {
  readonly class_id: string;
  readonly class_ref: string;
  readonly ledger_serial: string;
  readonly is_certified: boolean;
};

export async function findClassesByRef(sql: Sql, gameId: string, classRefs: readonly string[]): Promise<ReadonlyMap<string, ClassFacts>> {
  const rows = await sql<ClassFacts[]>`
    select class_id, class_ref, ledger_serial::text, certified_at is not null as is_certified
    from catalogue.item_classes where game_id = ${gameId} and class_ref = any(${[...classRefs]})`;
  return new Map(rows.map((row) => [row.class_ref, row]));
}

export type NewClass = { readonly classId: string; readonly ledgerSerial: bigint; readonly txId: Uint8Array; readonly row: ClassRow };

export async function insertClasses(
  sql: Sql,
  facts: { readonly acct: string; readonly gameId: string; readonly referenceId: string; readonly at: Instant },
  classes: readonly NewClass[],
): Promise<void> {
  const at = new Date(facts.at);
  const rows = classes.map(({ classId, ledgerSerial, txId, row }) => ({
    class_id: classId,
    ledger_serial: ledgerSerial.toString(),
    studio_acct: facts.acct,
    game_id: facts.gameId,
    class_ref: row.class_ref,
    name_zh: row.name.zh ?? null,
    name_en: row.name.en,
    description_zh: row.description?.zh ?? null,
    description_en: row.description?.en ?? null,
    category: row.category,
    type: row.type,
    type_zh: row.type_zh ?? null,
    rarity: row.rarity ?? null,
    refinement: row.refinement ?? null,
    icon: row.icon,
    attributes: sql.json(row.attributes),
    contents: sql.json(row.contents),
    royalty_bps: row.terms.royalty_bps,
    fee_bps: row.terms.fee_bps,
    publicity_hours: row.terms.publicity_hours,
    protection_hours: row.terms.protection_hours,
    resale_wait_trading_days: row.terms.resale_wait_trading_days,
    collectible: row.terms.is_collectible,
    interchangeable: row.is_interchangeable,
    giftable: row.terms.is_giftable,
    origin: row.origin,
    draw_table_sm3: row.draw_table_sm3 ?? null,
    supply_cap: row.supply_cap,
    tx_id: txId,
    reference_id: facts.referenceId,
    created_at: at,
  }));
  for (let from = 0; from < rows.length; from += 500) await sql`insert into catalogue.item_classes ${sql(rows.slice(from, from + 500))}`;
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
