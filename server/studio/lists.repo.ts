/** SQL of the studio's lists, paged by ledger serial. */
import { asc, eq } from 'drizzle-orm';
import type postgres from 'postgres';
import { hops } from '#drizzle/schema/index.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';

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

export async function listItemHops(
  sql: postgres.Sql,
  itemId: string,
): Promise<readonly { act: string; at: string; from: string | null; to: string }[]> {
  const rows = await orm(sql)
    .select({ act: hops.act, at: hops.at, from: hops.fromAcct, to: hops.toAcct })
    .from(hops)
    .where(eq(hops.itemId, itemId))
    .orderBy(asc(hops.ver));
  return rows.map((row) => ({ ...row, at: toIso(row.at) }));
}
