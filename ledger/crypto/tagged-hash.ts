/** Domain separation (ledger.md 3): `H(s, x…) = SM3(T(s) ‖ x…)` and the message of `Sign(tag, payload)`. */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, utf8 } from '#ledger/primitives/bytes.ts';
import { sm3 } from './sm3.ts';

/** Every tag of the protocol, once. A tag is never used for two purposes. */
export const TAGS = [
  'PLP1/chain',
  'PLP1/acct',
  'PLP1/policy',
  'PLP1/txid',
  'PLP1/txsig',
  'PLP1/orderid',
  'PLP1/order',
  'PLP1/hdr',
  'PLP1/endorse',
  'PLP1/vote',
  'PLP1/seal',
  'PLP1/recov',
  'PLP1/recovsig',
  'PLP1/cfg',
  'PLP1/cfgsig',
  'PLP1/pop',
  'PLP1/promise',
  'PLP1/env',
  'PLP1/mac',
  'PLP1/wrap',
  'PLP1/grant',
  'PLP1/record',
  'PLP1/item',
  'PLP1/ref',
  'PLP1/peer',
  'PLP1/signask',
  'PLP1/signans',
] as const;
export type Tag = (typeof TAGS)[number];

/** The first byte of what is hashed in a tree (ledger.md 3). */
export const PREFIX = {
  logLeaf: 0x00,
  logNode: 0x01,
  stateLeaf: 0x10,
  stateNode: 0x11,
  registerRoot: 0x12,
  stateRoot: 0x13,
  fieldLeaf: 0x20,
  fieldNode: 0x21,
  batchLeaf: 0x30,
  batchNode: 0x31,
  batchRoot: 0x32,
} as const;

const PADDED: ReadonlyMap<string, Bytes> = new Map(
  TAGS.map((tag) => {
    const padded = new Uint8Array(16);
    padded.set(utf8(tag));
    return [tag, padded];
  }),
);

/** `T(tag)`: the tag in ASCII, zero-padded to 16 bytes. Shared: do not write into it. */
export function tag16(tag: Tag): Bytes {
  const padded = PADDED.get(tag);
  assert(padded !== undefined, `${tag} is a tag of the protocol`);
  return padded;
}

/** `H(tag, parts…)`, 32 bytes. */
export function taggedHash(tag: Tag, ...parts: readonly Uint8Array[]): Bytes {
  return sm3(tag16(tag), ...parts);
}

/** `M = T(tag) ‖ chain ‖ payload`: what an SM2 signature of the ledger covers. `PLP1/pop` passes 32 zero bytes as chain. */
export function signedMessage(tag: Tag, chain: Uint8Array, payload: Uint8Array): Bytes {
  assert(chain.length === 32, 'a chain id has 32 bytes');
  return concat(tag16(tag), chain, payload);
}
