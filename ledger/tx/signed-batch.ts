/** What the signature of a TxSig covers (`ledger.md` 5.1). */
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { batchRootOf } from '#ledger/merkle/batch-tree.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import type { BatchTag } from './sign.ts';

export type SignedBatch =
  | { readonly kind: 'message'; readonly message: Bytes }
  | { readonly kind: 'rejected'; readonly code: 'batch_range' };

type Known = { readonly tag: BatchTag; readonly chain: Uint8Array; readonly id: Uint8Array; readonly message: Bytes };

/** Who verifies ahead asks first and `apply` once more, for the same TxSig: its path is hashed once. A TxSig is never changed. */
const known = new WeakMap<TxSig, Known>();

/** The message under the signature of this TxSig for the txId or orderId, or `batch_range`. Shared: do not write into it. */
export function signedBatchOf(tag: BatchTag, chain: Uint8Array, id: Uint8Array, sig: TxSig): SignedBatch {
  const found = known.get(sig);
  if (found !== undefined && found.tag === tag && equalBytes(found.id, id) && equalBytes(found.chain, chain))
    return { kind: 'message', message: found.message };
  const batch = batchRootOf({ id, batchIndex: sig.batchIndex, batchSize: sig.batchSize, path: sig.path });
  if (batch.kind === 'rejected') return batch;
  const message = signedMessage(tag, chain, batch.root);
  known.set(sig, { tag, chain, id, message });
  return { kind: 'message', message };
}
