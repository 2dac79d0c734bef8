/** The declared kinds in memory, for search: only new kinds are read, and those that got other art; all else stays as it was declared. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import type { Sql, Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { AttributeDefinition, AttributeValue } from '#server/trpc/views.ts';
import { FACE_COLUMNS, type Face, faceOf } from './cards.repo.ts';
import { definitionOf } from './class-details.repo.ts';

export type IndexedKind = {
  readonly face: Face;
  readonly classRef: string;
  /** What orders for any kind that fits are held against. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** What facets show and filter by: nothing of a kind whose content is hidden (CN-BC-02). */
  readonly shown: Readonly<Record<string, AttributeValue>>;
  /** Both names, category and type in lower case. */
  readonly text: string;
};
export type CatalogueIndex = {
  readonly kinds: readonly IndexedKind[];
  readonly byId: ReadonlyMap<ClassId, IndexedKind>;
  /** Of every game, first declared first; one entry per key. */
  readonly definitions: readonly AttributeDefinition[];
};

type Memory = {
  readonly kinds: IndexedKind[];
  readonly byId: Map<ClassId, IndexedKind>;
  last: string;
  lastArt: string;
  lastContent: string;
};
const memories = new WeakMap<Sql, Memory>();

type Columns = Parameters<typeof faceOf>[0] & {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly class_ref: string;
  readonly is_hidden: boolean;
  readonly search_text: string;
};

/** As of the transaction: kinds that it does not see yet are not in the answer. */
export async function readCatalogueIndex(sql: Sql, tx: Tx): Promise<CatalogueIndex> {
  const known: Memory = memories.get(sql) ?? { kinds: [], byId: new Map(), last: '-1', lastArt: '0', lastContent: '0' };
  memories.set(sql, known);
  const from = known.last;
  const [rows, art, content, definitions] = await Promise.all([
    query<Columns>(
      tx,
      `select ${FACE_COLUMNS}, c.class_ref, c.attributes, c.declared is not null as is_hidden, c.search_text from catalogue.item_classes c where c.ledger_serial > $1::bigint order by c.ledger_serial`,
      [from],
    ),
    query<{ class_id: string; picture: string; seq: string }>(
      tx,
      `select c.class_id, c.picture, max(a.seq) as seq from catalogue.class_art a join catalogue.item_classes c using (class_id)
       where a.seq > $1::bigint group by c.class_id order by 3`,
      [known.lastArt],
    ),
    query<Columns & { readonly seq: string }>(
      tx,
      `select ${FACE_COLUMNS}, c.class_ref, c.attributes, c.declared is not null as is_hidden, c.search_text, s.seq::text from catalogue.item_classes c
       join (select class_id, max(seq) as seq from catalogue.content_steps where seq > $1::bigint group by class_id) s using (class_id) order by s.seq`,
      [known.lastContent],
    ),
    query<Parameters<typeof definitionOf>[0]>(
      tx,
      `select distinct on (d.key) d.key, d.type, d.label_zh, d.label_en, d.filterable, d.unit, d.scale, d.position from catalogue.attribute_definitions d
       order by d.key, d.position`,
    ),
  ]);
  for (const row of rows) {
    const classId = parseClassId(row.class_id);
    // Two readers may load the same new kinds.
    if (known.byId.has(classId)) continue;
    const kind = kindOf(row);
    known.kinds.push(kind);
    known.byId.set(classId, kind);
    known.last = row.ledger_serial;
  }
  repaint(known, art);
  rename(known, content);
  return { kinds: known.kinds, byId: known.byId, definitions: definitions.map(definitionOf) };
}

const kindOf = (row: Columns): IndexedKind => ({
  face: faceOf(row),
  classRef: row.class_ref,
  attributes: row.attributes,
  shown: row.is_hidden ? {} : row.attributes,
  text: row.search_text,
});

/** Kinds whose words and picture were hidden or are shown again. */
function rename(memory: Memory, rows: readonly (Columns & { readonly seq: string })[]): void {
  for (const row of rows) {
    const kind = kindOf(row);
    const place = memory.kinds.findIndex(({ face }) => face.classId === kind.face.classId);
    if (place >= 0) memory.kinds[place] = kind;
    memory.byId.set(kind.face.classId, kind);
    memory.lastContent = row.seq;
  }
}

/** A kind is replaced, never changed: a search that runs keeps what it took. */
function repaint(memory: Memory, art: readonly { readonly class_id: string; readonly picture: string; readonly seq: string }[]): void {
  const painted = new Map(art.map((row) => [parseClassId(row.class_id), row.picture]));
  if (painted.size === 0) return;
  for (const [place, kind] of memory.kinds.entries()) {
    const picture = painted.get(kind.face.classId);
    if (picture === undefined) continue;
    const repainted = { ...kind, face: { ...kind.face, icon: picture } };
    memory.kinds[place] = repainted;
    memory.byId.set(kind.face.classId, repainted);
  }
  memory.lastArt = art.at(-1)?.seq ?? memory.lastArt;
}
