/** Custody rows of Items that stand otherwise on the ledger than was told. The guard of versions is lifted for these statements alone. */
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, type ClassId, type ItemId, parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, isoOrNull, query, updateRows } from '#server/journal/rows.repo.ts';
import type { CustodyChanges } from './custody.ts';

/** As the ledger has it. */
export type ItemStanding = {
  readonly itemId: ItemId;
  readonly classId: ClassId;
  readonly serial: bigint;
  /** Null: burned. */
  readonly owner: AccountId | null;
  readonly ver: bigint;
  readonly protectedUntil: Instant | null;
  readonly frozenUntil: Instant | null;
};
export type DisplacedRow = {
  readonly itemId: ItemId;
  readonly classId: ClassId;
  readonly serial: bigint;
  readonly txId: Bytes;
  /** A settled trade's LedgerTx moved it last. */
  readonly isOfTrade: boolean;
};

/** Far above any number in use and unique, until the units are counted anew. */
const FIRST_PROVISIONAL_UNIT = 1_500_000_000;

export async function listDisplaced(tx: Tx, serials: readonly bigint[], itemIds: readonly ItemId[]): Promise<readonly DisplacedRow[]> {
  const rows = await query<{ item_id: string; class_id: string; ledger_serial: string; tx_id: Uint8Array; is_of_trade: boolean }>(
    tx,
    `select i.item_id, i.class_id, i.ledger_serial, i.tx_id,
       exists (select from market.trades t where t.tx_id = i.tx_id and t.state = 'settled') as is_of_trade
     from custody.items i where i.ledger_serial = any($1::bigint[]) or i.item_id = any($2)`,
    [serials.map(String), itemIds],
  );
  return rows.map((row) => ({
    itemId: parseItemId(row.item_id),
    classId: parseClassId(row.class_id),
    serial: BigInt(row.ledger_serial),
    txId: new Uint8Array(row.tx_id),
    isOfTrade: row.is_of_trade,
  }));
}

/** Frees the numbers for other kinds: below every number that was parked before and never found its place. */
export async function parkClasses(tx: Tx, serials: readonly bigint[]): Promise<void> {
  await query(
    tx,
    `update catalogue.item_classes c set ledger_serial = lowest.serial - 1 - c.ledger_serial
     from (select least(min(ledger_serial), 0) as serial from catalogue.item_classes) lowest where c.ledger_serial = any($1::bigint[])`,
    [serials.map(String)],
  );
}

export async function renumberClasses(tx: Tx, classes: readonly { readonly classId: ClassId; readonly serial: bigint }[]): Promise<void> {
  await updateRows(
    tx,
    'catalogue.item_classes',
    ['class_id'],
    classes.map(({ classId, serial }) => ({ class_id: classId, ledger_serial: String(serial) })),
  );
}

export async function openCustody(tx: Tx): Promise<void> {
  await tx`select set_config('daoju.refused_trade', 'on', true)`;
}
export async function closeCustody(tx: Tx): Promise<void> {
  await tx`select set_config('daoju.refused_trade', 'off', true)`;
}

/** Frees their numbers for one another. */
export async function parkSerials(tx: Tx, itemIds: readonly ItemId[]): Promise<void> {
  await query(tx, 'update custody.items set ledger_serial = -1 - ledger_serial where item_id = any($1) and ledger_serial >= 0', [itemIds]);
}

export async function moveSerials(tx: Tx, items: readonly ItemStanding[]): Promise<void> {
  await updateRows(
    tx,
    'custody.items',
    ['item_id'],
    items.map(({ itemId, serial }) => ({ item_id: itemId, ledger_serial: String(serial) })),
  );
}

export async function insertItems(
  tx: Tx,
  items: readonly (ItemStanding & { readonly at: Instant; readonly txId: Bytes })[],
): Promise<void> {
  await insertRows(
    tx,
    'custody.items',
    items.map((item, index) => ({
      item_id: item.itemId,
      ledger_serial: String(item.serial),
      class_id: item.classId,
      unit_no: FIRST_PROVISIONAL_UNIT + index,
      owner: item.owner ?? '0'.repeat(64),
      ver: String(item.ver),
      is_burned: item.owner === null,
      acquired_at: toIso(item.at),
      tx_id: bytea(item.txId),
    })),
  );
}

