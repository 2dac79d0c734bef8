/**
 * Signing LedgerTx and orders, one or a batch under one signature (`ledger.md` 5.1). Runs in browsers and servers.
 * The signer builds the tree itself from bodies it has decoded; it never signs a root made elsewhere.
 */
import type { Order, SignedOrder } from '#ledger/codec/order.ts';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import { compareTxSigs, type TxSig } from '#ledger/codec/tx-sig.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { batchOf } from '#ledger/merkle/batch-tree.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { orderIdOf, txIdOf } from './ids.ts';

export type BatchTag = 'PLP1/txsig' | 'PLP1/order';

/** A key of an account as the ledger knows it at signing time. */
export interface SigningKey {
  readonly acct: Uint8Array;
  readonly keyIdx: number;
  readonly keyEpoch: number;
  readonly privateKey: Uint8Array;
}

/** One TxSig per id, all carrying the one signature over the root of the batch. */
export function signIds(sm2: Sm2, key: SigningKey, tag: BatchTag, chain: Uint8Array, ids: readonly Uint8Array[]): readonly TxSig[] {
  const { root, paths } = batchOf(ids);
  const sig = sm2.sign(key.privateKey, signedMessage(tag, chain, root));
  return paths.map((path, batchIndex) => ({
    acct: new Uint8Array(key.acct),
    keyIdx: key.keyIdx,
    keyEpoch: key.keyEpoch,
    sig: new Uint8Array(sig),
    batchSize: ids.length,
    batchIndex,
    path,
  }));
}

function chainOf(items: readonly { readonly chain: Uint8Array }[]): Uint8Array {
  const chain = items[0]?.chain;
  assert(chain !== undefined, 'a batch has at least one member');
  assert(
    items.every((item) => equalBytes(item.chain, chain)),
    'a batch belongs to one chain',
  );
  return chain;
}

export function signTx(sm2: Sm2, key: SigningKey, bodies: readonly TxBody[]): readonly TxEnv[] {
  const sigs = signIds(sm2, key, 'PLP1/txsig', chainOf(bodies), bodies.map(txIdOf));
  return bodies.map((body, index) => ({ body, sigs: sigs.slice(index, index + 1) }));
}

export function signOrders(sm2: Sm2, key: SigningKey, orders: readonly Order[]): readonly SignedOrder[] {
  const sigs = signIds(sm2, key, 'PLP1/order', chainOf(orders), orders.map(orderIdOf));
  return orders.map((order, index) => ({ order, sigs: sigs.slice(index, index + 1) }));
}

/** The same LedgerTx with one TxSig more, in the order the bytes want. */
export function addSignature(env: TxEnv, sig: TxSig): TxEnv {
  const sigs = [...env.sigs, sig].sort(compareTxSigs);
  sigs.forEach((each, index) => {
    const before = sigs[index - 1];
    assert(before === undefined || compareTxSigs(before, each) < 0, 'a key signs a LedgerTx once');
  });
  return { body: env.body, sigs };
}

/** Adds another key's batch signature to LedgerTx that others have signed. */
export function coSignTx(sm2: Sm2, key: SigningKey, envs: readonly TxEnv[]): readonly TxEnv[] {
  const bodies = envs.map((env) => env.body);
  const sigs = signIds(sm2, key, 'PLP1/txsig', chainOf(bodies), bodies.map(txIdOf));
  return envs.map((env, index) => {
    const sig = sigs[index];
    assert(sig !== undefined, 'one TxSig per LedgerTx');
    return addSignature(env, sig);
  });
}
