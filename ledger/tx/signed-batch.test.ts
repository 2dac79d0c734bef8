import { expect, test } from 'vitest';
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { batchOf } from '#ledger/merkle/batch-tree.ts';
import { signedBatchOf } from './signed-batch.ts';

const bytes = (value: number) => new Uint8Array(32).fill(value);
const [chain, otherChain, id, otherId] = [bytes(1), bytes(2), bytes(3), bytes(4)];
const { root, paths } = batchOf([id, bytes(9)]);
const sig: TxSig = { acct: bytes(5), keyIdx: 0, keyEpoch: 0, sig: new Uint8Array(64), batchSize: 2, batchIndex: 0, path: paths[0] ?? [] };

test('one TxSig never answers for another tag, chain or id than the one asked for', () => {
  const other = batchOf([otherId, bytes(9)]).root;
  for (let round = 0; round < 2; round++) {
    expect(signedBatchOf('PLP1/order', chain, id, sig)).toEqual({ kind: 'message', message: signedMessage('PLP1/order', chain, root) });
    expect(signedBatchOf('PLP1/txsig', chain, id, sig)).toEqual({ kind: 'message', message: signedMessage('PLP1/txsig', chain, root) });
    expect(signedBatchOf('PLP1/txsig', otherChain, id, sig)).toMatchObject({ message: signedMessage('PLP1/txsig', otherChain, root) });
    expect(signedBatchOf('PLP1/txsig', chain, otherId, sig)).toMatchObject({ message: signedMessage('PLP1/txsig', chain, other) });
  }
});

test('a place outside the batch has no message, asked once or twice', () => {
  const outside = { ...sig, batchIndex: 2 };
  for (let round = 0; round < 2; round++)
    expect(signedBatchOf('PLP1/txsig', chain, id, outside)).toEqual({ kind: 'rejected', code: 'batch_range' });
});
