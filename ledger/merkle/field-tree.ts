/** Field commitments (ledger.md 15.1): exactly 16 salted fields, position = id, depth 4. One field opens with 4 hashes. */

import { sm3 } from '#ledger/crypto/sm3.ts';
import { PREFIX } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export const FIELDS = 16;
export const FIELD_DEPTH = 4;
/** 1 pay, 2 terms, 3 identity (`kyc`). */
export const FIELD_SETS = { pay: 1, terms: 2, identity: 3 } as const;
export type FieldSet = (typeof FIELD_SETS)[keyof typeof FIELD_SETS];

/** An opened field: 16 bytes of fresh salt, and the PCE of the value (empty for an unused field). */
export type OpenField = { readonly salt: Uint8Array; readonly value: Uint8Array };
/** A field of an envelope: opened, or known by its leaf hash alone. */
export type CommittedField = OpenField | { readonly hash: Uint8Array };

const LEAF = Uint8Array.of(PREFIX.fieldLeaf);
const NODE = Uint8Array.of(PREFIX.fieldNode);

export function fieldLeaf(set: number, id: number, field: OpenField): Bytes {
  assert(field.salt.length === 16, 'a field salt has 16 bytes');
  assert(id >= 0 && id < FIELDS, 'a field id is 0 to 15');
  return sm3(LEAF, field.salt, Uint8Array.of(set, id), field.value);
}

/** The commitment of all 16 fields, in the order of their ids. */
export function fieldRoot(set: number, fields: readonly CommittedField[]): Bytes {
  return climb(leavesOf(set, fields), 0).root;
}

/** The 4 siblings of a field, from the leaf up. */
export function fieldPath(set: number, fields: readonly CommittedField[], id: number): readonly Bytes[] {
  assert(id >= 0 && id < FIELDS, 'a field id is 0 to 15');
  return climb(leavesOf(set, fields), id).path;
}

/** The commitment that an opened field and its 4 siblings lead to. */
export function rootFromField(set: number, id: number, field: OpenField, path: readonly Uint8Array[]): Bytes {
  assert(path.length === FIELD_DEPTH, 'a field path has 4 hashes');
  let hash = fieldLeaf(set, id, field);
  for (const [level, sibling] of path.entries()) {
    hash = ((id >>> level) & 1) === 0 ? sm3(NODE, hash, sibling) : sm3(NODE, sibling, hash);
  }
  return hash;
}

function leavesOf(set: number, fields: readonly CommittedField[]): readonly Uint8Array[] {
  assert(fields.length === FIELDS, 'a set has exactly 16 fields');
  return fields.map((field, id) => ('hash' in field ? field.hash : fieldLeaf(set, id, field)));
}

function climb(leaves: readonly Uint8Array[], id: number): { readonly root: Bytes; readonly path: readonly Bytes[] } {
  const path: Bytes[] = [];
  let level = leaves.map((leaf) => new Uint8Array(leaf));
  for (let index = id; level.length > 1; index >>>= 1) {
    const sibling = level[index ^ 1];
    assert(sibling !== undefined, 'a level has an even number of nodes');
    path.push(sibling);
    const next: Bytes[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(sm3(NODE, ...level.slice(i, i + 2)));
    level = next;
  }
  const [root] = level;
  assert(root !== undefined, 'a tree has a root');
  return { root, path };
}
