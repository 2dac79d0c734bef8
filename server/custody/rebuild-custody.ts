/**
 * Writes custody anew from the ledger's entries alone (architecture 4: custody is a copy). Holds, cost lots and publicity are the market's own
 * facts and stay as they are. All in one database transaction: either the whole table is new, or nothing happened.
 */
import {
  type ClassLeaf,
  decodeClassLeaf,
  type ItemLeaf,
  REGISTER,
  readAccountLeaf,
  readClassLeaf,
  readItemLeaf,
  readOrderLeaf,
  readRecordLeaf,
} from '#ledger/codec/leaves.ts';
import { Reader } from '#ledger/codec/reader.ts';
import { decodeEntry, type Effect } from '#ledger/codec/tx.ts';
import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { requireWholeChain } from '#ledger/node/store/base.ts';
import { decodeBlock, readEntries, streamBlocks } from '#ledger/node/store/blocks.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { saveCustody } from '#server/custody/custody.repo.ts';
import { custodyChanges } from '#server/custody/custody.ts';
import type { Sql, Tx } from '#server/db.ts';

export type RebuiltCustody =
  | { readonly kind: 'rebuilt'; readonly items: number; readonly entries: number }
  | { readonly kind: 'waiting'; readonly count: number };

/** Nobody else may be writing. Refuses while LedgerTx wait for their block, because custody is ahead of the entries by these. */
export async function rebuildCustody(sql: Sql): Promise<RebuiltCustody> {
  const [waiting] = await sql<{ count: number }[]>`select count(*)::int as count from ledger.ledger_txs where status = 'sequenced'`;
  if (waiting !== undefined && waiting.count > 0) return { kind: 'waiting', count: waiting.count };
  const classes = await readClasses(sql);
  return sql.begin(async (tx) => {
    await keepMarketFacts(tx);
    const { items, entries } = await replayInto(sql, tx, classes);
    await restoreMarketFacts(tx);
    return { kind: 'rebuilt', items, entries };
  });
}

export type ReplayedCustody = { readonly items: number; readonly entries: number };

/** Every entry into tables of custody that are empty: where there is no market yet, the lots of issues and gifts are new too. */
export async function replayCustody(sql: Sql, tx: Tx): Promise<ReplayedCustody> {
  return replayInto(sql, tx, await readClasses(sql));
}

async function replayInto(sql: Sql, tx: Tx, classes: ReadonlyMap<number, ClassLeaf>): Promise<ReplayedCustody> {
  await requireWholeChain(sql);
  let entries = 0;
  for await (const row of streamBlocks(sql, 1n)) {
    const { header } = decodeBlock(row);
    const at = instant(Number(header.sealedAt));
    for (const entry of await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize)) {
      await replayEntry(tx, entry, classes, at);
      entries += 1;
    }
  }
  const [row] = await tx<{ items: number }[]>`select count(*)::int as items from custody.items`;
  return { items: row?.items ?? 0, entries };
}

async function readClasses(sql: Sql): Promise<ReadonlyMap<number, ClassLeaf>> {
  const rows = await sql<{ leaf: Uint8Array }[]>`select leaf from ledger.classes`;
  const leaves = rows.map(({ leaf }) => decodeClassLeaf(new Uint8Array(leaf)));
  return new Map(leaves.map((leaf) => [Number(leaf.serial), leaf]));
}

/** Holds refer to items, so the reference is lifted until the items are back; the commit fails if one of them is not. */
async function keepMarketFacts(tx: Tx): Promise<void> {
  await tx`create temporary table kept_lots on commit drop as select * from custody.lots`;
  await tx`create temporary table kept_publicity on commit drop as select item_id, publicity_until from custody.items where publicity_until is not null`;
  await tx`alter table custody.item_holds drop constraint item_holds_item_id_fkey`;
  await tx`truncate custody.items, custody.hops, custody.lots`;
}

async function restoreMarketFacts(tx: Tx): Promise<void> {
  await tx`truncate custody.lots`;
  await tx`insert into custody.lots select * from kept_lots`;
  await tx`update custody.items i set publicity_until = k.publicity_until from kept_publicity k where k.item_id = i.item_id`;
  await tx`alter table custody.item_holds add constraint item_holds_item_id_fkey foreign key (item_id) references custody.items`;
}

type StoredEntry = Awaited<ReturnType<typeof readEntries>>[number];

async function replayEntry(tx: Tx, stored: StoredEntry, classes: ReadonlyMap<number, ClassLeaf>, at: Instant): Promise<void> {
  const { env, effects } = decodeEntry(stored.body);
  const left = readLeaves(stored.leaves, effects);
  if (left.items.length === 0) return;
  const result: Sequenced = {
    kind: 'sequenced',
    txId: stored.txId,
    seq: stored.index,
    effects,
    accounts: [],
    orders: [],
    records: [],
    replayed: false,
    ...left,
  };
  const pending = { classById: (cls: number) => classes.get(cls) ?? null };
  await saveCustody(tx, custodyChanges([{ env, result }], pending, at));
}

/** The leaves stand beside the entry in the order of its effects. */
function readLeaves(
  bytes: Uint8Array,
  effects: readonly Effect[],
): { readonly items: readonly ItemLeaf[]; readonly classes: readonly ClassLeaf[] } {
  const reader = new Reader(bytes);
  const items: ItemLeaf[] = [];
  const classes: ClassLeaf[] = [];
  for (const { reg } of effects) {
    if (reg === REGISTER.items) items.push(readItemLeaf(reader));
    else if (reg === REGISTER.classes) classes.push(readClassLeaf(reader));
    else if (reg === REGISTER.accounts) readAccountLeaf(reader);
    else if (reg === REGISTER.orders) readOrderLeaf(reader);
    else readRecordLeaf(reader);
  }
  reader.end();
  return { items, classes };
}
