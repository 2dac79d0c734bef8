/** Kinds as cards: face from the catalogue, figures from the market. */

import { assert } from '#ledger/primitives/assert.ts';
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ClassCard } from '#server/trpc/views.ts';
import { fenText, listOpenFigures, listTradeFigures, NO_OPEN, NO_TRADES } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';

type FaceColumns = {
  class_id: string;
  ledger_serial: string;
  name_zh: string | null;
  name_en: string;
  game_id: string;
  category: string;
  type: string;
  type_zh: string | null;
  rarity: string | null;
  refinement: string | null;
  picture: string;
  interchangeable: boolean;
};
export type Face = Omit<
  ClassCard,
  'issued' | 'listings' | 'lowestListingFen' | 'highestBuyFen' | 'referenceFen' | 'trades7d' | 'experimentId'
> & {
  readonly serial: number;
};

export const FACE_COLUMNS =
  'c.class_id, c.ledger_serial, c.name_zh, c.name_en, c.game_id, c.category, c.type, c.type_zh, c.rarity, c.refinement, c.picture, c.interchangeable';

export function faceOf(row: FaceColumns): Face {
  return {
    serial: Number(row.ledger_serial),
    classId: parseClassId(row.class_id),
    names: { zh: row.name_zh, en: row.name_en },
    gameId: row.game_id,
    category: row.category,
    type: row.type,
    typeZh: row.type_zh,
    rarity: row.rarity,
    refinement: row.refinement,
    icon: row.picture,
    interchangeable: row.interchangeable,
  };
}

export async function listFaces(sql: Queryable, classIds: readonly ClassId[]): Promise<ReadonlyMap<ClassId, Face>> {
  const wanted = [...new Set(classIds)];
  if (wanted.length === 0) return new Map();
  const rows = await query<FaceColumns>(sql, `select ${FACE_COLUMNS} from catalogue.item_classes c where c.class_id = any($1)`, [wanted]);
  return new Map(rows.map((row) => [parseClassId(row.class_id), faceOf(row)]));
}

/** A kind that orders, items or trades name is in the catalogue: the tables that name it were written after it. */
export function faceIn(faces: ReadonlyMap<ClassId, Face>, classId: ClassId): Face {
  const face = faces.get(classId);
  assert(face !== undefined, 'a kind with items is in the catalogue');
  return face;
}

export async function listIssued(sql: Queryable, classIds: readonly ClassId[]): Promise<ReadonlyMap<ClassId, number>> {
  const rows = await query<{ class_id: string; issued: number }>(
    sql,
    // Numbers within a kind have no gaps: the highest is the count.
    `select k.class_id, coalesce((select i.unit_no from custody.items i where i.class_id = k.class_id order by i.unit_no desc limit 1), 0) as issued
     from unnest($1::text[]) k(class_id)`,
    [classIds],
  );
  return new Map(rows.map((row) => [parseClassId(row.class_id), row.issued]));
}

/** Which kinds stand in an experiment that runs. */
export async function experimentsOfClasses(sql: Queryable): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ experiment_id: string; class_id: string }>(
    sql,
    `select e.experiment_id, k.class_id from experiments.experiments e, jsonb_array_elements_text(e.class_ids) k(class_id)
     where e.status in ('REGISTERED', 'TESTING', 'PAUSED') order by e.experiment_id desc`,
  );
  return new Map(rows.map((row) => [row.class_id, row.experiment_id]));
}

/** An experiment that tries other rules of a kind has no book. */
export async function hasMatchedBook(sql: Queryable, classId: ClassId): Promise<boolean> {
  const [row] = await query<{ has: boolean }>(
    sql,
    `select exists (select from experiments.experiments where status in ('REGISTERED', 'TESTING', 'PAUSED') and class_ids ? $1
       and document->'ruleOverrides' @> '[{"path": "trading.matching.PRICE_TIME_MATCH", "value": true}]') as has`,
    [classId],
  );
  return row?.has === true;
}

/** In the order asked for; kinds that do not exist are left out. */
export async function listCards({ tx, now }: Snapshot, classIds: readonly ClassId[]): Promise<readonly ClassCard[]> {
  const wanted = [...new Set(classIds)];
  if (wanted.length === 0) return [];
  const [faces, issued, open, traded, experiments] = await Promise.all([
    listFaces(tx, wanted),
    listIssued(tx, wanted),
    listOpenFigures(tx, wanted),
    listTradeFigures(tx, wanted, now),
    experimentsOfClasses(tx),
  ]);
  return wanted.flatMap((classId) => {
    const face = faces.get(classId);
    if (face === undefined) return [];
    const { serial: _, ...shown } = face;
    const offers = open.get(classId) ?? NO_OPEN;
    const trades = traded.get(classId) ?? NO_TRADES;
    return [
      {
        ...shown,
        issued: issued.get(classId) ?? 0,
        listings: offers.listings,
        lowestListingFen: fenText(offers.lowestFen),
        highestBuyFen: fenText(offers.highestBuyFen),
        referenceFen: fenText(trades.referenceFen),
        trades7d: trades.trades7d,
        experimentId: experiments.get(classId) ?? null,
      },
    ];
  });
}
