/** The proofs of a game's archive: every kind and item of one issuing account, and every entry that changed one of them, as receipts. Pure. */
import { type ClassLeaf, type ItemLeaf, REGISTER, type RecordLeaf, type StateLeaf } from '#ledger/codec/leaves.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type ProofView, ReceiptDraft } from '#ledger/proof/build-receipt.ts';
import type { StoredEntry } from '#ledger/proof/stored-entry.ts';

export type ArchivedProof = { readonly path: string; readonly bytes: Bytes };

/** A receipt has at most 2,048 claims and 4 MiB: an item brings its kind along, an entry has up to 64 KiB. */
const ITEMS_A_FILE = 500;
const ENTRIES_A_FILE = 500;
const ENTRY_BYTES_A_FILE = 2 * 1024 * 1024;

export type GameLeaves = {
  readonly sunset: RecordLeaf;
  readonly classes: readonly ClassLeaf[];
  readonly items: readonly ItemLeaf[];
};

/** The record of the end, then kinds, then items. */
export function proveLeaves(view: ProofView, { sunset, classes, items }: GameLeaves): readonly ArchivedProof[] {
  const leaves: readonly StateLeaf[] = [
    { reg: REGISTER.records, leaf: sunset },
    ...classes.map((leaf) => ({ reg: REGISTER.classes, leaf })),
    ...items.map((leaf) => ({ reg: REGISTER.items, leaf })),
  ];
  return chunksOf(leaves, ITEMS_A_FILE).map((some, at) => {
    const draft = new ReceiptDraft(view);
    for (const state of some) {
      if (state.reg === REGISTER.items) draft.addItem(state.leaf);
      else draft.addLeaf(state);
    }
    return { path: pathOf('items', at), bytes: draft.finish(true) };
  });
}

export function proveEntries(view: ProofView, entries: ReadonlyMap<bigint, StoredEntry>): readonly ArchivedProof[] {
  const chunks: (readonly [bigint, StoredEntry])[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const each of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const size = each[1].entry.length;
    const last = chunks.at(-1);
    if (last === undefined || last.length >= ENTRIES_A_FILE || bytes + size > ENTRY_BYTES_A_FILE) {
      chunks.push([each]);
      bytes = size;
    } else {
      last.push(each);
      bytes += size;
    }
  }
  return chunks.map((some, at) => {
    const draft = new ReceiptDraft(view);
    for (const [index, stored] of some) draft.addEntry(index, stored);
    return { path: pathOf('entries', at), bytes: draft.finish(true) };
  });
}

const pathOf = (folder: 'items' | 'entries', at: number): string => `${folder}/${String(at).padStart(4, '0')}.plproof`;

function chunksOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
