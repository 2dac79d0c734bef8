/**
 * One lasting view of the certified state plus what is sequenced after it. Each block gets a fresh overlay below it, so whoever
 * holds the view never holds a stale one.
 */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { AccountLeaf, ClassLeaf, ItemLeaf, OrderLeaf, RecordLeaf } from '#ledger/codec/leaves.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { OverlayState } from './overlay-state.ts';

export class PendingView implements StateView {
  #overlay: OverlayState;

  constructor(overlay: OverlayState) {
    this.#overlay = overlay;
  }

  get overlay(): OverlayState {
    return this.#overlay;
  }

  replace(overlay: OverlayState): void {
    this.#overlay = overlay;
  }

  get logSize(): bigint {
    return this.#overlay.logSize;
  }

  count(reg: number): bigint {
    return this.#overlay.count(reg);
  }

  itemBySerial(serial: bigint): ItemLeaf | null {
    return this.#overlay.itemBySerial(serial);
  }

  itemByExt(cls: number, ext: Uint8Array): ItemLeaf | null {
    return this.#overlay.itemByExt(cls, ext);
  }

  accountById(acct: Uint8Array): AccountLeaf | null {
    return this.#overlay.accountById(acct);
  }

  classById(cls: number): ClassLeaf | null {
    return this.#overlay.classById(cls);
  }

  classByExt(issuer: Uint8Array, ext: Uint8Array): ClassLeaf | null {
    return this.#overlay.classByExt(issuer, ext);
  }

  orderById(orderId: Uint8Array): OrderLeaf | null {
    return this.#overlay.orderById(orderId);
  }

  record(kind: number, key: Uint8Array): RecordLeaf | null {
    return this.#overlay.record(kind, key);
  }

  recordsOfKind(kind: number): readonly RecordLeaf[] {
    return this.#overlay.recordsOfKind(kind);
  }

  policyByHash(hash: Uint8Array): AuthPolicy | null {
    return this.#overlay.policyByHash(hash);
  }

  configByHash(hash: Uint8Array): ConsortiumConfig | null {
    return this.#overlay.configByHash(hash);
  }

  hasTx(txId: Uint8Array): boolean {
    return this.#overlay.hasTx(txId);
  }
}
