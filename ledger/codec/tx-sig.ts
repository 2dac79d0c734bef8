/** TxSig (`ledger.md` 5): one key's signature over the root of a batch of ids. */
import { type Bytes, compareBytes } from '#ledger/primitives/bytes.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { encodeWith, type Writer } from './writer.ts';

export const MAX_TX_SIGS = 16;
export const MAX_ORDER_SIGS = 4;
export const MAX_BATCH_PATH = 16;
const SMALLEST_TX_SIG = 106;

export interface TxSig {
  readonly acct: Bytes;
  readonly keyIdx: number;
  readonly keyEpoch: number;
  /** r and s, 32 bytes each. */
  readonly sig: Bytes;
  readonly batchSize: number;
  readonly batchIndex: number;
  readonly path: readonly Bytes[];
}

export function writeTxSig(writer: Writer, sig: TxSig): void {
  writer.b32(sig.acct).u8(sig.keyIdx).u32(sig.keyEpoch).b64(sig.sig).u16(sig.batchSize).u16(sig.batchIndex);
  writer.vec(sig.path, (w, hash) => w.b32(hash));
}

export function readTxSig(reader: Reader): TxSig {
  return {
    acct: reader.b32(),
    keyIdx: reader.u8(),
    keyEpoch: reader.u32(),
    sig: reader.b64(),
    batchSize: reader.u16(),
    batchIndex: reader.u16(),
    path: reader.vec((r) => r.b32(), { smallest: 32, max: MAX_BATCH_PATH }),
  };
}

/** Ascend strictly by (acct, keyIdx). */
export function compareTxSigs(a: TxSig, b: TxSig): number {
  return compareBytes(a.acct, b.acct) || a.keyIdx - b.keyIdx;
}

export function readTxSigs(reader: Reader, max: number): readonly TxSig[] {
  const sigs = reader.vec(readTxSig, { smallest: SMALLEST_TX_SIG, min: 1, max });
  requireAscending(sigs, compareTxSigs, 'sigs');
  return sigs;
}

export const encodeTxSig = (sig: TxSig): Bytes => encodeWith(writeTxSig, sig);
/** @throws {ParseError} */
export const decodeTxSig = (bytes: Uint8Array): TxSig => decodeWith(readTxSig, bytes);
