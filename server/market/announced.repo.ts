/** Kinds whose terms will change (product T-06), for the page of the rules. */
import { parseClassId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { query } from '#server/journal/rows.repo.ts';
import { TERM_COLUMNS, type TermColumns, termsOverTime } from '#server/studio/class-terms.ts';
import type { AnnouncedKind } from '#server/trpc/views.ts';
import { announcedOf } from './class-details.repo.ts';
import type { Snapshot } from './snapshot.ts';

const MOST_SHOWN = 200;

type Columns = TermColumns & {
  class_id: string;
  name_zh: string | null;
  name_en: string;
  picture: string;
  rarity: string | null;
};

export async function listAnnounced({ tx, now }: Snapshot): Promise<readonly AnnouncedKind[]> {
  const rows = await query<Columns>(
    tx,
    `select c.class_id, c.name_zh, c.name_en, c.picture, c.rarity, ${TERM_COLUMNS} from catalogue.item_classes c
     where c.next_terms_at > $1::timestamptz order by c.next_terms_at, c.ledger_serial limit ${MOST_SHOWN}`,
    [toIso(now)],
  );
  return rows.flatMap((row) => {
    const announced = announcedOf(termsOverTime(row), now);
    if (announced === null) return [];
    const { picture: icon, rarity } = row;
    return [{ ...announced, classId: parseClassId(row.class_id), names: { zh: row.name_zh, en: row.name_en }, icon, rarity }];
  });
}
