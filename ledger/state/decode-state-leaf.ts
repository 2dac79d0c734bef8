/** A leaf of any register from its bytes. */
import {
  decodeAccountLeaf,
  decodeClassLeaf,
  decodeItemLeaf,
  decodeOrderLeaf,
  decodeRecordLeaf,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

/** Bytes of a leaf by register. */
export const LEAF_BYTES: Readonly<Record<number, number>> = { 1: 183, 2: 176, 3: 252, 4: 62, 5: 122 };

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
