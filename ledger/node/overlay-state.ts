/**
 * The certified state plus what is sequenced after it. Checks and quotes read here. It holds only the leaves that differ, so
 * that a new block costs a fresh, empty overlay and not a second copy of the state.
 */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { type AccountLeaf, type ClassLeaf, type ItemLeaf, type OrderLeaf, REGISTER, type RecordLeaf } from '#ledger/codec/leaves.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Applied } from '#ledger/state/applied.ts';
import type { StateView } from '#ledger/state/view.ts';
import { configHash, policyHash } from '#ledger/tx/ids.ts';

/** A map that can go back to a mark. */
class Layer<Value> {
  readonly #map = new Map<string, Value>();
  readonly #journal: { readonly key: string; readonly before: Value | undefined }[] = [];

  get mark(): number {
    return this.#journal.length;
  }

  get(key: string): Value | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: Value): void {
    this.#journal.push({ key, before: this.#map.get(key) });
    this.#map.set(key, value);
  }

  values(): Iterable<Value> {
    return this.#map.values();
  }

  rollback(mark: number): void {
    while (this.#journal.length > mark) {
      const change = this.#journal.pop();
      assert(change !== undefined, 'the journal holds what it counts');
      if (change.before === undefined) this.#map.delete(change.key);
      else this.#map.set(change.key, change.before);
    }
  }
}

/** Bytes as a map key: half the length of hex and no table look-ups. */
export function byteKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

const pairKey = (first: number | bigint, second: Uint8Array): string => `${first}:${byteKey(second)}`;

export class OverlayState implements StateView {
  readonly #base: StateView;
  readonly #items = new Layer<ItemLeaf>();
  readonly #itemExts = new Layer<ItemLeaf>();
  readonly #accounts = new Layer<AccountLeaf>();
  readonly #classes = new Layer<ClassLeaf>();
  readonly #classExts = new Layer<ClassLeaf>();
  readonly #orders = new Layer<OrderLeaf>();
  readonly #records = new Layer<RecordLeaf>();
  readonly #policies = new Layer<AuthPolicy>();
  readonly #configs = new Layer<ConsortiumConfig>();
  readonly #txIds = new Layer<true>();
  readonly #counts = new Layer<bigint>();
  readonly #baseSize: bigint;
  #applied = 0n;
  #savepoints: (() => void)[] = [];

  constructor(base: StateView) {
    this.#base = base;
    this.#baseSize = base.logSize;
  }

  get logSize(): bigint {
    return this.#baseSize + this.#applied;
  }

  count(reg: number): bigint {
    return this.#counts.get(String(reg)) ?? this.#base.count(reg);
  }

  itemBySerial(serial: bigint): ItemLeaf | null {
    return this.#items.get(String(serial)) ?? this.#base.itemBySerial(serial);
  }

  itemByExt(cls: number, ext: Uint8Array): ItemLeaf | null {
    return this.#itemExts.get(pairKey(cls, ext)) ?? this.#base.itemByExt(cls, ext);
  }

  accountById(acct: Uint8Array): AccountLeaf | null {
    return this.#accounts.get(byteKey(acct)) ?? this.#base.accountById(acct);
  }

  classById(cls: number): ClassLeaf | null {
    return this.#classes.get(String(cls)) ?? this.#base.classById(cls);
  }

  classByExt(issuer: Uint8Array, ext: Uint8Array): ClassLeaf | null {
    return this.#classExts.get(byteKey(issuer) + byteKey(ext)) ?? this.#base.classByExt(issuer, ext);
  }

  orderById(orderId: Uint8Array): OrderLeaf | null {
    return this.#orders.get(byteKey(orderId)) ?? this.#base.orderById(orderId);
  }

  record(kind: number, key: Uint8Array): RecordLeaf | null {
    return this.#records.get(pairKey(kind, key)) ?? this.#base.record(kind, key);
  }

