/** Items of sales by their serials, with their kind and its studio. */
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

export type PlacedItem = { readonly itemId: string; readonly classId: string; readonly studioAcct: string };

export async function listItemsOfTrades(tx: Tx, serials: readonly bigint[]): Promise<ReadonlyMap<bigint, PlacedItem>> {
  const rows = await query<{ serial: string; item_id: string; class_id: string; studio_acct: string }>(
    tx,
    `select i.ledger_serial::text as serial, i.item_id, i.class_id, c.studio_acct from custody.items i
     join catalogue.item_classes c on c.class_id = i.class_id where i.ledger_serial = any($1::text[]::bigint[])`,
    [[...new Set(serials)].map(String)],
  );
  return new Map(rows.map((row) => [BigInt(row.serial), { itemId: row.item_id, classId: row.class_id, studioAcct: row.studio_acct }]));
}
