/** SQL of kinds and games as documents: what a market shows to the members, what a member keeps of it. */
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { TERM_COLUMNS, type TermColumns, termsOverTime } from '#server/studio/class-terms.ts';
import type { GameDocument, KindDocument, KindPage } from './kind-document.ts';

type KindColumns = TermColumns & {
  ledger_serial: string;
  studio_acct: string;
  game_id: string;
  reference_id: string;
  class_ref: string;
  name_zh: string | null;
  name_en: string;
  description_zh: string | null;
  description_en: string | null;
  category: string;
  type: string;
  type_zh: string | null;
  rarity: string | null;
  refinement: string | null;
  icon: string;
  interchangeable: boolean;
  origin: 'PLAY' | 'PURCHASE' | 'DRAW';
  draw_table_sm3: string | null;
  attributes: KindDocument['row']['attributes'];
  contents: KindDocument['row']['contents'];
  supply_cap: string | null;
};

/** Certified kinds from a serial on, in order, and every game with its studio. */
export async function readKindPage(sql: Queryable, from: bigint, limit: number): Promise<KindPage> {
  const rows = await query<KindColumns>(
    sql,
    `select c.ledger_serial::text, c.studio_acct, c.game_id, c.reference_id, c.class_ref,
       case when c.declared is null then c.name_zh else c.declared ->> 'name_zh' end as name_zh,
       coalesce(c.declared ->> 'name_en', c.name_en) as name_en,
       case when c.declared is null then c.description_zh else c.declared ->> 'description_zh' end as description_zh,
       case when c.declared is null then c.description_en else c.declared ->> 'description_en' end as description_en,
       c.category, c.type, c.type_zh, c.rarity, c.refinement, coalesce(c.declared ->> 'icon', c.icon) as icon, c.interchangeable, c.origin, c.draw_table_sm3, c.attributes, c.contents,
       c.supply_cap::text, ${TERM_COLUMNS}
     from catalogue.item_classes c where c.ledger_serial >= $1::bigint and c.certified_at is not null order by c.ledger_serial limit ${String(limit)}`,
    [String(from)],
  );
  return { games: await listGames(sql), kinds: rows.map(kindOf) };
}

function kindOf(row: KindColumns): KindDocument {
  const { first, next } = termsOverTime(row);
  const description = row.description_en === null ? {} : { description: { zh: row.description_zh, en: row.description_en } };
  return {
    serial: row.ledger_serial,
    studioAcct: row.studio_acct,
    gameId: row.game_id,
    referenceId: row.reference_id,
    row: {
      class_ref: row.class_ref,
      name: { zh: row.name_zh, en: row.name_en },
      ...description,
      category: row.category,
      type: row.type,
      ...(row.type_zh === null ? {} : { type_zh: row.type_zh }),
      rarity: row.rarity,
      refinement: row.refinement,
      icon: row.icon,
      kind: 'item',
      is_interchangeable: row.interchangeable,
      origin: row.origin,
      ...(row.draw_table_sm3 === null ? {} : { draw_table_sm3: row.draw_table_sm3 }),
      attributes: row.attributes,
      contents: row.contents,
      supply_cap: row.supply_cap === null ? null : Number(row.supply_cap),
      terms: first,
    },
    next: next === null ? null : { terms: next.terms, from: toIso(next.from) },
  };
}

async function listGames(sql: Queryable): Promise<readonly GameDocument[] & GameDocument[]> {
  const rows = await query<{ document: GameDocument }>(
    sql,
    `select jsonb_build_object('gameId', g.game_id, 'gameRef', g.game_ref, 'nameZh', g.name_zh, 'nameEn', g.name_en, 'approvalNo', g.approval_no,
       'affiliates', g.affiliates, 'sunsetTerms', g.sunset_terms,
       'studio', jsonb_build_object('acct', s.acct, 'nameZh', s.name_zh, 'nameEn', s.name_en, 'tier', s.tier),
       'attributes', coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', a.key, 'type', a.type,
           'label', jsonb_build_object('zh', a.label_zh, 'en', a.label_en), 'unit', a.unit, 'filterable', a.filterable, 'scale', a.scale)) order by a.position)
         from catalogue.attribute_definitions a where a.game_id = g.game_id), '[]'::jsonb)) as document
     from catalogue.games g join studio.studios s on s.acct = g.studio_acct order by g.game_id`,
  );
  return rows.map(({ document }) => document);
}

