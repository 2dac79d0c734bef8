/** Writes custody rows. Versions guard each other: a row moves only to the version that follows its own. */
import { assert } from '#ledger/primitives/assert.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, isoOrNull, query, updateRows } from '#server/journal/rows.repo.ts';
import type { CustodyChanges, ItemChange } from './custody.ts';

export async function saveCustody(tx: Tx, { minted, changed }: CustodyChanges): Promise<void> {
  await Promise.all([saveMinted(tx, minted), saveChanged(tx, changed)]);
}

async function saveMinted(tx: Tx, minted: CustodyChanges['minted']): Promise<void> {
  if (minted.length === 0) return;
  const origins = new Map(
    (
      await query<{ class_id: string; origin: string }>(
        tx,
        'select class_id, origin from catalogue.item_classes where class_id = any($1)',
        [[...new Set(minted.map((item) => item.classId))]],
      )
    ).map((row) => [row.class_id, row.origin]),
  );
  await Promise.all([
    insertRows(
      tx,
      'custody.items',
      minted.map((item) => ({
        item_id: item.itemId,
        ledger_serial: String(item.serial),
        class_id: item.classId,
        unit_no: item.unitNo,
        owner: item.owner,
        ver: '1',
        is_burned: false,
        acquired_at: toIso(item.at),
        tx_id: bytea(item.txId),
      })),
    ),
    insertRows(
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
    ),
    insertRows(
      tx,
      'custody.lots',
      minted.map((item) => ({
        item_id: item.itemId,
        ver: '1',
        acct: item.owner,
        class_id: item.classId,
        acquired_at: toIso(item.at),
        cost_fen: null,
        source: origins.get(item.classId) === 'PLAY' ? 'play' : 'none',
      })),
    ),
  ]);
}

async function saveChanged(tx: Tx, changed: readonly ItemChange[]): Promise<void> {
  if (changed.length === 0) return;
  // Hops and gifts read the row before it moves.
  const hops = changed.flatMap(({ serial, hop }) => (hop === null ? [] : [{ serial, hop }]));
  if (hops.length > 0) {
    await tx.unsafe(
      `insert into custody.hops (item_id, ver, act, at, from_acct, to_acct, trade_id, tx_id)
       select i.item_id, r.ver, r.act, r.at, coalesce(prior.to_acct, i.owner), r.to_acct, r.trade_id, r.tx_id
       from json_to_recordset($1::text::json) as r(ledger_serial bigint, ver bigint, act text, at timestamptz, to_acct text, trade_id text, tx_id bytea)
       join custody.items i on i.ledger_serial = r.ledger_serial
       left join json_to_recordset($1::text::json) as prior(ledger_serial bigint, ver bigint, to_acct text)
         on prior.ledger_serial = r.ledger_serial and prior.ver = r.ver - 1`,
      [
        JSON.stringify(
          hops.map(({ serial, hop }) => ({
            ledger_serial: String(serial),
            ver: String(hop.ver),
            act: hop.act,
            at: toIso(hop.at),
            to_acct: hop.toAcct,
            trade_id: hop.tradeId,
            tx_id: bytea(hop.txId),
          })),
        ),
      ],
      { prepare: true },
    );
  }
  const last = new Map(changed.map((change) => [change.serial, change]));
  const moves = [...last.values()];
  const moved = moves.filter(
    (change) => change.owner !== null && changed.some((each) => each.serial === change.serial && each.hop !== null),
  );
  const others = moves.filter((change) => !moved.includes(change));
  const [movedCount, otherCount] = await Promise.all([
    updateRows(
      tx,
      'custody.items',
      ['ledger_serial'],
      moved.map((change) => ({
        ...stateColumns(change),
        owner: change.owner ?? '',
        acquired_at: change.hop === null ? null : toIso(change.hop.at),
        publicity_until: null,
        tx_id: bytea(change.txId),
      })),
      'and t.ver < r.ver',
    ),
    updateRows(tx, 'custody.items', ['ledger_serial'], others.map(stateColumns), 'and t.ver <= r.ver'),
  ]);
  assert(
    movedCount === moved.length && otherCount === others.length,
    'every item that the ledger moved stands in custody at a version before',
  );
  const gifts = moved.filter((change) => change.hop !== null && change.hop.act !== 'sold');
  if (gifts.length > 0) {
    await query(
      tx,
      `insert into custody.lots (item_id, ver, acct, class_id, acquired_at, cost_fen, source)
       select i.item_id, i.ver, i.owner, i.class_id, i.acquired_at, null, 'gift' from custody.items i where i.ledger_serial = any($1::bigint[])
       on conflict do nothing`,
      [gifts.map((change) => String(change.serial))],
    );
  }
}

function stateColumns(change: ItemChange) {
  return {
    ledger_serial: String(change.serial),
    ver: String(change.ver),
    is_burned: change.isBurned,
    protected_until: isoOrNull(change.protectedUntil),
    frozen_until: isoOrNull(change.frozenUntil),
  };
}