/** Owner and version as on the ledger; what stood in custody of versions beyond that never happened. */
export async function restateItems(tx: Tx, items: readonly ItemStanding[]): Promise<void> {
  await updateRows(
    tx,
    'custody.items',
    ['item_id'],
    items.map((item) => ({
      item_id: item.itemId,
      ver: String(item.ver),
      is_burned: item.owner === null,
      protected_until: isoOrNull(item.protectedUntil),
      frozen_until: isoOrNull(item.frozenUntil),
    })),
  );
  await updateRows(
    tx,
    'custody.items',
    ['item_id'],
    items.flatMap(({ itemId, owner }) => (owner === null ? [] : [{ item_id: itemId, owner }])),
    'and t.owner <> r.owner',
  );
  const ids = items.map(({ itemId }) => itemId);
  for (const table of ['custody.hops', 'custody.lots']) {
    await query(tx, `delete from ${table} h using custody.items i where i.item_id = any($1) and h.item_id = i.item_id and h.ver > i.ver`, [
      ids,
    ]);
  }
}

/** How Items moved by LedgerTx that were never sequenced here. */
export async function insertForeignHops(tx: Tx, minted: CustodyChanges['minted'], changed: CustodyChanges['changed']): Promise<void> {
  await insertRows(
    tx,
    'custody.hops',
    minted.map((item) => ({
      item_id: item.itemId,
      ver: '1',
      act: 'issued',
      at: toIso(item.at),
      from_acct: null,
      to_acct: item.owner,
      trade_id: null,
      tx_id: bytea(item.txId),
    })),
    'on conflict do nothing',
  );
  for (const { serial, hop } of changed) {
    if (hop === null) continue;
    await query(
      tx,
      `insert into custody.hops as h (item_id, ver, act, at, from_acct, to_acct, trade_id, tx_id)
       select i.item_id, $2, $3, $4,
         (select p.to_acct from custody.hops p where p.item_id = i.item_id and p.ver < $2 order by p.ver desc limit 1), $5, $6, $7
       from custody.items i where i.ledger_serial = $1
       on conflict (item_id, ver) do update set act = excluded.act, at = excluded.at, from_acct = excluded.from_acct, to_acct = excluded.to_acct,
         trade_id = excluded.trade_id, tx_id = excluded.tx_id`,
      [String(serial), String(hop.ver), hop.act, new Date(hop.at), hop.toAcct, hop.tradeId, hop.txId],
    );
    await query(
      tx,
      'update custody.items set acquired_at = $2, tx_id = $3, publicity_until = null where ledger_serial = $1 and ver >= $4',
      [String(serial), new Date(hop.at), hop.txId, String(hop.ver)],
    );
  }
  await query(
    tx,
    `insert into custody.lots (item_id, ver, acct, class_id, acquired_at, cost_fen, source)
     select h.item_id, h.ver, h.to_acct, i.class_id, h.at, null, case when h.act <> 'issued' then 'gift' when c.origin = 'PLAY' then 'play' else 'none' end
     from custody.hops h join custody.items i on i.item_id = h.item_id left join catalogue.item_classes c on c.class_id = i.class_id
     where h.tx_id in (select decode(t, 'hex') from unnest($1::text[]) t) on conflict do nothing`,
    [[...new Set([...minted, ...changed].map(({ txId }) => toHex(txId)))]],
  );
}

/** Minted by LedgerTx that were refused. One that is promised to somebody stays without a number, and `reconcile` names it. */
export async function removeItems(tx: Tx, itemIds: readonly ItemId[]): Promise<void> {
  if (itemIds.length === 0) return;
  const gone = await query<{ item_id: string }>(
    tx,
    `delete from custody.items i where i.item_id = any($1) and not exists (select from custody.item_holds h where h.item_id = i.item_id)
     returning i.item_id`,
    [itemIds],
  );
  const ids = gone.map((row) => row.item_id);
  for (const table of ['custody.hops', 'custody.lots']) await query(tx, `delete from ${table} where item_id = any($1)`, [ids]);
}

/** 1, 2, 3 … within the kind, in the order of the ledger. */
export async function numberUnits(tx: Tx, classIds: readonly ClassId[]): Promise<void> {
  const counted = `from (select item_id, row_number() over (partition by class_id order by ledger_serial) as unit
      from custody.items where class_id = any($1) and ledger_serial >= 0) n where n.item_id = i.item_id and i.unit_no <> n.unit`;
  await query(
    tx,
    `update custody.items i set unit_no = i.unit_no % 1000000000 + 1000000000 ${counted} and i.unit_no < ${String(FIRST_PROVISIONAL_UNIT)}`,
    [classIds],
  );
  await query(tx, `update custody.items i set unit_no = n.unit ${counted}`, [classIds]);
}