/** Newer copies take the place of older ones. */
export async function keepCopies(sql: Sql, { games, kinds }: KindPage): Promise<void> {
  await sql.begin(async (tx) => {
    await insertRows(
      tx,
      'mirror.games',
      games.map((document) => ({ game_id: document.gameId, document })),
      'on conflict (game_id) do update set document = excluded.document',
    );
    await insertRows(
      tx,
      'mirror.kinds',
      kinds.map((document) => ({ serial: document.serial, document })),
      'on conflict (serial) do update set document = excluded.document',
    );
  });
}

/** How many kinds without a gap from the first are kept here: the serial to ask for next. */
export async function countCopies(sql: Queryable): Promise<bigint> {
  const [row] = await query<{ next: string }>(
    sql,
    `select coalesce((select min(serial) + 1 from mirror.kinds k where not exists (select from mirror.kinds n where n.serial = k.serial + 1)
       and exists (select from mirror.kinds z where z.serial = 0)), 0)::text as next`,
  );
  return BigInt(row?.next ?? '0');
}

export async function readCopies(sql: Queryable): Promise<{ readonly games: readonly unknown[]; readonly kinds: readonly unknown[] }> {
  const [games, kinds] = await Promise.all([
    query<{ document: unknown }>(sql, 'select document from mirror.games order by game_id'),
    query<{ document: unknown }>(sql, 'select document from mirror.kinds order by serial'),
  ]);
  return { games: games.map(({ document }) => document), kinds: kinds.map(({ document }) => document) };
}

/** Studios, games and their attributes as they were; kinds follow by `insertClasses`. */
export async function restoreGames(tx: Tx, games: readonly GameDocument[], at: Instant): Promise<void> {
  const studios = new Map(games.map(({ studio }) => [studio.acct, studio]));
  await insertRows(
    tx,
    'studio.studios',
    [...studios.values()].map(({ acct, nameZh, nameEn, tier }) => ({
      acct,
      name_zh: nameZh,
      name_en: nameEn,
      tier,
      // Whatever key the former operator held for a studio is gone with it.
      is_hosted: false,
      created_at: toIso(at),
    })),
  );
  await insertRows(
    tx,
    'catalogue.games',
    games.map((game) => ({
      game_id: game.gameId,
      studio_acct: game.studio.acct,
      game_ref: game.gameRef,
      name_zh: game.nameZh,
      name_en: game.nameEn,
      approval_no: game.approvalNo,
      affiliates: game.affiliates,
      sunset_terms: game.sunsetTerms,
      heartbeat_at: toIso(at),
      created_at: toIso(at),
    })),
  );
  await insertRows(
    tx,
    'catalogue.attribute_definitions',
    games.flatMap(({ gameId, attributes }) =>
      attributes.map(({ key, type, label, unit, filterable, scale }, position) => ({
        game_id: gameId,
        key,
        type,
        label_zh: label.zh ?? null,
        label_en: label.en,
        unit: unit ?? null,
        filterable,
        scale: scale ?? null,
        position,
      })),
    ),
  );
}

/** What a copy has beside the row that `insertClasses` writes: announced terms, and that the members have certified the kind. */
export async function finishKinds(tx: Tx, kinds: readonly (KindDocument & { readonly classId: string })[], now: Instant): Promise<void> {
  await query(tx, 'update catalogue.item_classes set certified_at = $1 where certified_at is null', [new Date(now)]);
  for (const { classId, next } of kinds) {
    if (next === null) continue;
    await query(tx, 'update catalogue.item_classes set next_terms = $2::text::jsonb, next_terms_at = $3 where class_id = $1', [
      classId,
      JSON.stringify(next.terms),
      new Date(instant(Date.parse(next.from))),
    ]);
  }
}
