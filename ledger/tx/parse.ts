/** Bytes from outside to a LedgerTx, or the code of `ledger.md` 5 that refuses them. */
import { decodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Rejected, rejected } from './codes.ts';

export interface ParsedTx {
  readonly kind: 'parsed';
  readonly env: TxEnv;
}

export function parseTxEnv(bytes: Uint8Array): ParsedTx | Rejected {
  try {
    return { kind: 'parsed', env: decodeTxEnv(bytes) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { code } = error;
    return rejected(code === 'tx_version' || code === 'op_unknown' || code === 'op_reserved' ? code : 'tx_malformed');
  }
}
