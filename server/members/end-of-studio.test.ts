import { expect, test } from 'vitest';
import { encodeTxBody, type TxBody } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { formatEndOfStudio, parseEndOfStudio } from './end-of-studio.ts';

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const bodyOf = (op: TxBody['op']): TxBody => ({ chain: bytes(32, 1), salt: bytes(16, 2), notBefore: 1n, notAfter: 2n, op });
const end = (at: bigint): TxBody => bodyOf({ kind: 'studio_sunset', studio: bytes(32, 3), at, archive: bytes(32, 4), successor: null });
const sig = { acct: bytes(32, 5), keyIdx: 0, keyEpoch: 0, sig: bytes(64, 6), batchSize: 1, batchIndex: 0, path: [] };

test('a draft comes back from its file, before and after it was signed', () => {
  const draft = { body: end(7n), env: null };
  expect(parseEndOfStudio(formatEndOfStudio(draft))).toEqual(draft);
  const signed = { ...draft, env: { body: draft.body, sigs: [sig] } };
  expect(parseEndOfStudio(formatEndOfStudio(signed))).toEqual(signed);
});

test('a file that shows one end and was signed for another, or ends no studio, is refused', () => {
  const swapped = { body: end(7n), env: { body: end(8n), sigs: [sig] } };
  expect(() => parseEndOfStudio(formatEndOfStudio(swapped))).toThrow('another LedgerTx than it shows');
  const burn = bodyOf({ kind: 'burn', serial: 1n, ver: 1n });
  expect(() => parseEndOfStudio(JSON.stringify({ endOfStudio: toHex(encodeTxBody(burn)), env: null }))).toThrow('ends no studio');
});
