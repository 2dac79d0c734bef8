/** An entry with the leaves that its effects hash, as a node keeps it and as a passport shows it. */
import { decodeEntry } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

export interface StoredEntry {
  /** PCE of the Entry. */
  readonly entry: Bytes;
  /** PCE of each leaf after the entry, in the order of its effects: the log proves hashes, a passport shows what they mean. */
  readonly leaves: readonly Bytes[];
}

/** PCE length of a leaf by register: items, accounts, classes, orders, records. */
const LEAF_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 183],
  [2, 176],
  [3, 252],
  [4, 62],
  [5, 122],
]);

/** Cuts leaves that were stored one after the other: the effects name their registers. @throws {ParseError} `stored_leaves_malformed` */
export function storedEntryOf(entry: Bytes, joinedLeaves: Uint8Array): StoredEntry {
  let offset = 0;
  const leaves = decodeEntry(entry).effects.map(({ reg }) => {
    const end = offset + (LEAF_BYTES.get(reg) ?? Number.NaN);
    if (!(end <= joinedLeaves.length)) throw new ParseError('stored_leaves_malformed', { reg, offset });
    const leaf = joinedLeaves.slice(offset, end);
    offset = end;
    return leaf;
  });
  if (offset !== joinedLeaves.length) throw new ParseError('stored_leaves_malformed', { left: joinedLeaves.length - offset });
  return { entry, leaves };
}
