/** SQL of the studio's lists, paged by ledger serial. */
import type postgres from 'postgres';

export type ClassListRow = {
  readonly ledger_serial: string;
  readonly class_id: string;
  readonly class_ref: string;
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly is_certified: boolean;
};
export type ItemListRow = {
  readonly ledger_serial: string;
  readonly item_id: string;
  readonly class_id: string;
  readonly class_ref: string;
  readonly item_ref: string;
  readonly owner: string;
  readonly ver: string;
};

export async function listClassRows(
  sql: postgres.Sql,
  acct: string,
  after: bigint,
  below: bigint,
  limit: number,
): Promise<readonly ClassListRow[]> {
  return sql<ClassListRow[]>`
    select ledger_serial::text, class_id, class_ref, name_zh, name_en, certified_at is not null as is_certified from catalogue.item_classes
    where studio_acct = ${acct} and ledger_serial > ${after.toString()}::bigint and ledger_serial < ${below.toString()}::bigint order by catalogue.item_classes.ledger_serial limit ${limit}`;
}

export async function listItemRows(
  sql: postgres.Sql,
  acct: string,
  after: bigint,
  below: bigint,
  limit: number,
): Promise<readonly ItemListRow[]> {
  return sql<ItemListRow[]>`
    select i.ledger_serial::text, i.item_id, i.class_id, c.class_ref, r.item_ref, i.owner, i.ver::text
    from custody.items i join catalogue.item_classes c using (class_id) join catalogue.item_refs r using (item_id)
    where c.studio_acct = ${acct} and i.ledger_serial > ${after.toString()}::bigint and i.ledger_serial < ${below.toString()}::bigint order by i.ledger_serial limit ${limit}`;
}

export async function findItemRow(sql: postgres.Sql, acct: string, itemId: string): Promise<ItemListRow | null> {
  const rows = await sql<ItemListRow[]>`
    select i.ledger_serial::text, i.item_id, i.class_id, c.class_ref, r.item_ref, i.owner, i.ver::text
    from custody.items i join catalogue.item_classes c using (class_id) join catalogue.item_refs r using (item_id)
    where c.studio_acct = ${acct} and i.item_id = ${itemId}`;
  return rows[0] ?? null;
}

type HopRow = { readonly act: string; readonly at: Date; readonly from_acct: string | null; readonly to_acct: string };

export async function listItemHops(
  sql: postgres.Sql,
  itemId: string,
): Promise<readonly { act: string; at: string; from: string | null; to: string }[]> {
  const rows = await sql<HopRow[]>`select act, at, from_acct, to_acct from custody.hops where item_id = ${itemId} order by ver`;
  return rows.map((row) => ({ act: row.act, at: row.at.toISOString(), from: row.from_acct, to: row.to_acct }));
}
