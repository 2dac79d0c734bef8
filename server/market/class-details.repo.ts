/** What a studio declared of a kind: terms in words, attributes with their definitions, contents of a container. */
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import {
  announcedTerms,
  changesOf,
  TERM_COLUMNS,
  type TermColumns,
  type TermsOverTime,
  termsInForce,
  termsOverTime,
} from '#server/studio/class-terms.ts';
import type { AnnouncedTerms, AttributeDefinition, AttributeValue, ClassPage, ClassTerms, Names } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

type DetailColumns = TermColumns & {
  class_id: string;
  description_zh: string | null;
  description_en: string | null;
  attributes: Readonly<Record<string, AttributeValue>>;
  contents: readonly { readonly name: string; readonly chance: string | number }[];
  is_hidden: boolean;
  interchangeable: boolean;
  origin: string;
  supply_cap: string | null;
  game_zh: string | null;
  game_en: string;
  studio_zh: string | null;
  studio_en: string | null;
  issued: number;
  burned: number;
};
type DefinitionColumns = {
  key: string;
  type: AttributeDefinition['type'];
  label_zh: string | null;
  label_en: string;
  filterable: boolean;
  unit: string | null;
  scale: number | null;
  mutable: boolean;
};

export type ClassDetails = Pick<
  ClassPage,
  'gameNames' | 'studioNames' | 'isHidden' | 'description' | 'attributes' | 'contents' | 'terms' | 'announced'
>;

/** `changed`: what differs on one item of the kind. */
export async function findClassDetails(
  { tx, now }: Snapshot,
  classId: ClassId,
  changed: DetailColumns['attributes'] = {},
): Promise<ClassDetails | null> {
  const [[row], definitions] = await Promise.all([
    query<DetailColumns>(
      tx,
      `select c.class_id, c.description_zh, c.description_en, c.attributes, c.contents, c.declared is not null as is_hidden, c.interchangeable, c.origin, c.supply_cap,
         ${TERM_COLUMNS},
         g.name_zh as game_zh, g.name_en as game_en, s.name_zh as studio_zh, s.name_en as studio_en,
         (select count(*)::int from custody.items i where i.class_id = c.class_id) as issued,
         (select count(*)::int from custody.items i where i.class_id = c.class_id and i.is_burned) as burned
       from catalogue.item_classes c join catalogue.games g on g.game_id = c.game_id
       left join studio.studios s on s.acct = c.studio_acct where c.class_id = $1`,
      [classId],
    ),
    query<DefinitionColumns>(
      tx,
      `select d.key, d.type, d.label_zh, d.label_en, d.filterable, d.unit, d.scale, d.mutable from catalogue.attribute_definitions d
       join catalogue.item_classes c on c.game_id = d.game_id where c.class_id = $1 order by d.position`,
      [classId],
    ),
  ]);
  if (row === undefined) return null;
  return {
    gameNames: { zh: row.game_zh, en: row.game_en },
    studioNames: { zh: row.studio_zh, en: row.studio_en ?? '' },
    description: descriptionOf(row),
    isHidden: row.is_hidden,
    attributes: row.is_hidden ? [] : valuesOf(definitions, { ...row.attributes, ...changed }),
    contents: row.is_hidden ? [] : row.contents.map(({ name, chance }) => ({ name, chance: Number(chance) })),
    terms: termsOf(row, now),
    announced: announcedOf(termsOverTime(row), now),
  };
}

function valuesOf(definitions: readonly DefinitionColumns[], values: DetailColumns['attributes']): ClassPage['attributes'] {
  return definitions.flatMap((definition) => {
    const value = values[definition.key];
    return value === undefined || value === null ? [] : [{ definition: definitionOf(definition), value }];
  });
}

export function definitionOf(row: DefinitionColumns): AttributeDefinition {
  const { key, type, filterable, unit, scale, mutable: isMutable } = row;
  return { key, type, labels: { zh: row.label_zh, en: row.label_en }, filterable, unit, scale, isMutable };
}

function descriptionOf({ description_zh: zh, description_en: en }: DetailColumns): Names | null {
  return zh === null && en === null ? null : { zh, en: en ?? zh ?? '' };
}

function termsOf(row: DetailColumns, now: Instant): ClassTerms {
  const held = termsInForce(termsOverTime(row), now);
  return {
    supplyCap: row.supply_cap === null ? null : Number(row.supply_cap),
    issued: row.issued,
    burned: row.burned,
    feeBps: held.fee_bps,
    royaltyBps: held.royalty_bps,
    publicityHours: held.publicity_hours,
    protectionHours: held.protection_hours,
    resaleWaitTradingDays: held.resale_wait_trading_days,
    collectible: held.is_collectible,
    interchangeable: row.interchangeable,
    isGiftable: held.is_giftable,
    isResalable: held.is_resalable,
    mintSchedule: held.mint_schedule,
    smallestOfferBps: held.smallest_offer_bps,
    origin: row.origin,
  };
}

/** Kinds whose terms in force ask for no publicity, or for nothing before an item is passed on. */
export async function listEasyKinds(
  sql: Queryable,
  now: Instant,
  { atOnce, transferable }: { readonly atOnce: boolean | undefined; readonly transferable: boolean | undefined },
): Promise<ReadonlySet<ClassId>> {
  const rows = await query<TermColumns & { class_id: string }>(
    sql,
    `select c.class_id, ${TERM_COLUMNS} from catalogue.item_classes c
     where c.next_terms is not null or (${atOnce === true ? 'c.publicity_hours = 0' : 'true'}
       and ${transferable === true ? 'c.giftable and c.resalable and c.resale_wait_trading_days = 0 and not c.collectible' : 'true'})`,
  );
  const isEasy = (row: TermColumns) => {
    const held = termsInForce(termsOverTime(row), now);
    const isFree = held.is_giftable && held.is_resalable && held.resale_wait_trading_days === 0 && !held.is_collectible;
    return (atOnce !== true || held.publicity_hours === 0) && (transferable !== true || isFree);
  };
  return new Set(rows.filter(isEasy).map((row) => parseClassId(row.class_id)));
}

/** Null: nothing is announced that is not in force yet. */
export function announcedOf(over: TermsOverTime, now: Instant): AnnouncedTerms | null {
  const next = announcedTerms(over, now);
  if (next === null) return null;
  return {
    from: toIso(next.from),
    daysLeft: Math.max(1, Math.round((next.from - now) / DAY_MS)),
    changes: changesOf(termsInForce(over, now), next.terms),
  };
}

const DAY_MS = 86_400_000;
