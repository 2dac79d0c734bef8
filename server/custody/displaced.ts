/**
 * Custody after a block that decided otherwise than sequencing told (`ledger.md` 6.1, 10.6): the ledger is right, so these Items are written
 * anew from it, and kinds get their numbers. Runs in the block's own database transaction while nobody is sequenced: there is no moment at
 * which the two differ.
 *
 * A Trade that was refused keeps its rows: its remedy, which may be the same Trade once more, decides about money and Item together.
 */
import { REGISTER } from '#ledger/codec/leaves.ts';
import type { CertifiedTx, Displaced, Sequenced } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { accountIdOf, type ItemId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { classIdFrom, itemIdOf } from '#ledger/tx/ids.ts';
import type { Tx } from '#server/db.ts';
import { BURNED, custodyChanges, untilOf } from './custody.ts';
import * as repo from './displaced.repo.ts';

export async function followDisplaced(tx: Tx, displaced: Displaced): Promise<void> {
  await followClasses(tx, displaced);
  if (displaced.items.length > 0) await followItems(tx, displaced);
}

/** The numbers of kinds; a declaration that is refused leaves a kind without one, and it is never certified. */
async function followClasses(tx: Tx, { classes, pending }: Displaced): Promise<void> {
  if (classes.length === 0) return;
  await repo.parkClasses(tx, classes);
  await repo.renumberClasses(
    tx,
    classes.flatMap((serial) => {
      const leaf = pending.classById(Number(serial));
      return leaf === null ? [] : [{ classId: classIdFrom(leaf.issuer, leaf.ext), serial }];
    }),
  );
}

async function followItems(tx: Tx, { items: serials, foreign, sealedAt, pending }: Displaced): Promise<void> {
  const at = instant(Number(sealedAt));
  const items = serials.flatMap((serial) => standingOf(pending, serial) ?? []);
  const rows = await repo.listDisplaced(tx, serials, [...new Set(items.map(({ itemId }) => itemId))]);
  const known = new Map(rows.map((row) => [row.itemId, row]));
  const standings = new Map(items.map((item) => [item.itemId, item]));
  const { minted, changed } = custodyChanges(
    foreign.map((each) => ({ env: each.entry.env, result: sequencedOf(each) })),
    pending,
    at,
  );
  await repo.openCustody(tx);
  await repo.parkSerials(tx, rows.filter((row) => standings.get(row.itemId)?.serial !== row.serial).map(keyOf));
  const mintedBy = new Map(minted.map(({ itemId, txId }) => [itemId, txId]));
  const fresh = items.filter(({ itemId }) => !known.has(itemId));
  await repo.insertItems(
    tx,
    fresh.map((item) => ({ ...item, at, txId: mintedBy.get(item.itemId) ?? new Uint8Array(32) })),
  );
  await repo.moveSerials(
    tx,
    items.filter(({ itemId }) => known.has(itemId)),
  );
  const isTraded = ({ txId, isOfTrade }: repo.DisplacedRow) => isOfTrade && !pending.hasTx(txId);
  await repo.restateItems(
    tx,
    items.filter(({ itemId }) => {
      const row = known.get(itemId);
      return row === undefined || !isTraded(row);
    }),
  );
  await repo.insertForeignHops(tx, minted, changed);
  const gone = rows.filter(({ itemId }) => !standings.has(itemId));
  await repo.removeItems(tx, gone.map(keyOf));
  await repo.numberUnits(tx, [...new Set([...rows, ...items].map(({ classId }) => classId))]);
  await repo.closeCustody(tx);
}

const keyOf = ({ itemId }: { readonly itemId: ItemId }): ItemId => itemId;

/** Null: the ledger has no Item of this number any more. */
function standingOf(pending: StateView, serial: bigint): repo.ItemStanding | null {
  const leaf = pending.itemBySerial(serial);
  if (leaf === null) return null;
  const classLeaf = pending.classById(leaf.cls);
  assert(classLeaf !== null, 'an Item has its kind');
  return {
    itemId: itemIdOf(classLeaf.issuer, classLeaf.ext, leaf.ext),
    classId: classIdFrom(classLeaf.issuer, classLeaf.ext),
    serial,
    owner: (leaf.flags & BURNED) === 0 ? accountIdOf(leaf.owner) : null,
    ver: leaf.ver,
    protectedUntil: untilOf(leaf.protectedUntil),
    frozenUntil: untilOf(leaf.frozenUntil),
  };
}

/** As if it had been sequenced here. */
function sequencedOf({ txId, seq, entry, leaves }: CertifiedTx): Sequenced {
  return {
    kind: 'sequenced',
    txId,
    seq,
    effects: entry.effects,
    items: leaves.flatMap((state) => (state.reg === REGISTER.items ? [state.leaf] : [])),
    classes: leaves.flatMap((state) => (state.reg === REGISTER.classes ? [state.leaf] : [])),
    accounts: [],
    orders: [],
    records: [],
    replayed: false,
  };
}
