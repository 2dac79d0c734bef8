/** Identifiers of the ledger (`ledger.md` 3): tagged hashes of canonical bytes. */

import { type AuthPolicy, encodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type ConsortiumConfig, encodeConsortiumConfig } from '#ledger/codec/config.ts';
import { encodeGenesis, type Genesis } from '#ledger/codec/genesis.ts';
import { encodeHeader, type Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf, type StateLeaf } from '#ledger/codec/leaves.ts';
import { encodeOrder, type Order } from '#ledger/codec/order.ts';
import { encodeTxBody, type TxBody } from '#ledger/codec/tx.ts';
import { encodeWith } from '#ledger/codec/writer.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { taggedHash } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import { type ClassId, type ItemId, classIdOf as parseClassIdBytes, itemIdOf as parseItemIdBytes } from '#ledger/primitives/ids.ts';

const STATE_LEAF = Uint8Array.of(0x10);
const LOG_LEAF = Uint8Array.of(0x00);

export const chainIdOf = (genesis: Genesis): Bytes => taggedHash('PLP1/chain', encodeGenesis(genesis));
/** Of the first AuthPolicy; never changes. */
export const accountIdFromPolicy = (policy: AuthPolicy): Bytes => taggedHash('PLP1/acct', encodeAuthPolicy(policy));
export const policyHash = (policy: AuthPolicy): Bytes => taggedHash('PLP1/policy', encodeAuthPolicy(policy));

/**
 * Hashes of values that are asked for again and again, kept with the value itself: a header is hashed by everybody who hears of it,
 * a body at every step from the mempool to the log, and a configuration is two kilobytes. The values are never changed.
 */
function remembered<T extends object>(hash: (value: T) => Bytes): (value: T) => Bytes {
  const known = new WeakMap<T, Bytes>();
  return (value) => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const made = hash(value);
    known.set(value, made);
    return made;
  };
}

export const orderIdOf = remembered((order: Order): Bytes => taggedHash('PLP1/orderid', encodeOrder(order)));
export const txIdOf = remembered((body: TxBody): Bytes => taggedHash('PLP1/txid', encodeTxBody(body)));
export const headerHash = remembered((header: Header): Bytes => taggedHash('PLP1/hdr', encodeHeader(header)));
export const configHash = remembered((config: ConsortiumConfig): Bytes => taggedHash('PLP1/cfg', encodeConsortiumConfig(config)));

/** Known before the Mint, the same on a successor chain. */
export function itemIdOf(issuer: Uint8Array, classExt: Uint8Array, itemExt: Uint8Array): ItemId {
  return parseItemIdBytes(taggedHash('PLP1/item', issuer, classExt, itemExt).subarray(0, 16));
}

/** First 16 bytes of SM3(issuer, ext). */
export function classIdFrom(issuer: Uint8Array, ext: Uint8Array): ClassId {
  return parseClassIdBytes(sm3(issuer, ext).subarray(0, 16));
}

/** `ext` of a class or an Item: SM3 of the studio's own key in UTF-8. */
export const extOf = (reference: string): Bytes => sm3(utf8(reference));

/** `salt` of a write with a reference id, so that any member can find it again. */
export function saltFromReference(acct: Uint8Array, referenceId: string): Bytes {
  return taggedHash('PLP1/ref', acct, utf8(referenceId)).slice(0, 16);
}

export const stateLeafHash = (state: StateLeaf): Bytes => sm3(STATE_LEAF, encodeStateLeaf(state));
/** Hash of an entry as a leaf of the log. */
export const logLeafHash = (entryBytes: Uint8Array): Bytes => sm3(LOG_LEAF, entryBytes);

/** Keys of the records register (`ledger.md` 8). */
export const recordKey = {
  rulePack: (jurisdiction: string): Bytes => taggedHash('PLP1/record', utf8(jurisdiction)),
  /** The `experiment` field of ops 7 and 17. */
  experiment: (id: string): Bytes => taggedHash('PLP1/record', utf8(id)),
  config: (): Bytes => new Uint8Array(32),
  evidence: (kind: number, a: Uint8Array, b: Uint8Array): Bytes => taggedHash('PLP1/record', Uint8Array.of(kind), a, b),
  consent: (acct: Uint8Array, cls: number): Bytes =>
    taggedHash(
      'PLP1/record',
      acct,
      encodeWith((writer, value: number) => writer.u32(value), cls),
    ),
} as const;
