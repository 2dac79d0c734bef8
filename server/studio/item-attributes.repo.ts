/** SQL of attributes that were changed on single items. */
import type postgres from 'postgres';
import { itemAttributes } from '#drizzle/schema/index.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
import type { AttributeValues } from './attribute-values.ts';

type Sql = postgres.Sql | postgres.TransactionSql;

export type OwnItem = {
  readonly serial: bigint;
  readonly gameId: string;
  readonly cls: number;
  readonly isHeld: boolean;
  /** Of its kind, and what differs on this item now. */
  readonly declared: AttributeValues;
  readonly changed: AttributeValues;
};

/** An item of the studio's own kinds. What the members refused counts no more. */
export async function findOwnItem(sql: Sql, acct: string, itemId: string): Promise<OwnItem | null> {
  const [row] = await sql<
    { serial: string; game_id: string; cls: string; held: boolean; declared: AttributeValues; changed: AttributeValues | null }[]
  >`
    select i.ledger_serial::text as serial, c.game_id, c.ledger_serial::text as cls, c.attributes as declared,
      exists (select from custody.item_holds h where h.item_id = i.item_id and h.state = 'active') as held,
      (select a.after from catalogue.item_attributes a join ledger.ledger_txs x using (tx_id)
       where a.item_id = i.item_id and x.status <> 'refused' order by a.ver desc limit 1) as changed
    from custody.items i join catalogue.item_classes c using (class_id) where i.item_id = ${itemId} and c.studio_acct = ${acct} and not i.is_burned`;
  if (row === undefined) return null;
  const { serial, cls, game_id: gameId, declared, held: isHeld } = row;
  return { serial: BigInt(serial), cls: Number(cls), gameId, declared, changed: row.changed ?? {}, isHeld };
}

export type ItemChange = {
  readonly itemId: string;
  readonly ver: bigint;
  readonly txId: Uint8Array;
  readonly at: Instant;
  readonly referenceId: string;
  readonly before: AttributeValues;
  readonly after: AttributeValues;
};

export async function insertItemChange(sql: postgres.TransactionSql, change: ItemChange): Promise<void> {
  const { itemId, ver, txId, at: changedAt, referenceId, before, after } = change;
  await orm(sql).insert(itemAttributes).values({ itemId, ver, txId, changedAt, referenceId, before, after });
}

export type UnitValues = {
  /** Live units of the kind. */
  readonly live: number;
  /** The kind's own. */
  readonly declared: AttributeValues;
  /** What differs now on each live unit that was changed. */
  readonly changed: readonly AttributeValues[];
};

export async function listUnitValues(sql: Sql, classId: string): Promise<UnitValues> {
  const [row] = await sql<UnitValues[]>`
    select count(*)::int as live, (select attributes from catalogue.item_classes where class_id = ${classId}) as declared, coalesce(json_agg(a.after) filter (where a.after is not null), '[]') as changed
    from custody.items i left join lateral (
      select c.after from catalogue.item_attributes c join ledger.ledger_txs x using (tx_id)
      where c.item_id = i.item_id and x.status <> 'refused' order by c.ver desc limit 1) a on true
    where i.class_id = ${classId} and not i.is_burned`;
  return { live: row?.live ?? 0, declared: row?.declared ?? {}, changed: row?.changed ?? [] };
}

export type ItemChangeRow = { readonly at: Date; readonly before: AttributeValues; readonly after: AttributeValues };

/** Oldest first. */
export async function listItemChanges(sql: Sql, itemId: string): Promise<readonly ItemChangeRow[]> {
  return sql<ItemChangeRow[]>`
    select a.changed_at as at, a.before, a.after from catalogue.item_attributes a join ledger.ledger_txs x using (tx_id)
    where a.item_id = ${itemId} and x.status <> 'refused' order by a.ver`;
}