  recordsOfKind(kind: number): readonly RecordLeaf[] {
    const bySerial = new Map(this.#base.recordsOfKind(kind).map((leaf) => [leaf.serial, leaf]));
    for (const leaf of this.#records.values()) if (leaf.kind === kind) bySerial.set(leaf.serial, leaf);
    return [...bySerial.values()].sort((a, b) => (a.serial < b.serial ? -1 : 1));
  }

  /** Serials of the Items that differ from the base. */
  changedItems(): readonly bigint[] {
    return [...this.#items.values()].map((leaf) => leaf.serial);
  }

  /** As this overlay has it; null for an Item that it does not change. */
  changedItem(serial: bigint): ItemLeaf | null {
    return this.#items.get(String(serial)) ?? null;
  }

  /** Serials of the Classes that differ from the base. */
  changedClasses(): readonly bigint[] {
    return [...this.#classes.values()].map((leaf) => leaf.serial);
  }

  /** As this overlay has it; null for a Class that it does not change. */
  changedClass(serial: bigint): ClassLeaf | null {
    return this.#classes.get(String(serial)) ?? null;
  }

  policyByHash(hash: Uint8Array): AuthPolicy | null {
    return this.#policies.get(byteKey(hash)) ?? this.#base.policyByHash(hash);
  }

  configByHash(hash: Uint8Array): ConsortiumConfig | null {
    return this.#configs.get(byteKey(hash)) ?? this.#base.configByHash(hash);
  }

  hasTx(txId: Uint8Array): boolean {
    return this.#txIds.get(byteKey(txId)) === true || this.#base.hasTx(txId);
  }

  /** Moves by one LedgerTx that passed `apply` on this very state. */
  absorb(applied: Applied): void {
    for (const state of applied.leaves) {
      if (state.leaf.serial >= this.count(state.reg)) this.#counts.set(String(state.reg), state.leaf.serial + 1n);
      switch (state.reg) {
        case REGISTER.items:
          this.#items.set(String(state.leaf.serial), state.leaf);
          this.#itemExts.set(pairKey(state.leaf.cls, state.leaf.ext), state.leaf);
          break;
        case REGISTER.accounts:
          this.#accounts.set(byteKey(state.leaf.acct), state.leaf);
          break;
        case REGISTER.classes:
          this.#classes.set(String(state.leaf.serial), state.leaf);
          this.#classExts.set(byteKey(state.leaf.issuer) + byteKey(state.leaf.ext), state.leaf);
          break;
        case REGISTER.orders:
          this.#orders.set(byteKey(state.leaf.order), state.leaf);
          break;
        case REGISTER.records:
          this.#records.set(pairKey(state.leaf.kind, state.leaf.key), state.leaf);
          break;
      }
    }
    for (const policy of applied.policies) this.#policies.set(byteKey(policyHash(policy)), policy);
    for (const config of applied.configs) this.#configs.set(byteKey(configHash(config)), config);
    this.#txIds.set(byteKey(applied.txId), true);
    this.#applied += 1n;
  }

  begin(): void {
    const layers = [
      this.#items,
      this.#itemExts,
      this.#accounts,
      this.#classes,
      this.#classExts,
      this.#orders,
      this.#records,
      this.#policies,
      this.#configs,
      this.#txIds,
      this.#counts,
    ];
    const marks = layers.map((layer) => layer.mark);
    const applied = this.#applied;
    this.#savepoints.push(() => {
      for (const [at, layer] of layers.entries()) layer.rollback(marks[at] ?? 0);
      this.#applied = applied;
    });
  }

  /** Returns to the newest `begin` and removes it. */
  rollback(): void {
    const undo = this.#savepoints.pop();
    assert(undo !== undefined, 'a savepoint is set');
    undo();
  }

  /** Removes the newest savepoint and keeps what came after it. */
  commit(): void {
    assert(this.#savepoints.pop() !== undefined, 'a savepoint is set');
  }
}
