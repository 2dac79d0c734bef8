/** SQL of content that is hidden (rulebook CN-BC-02). What is on the ledger stays: only what this market shows of a kind changes. */
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

/** In place of what a studio declared. */
const SHOWN_INSTEAD = { zh: '内容已屏蔽', en: 'Content hidden', icon: 'locked-chest' } as const;

/** The kind of an item that is reported; null: there is no such item. */
export async function findClassOf(tx: Queryable, itemId: string): Promise<ClassId | null> {
  const [row] = await query<{ class_id: string }>(tx, 'select class_id from custody.items where item_id = $1', [itemId]);
  return row === undefined ? null : parseClassId(row.class_id);
}

/** False: it is hidden already. */
export async function hideContent(tx: Tx, classId: ClassId, at: Instant): Promise<boolean> {
  const rows = await query(
    tx,
    `update catalogue.item_classes set
       declared = jsonb_build_object('name_zh', name_zh, 'name_en', name_en, 'description_zh', description_zh, 'description_en', description_en,
         'icon', icon, 'art_sm3', art_sm3),
       name_zh = $2, name_en = $3, description_zh = null, description_en = null, icon = $4, art_sm3 = null
     where class_id = $1 and declared is null returning 1`,
    [classId, SHOWN_INSTEAD.zh, SHOWN_INSTEAD.en, SHOWN_INSTEAD.icon],
  );
  if (rows.length === 0) return false;
  await insertStep(tx, classId, 'hidden', at);
  return true;
}

/** As its studio has declared it, art that came meanwhile included. False: it was not hidden. */
export async function showContent(tx: Tx, classId: ClassId, at: Instant): Promise<boolean> {
  const rows = await query(
    tx,
    `update catalogue.item_classes set name_zh = declared ->> 'name_zh', name_en = declared ->> 'name_en',
       description_zh = declared ->> 'description_zh', description_en = declared ->> 'description_en',
       icon = declared ->> 'icon', art_sm3 = declared ->> 'art_sm3', declared = null
     where class_id = $1 and declared is not null returning 1`,
    [classId],
  );
  if (rows.length === 0) return false;
  await insertStep(tx, classId, 'shown', at);
  return true;
}

async function insertStep(tx: Tx, classId: ClassId, act: 'hidden' | 'shown', at: Instant): Promise<void> {
  await query(tx, 'insert into catalogue.content_steps (class_id, act, at) values ($1, $2, $3)', [classId, act, toIso(at)]);
}
