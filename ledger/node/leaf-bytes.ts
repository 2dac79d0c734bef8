/** Leaves as bytes: their sizes are fixed per register, so a row can hold many without lengths. */
import {
  decodeAccountLeaf,
  decodeClassLeaf,
  decodeItemLeaf,
  decodeOrderLeaf,
  decodeRecordLeaf,
  encodeStateLeaf,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import type { Effect } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';

const LEAF_BYTES: Readonly<Record<number, number>> = { 1: 183, 2: 176, 3: 252, 4: 62, 5: 122 };

/** @throws {ParseError} */
export function decodeStateLeaf(reg: number, bytes: Uint8Array): StateLeaf {
  switch (reg) {
    case 1:
      return { reg, leaf: decodeItemLeaf(bytes) };
    case 2:
      return { reg, leaf: decodeAccountLeaf(bytes) };
    case 3:
      return { reg, leaf: decodeClassLeaf(bytes) };
    case 4:
      return { reg, leaf: decodeOrderLeaf(bytes) };
    case 5:
      return { reg, leaf: decodeRecordLeaf(bytes) };
    default:
      throw new ParseError('register_unknown', { reg });
  }
}

/** The leaves of an entry, one per effect. @throws {ParseError} `leaves_malformed` */
export function splitLeaves(effects: readonly Effect[], bytes: Uint8Array): readonly Bytes[] {
  let offset = 0;
  const leaves = effects.map(({ reg }) => {
    const end = offset + (LEAF_BYTES[reg] ?? 0);
    if (end === offset || end > bytes.length) throw new ParseError('leaves_malformed', { reg });
    const leaf = new Uint8Array(bytes.subarray(offset, end));
    offset = end;
    return leaf;
  });
  if (offset !== bytes.length) throw new ParseError('leaves_malformed', { left: bytes.length - offset });
  return leaves;
}

/** PCE of a leaf of the state, or null beyond the register. */
export function leafBytes(state: LedgerState, reg: number, index: bigint): Bytes | null {
  const leaf = state.leafAt(reg, index);
  return leaf === null ? null : encodeStateLeaf(leaf);
}
