/** What `apply` reads: the state as left by the previous LedgerTx. Reads are synchronous and never touch a disk. */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { AccountLeaf, ClassLeaf, ItemLeaf, OrderLeaf, RecordLeaf } from '#ledger/codec/leaves.ts';

export interface StateView {
  /** Entries in the log: the index the next one gets. */
  readonly logSize: bigint;
  /** Leaves in a register: the serial the next one gets. */
  count(reg: number): bigint;
  itemBySerial(serial: bigint): ItemLeaf | null;
  itemByExt(cls: number, ext: Uint8Array): ItemLeaf | null;
  accountById(acct: Uint8Array): AccountLeaf | null;
  classById(cls: number): ClassLeaf | null;
  classByExt(issuer: Uint8Array, ext: Uint8Array): ClassLeaf | null;
  orderById(orderId: Uint8Array): OrderLeaf | null;
  record(kind: number, key: Uint8Array): RecordLeaf | null;
  recordsOfKind(kind: number): readonly RecordLeaf[];
  policyByHash(hash: Uint8Array): AuthPolicy | null;
  configByHash(hash: Uint8Array): ConsortiumConfig | null;
  /** Whether the log holds this LedgerTx; knows at least those whose window has not ended. */
  hasTx(txId: Uint8Array): boolean;
}
