/**
 * LedgerTx applied on top of another view and not yet in its log: what a sequencer sees between two blocks. Serials are
 * those the base will give; `lastEntry` is not final, because a LedgerTx before may still drop out.
 */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import {
  type AccountLeaf,
  type ClassLeaf,
  type ItemLeaf,
  type OrderLeaf,
  REGISTER,
  type RecordLeaf,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { configHash, policyHash } from '#ledger/tx/ids.ts';
import type { Applied } from './applied.ts';
import type { StateView } from './view.ts';

export class OverlayState implements StateView {
  readonly #base: StateView;
  readonly #items = new Map<bigint, ItemLeaf>();
  readonly #itemByExt = new Map<string, bigint>();
  readonly #accounts = new Map<string, AccountLeaf>();
  readonly #classes = new Map<number, ClassLeaf>();
  readonly #classByExt = new Map<string, number>();
  readonly #orders = new Map<string, OrderLeaf>();
  readonly #records = new Map<string, RecordLeaf>();
  readonly #policies = new Map<string, AuthPolicy>();
  readonly #configs = new Map<string, ConsortiumConfig>();
  readonly #txIds = new Map<string, true>();
  readonly #counts = new Map<number, bigint>();
  readonly #marks: number[] = [];
  #undo: (() => void)[] = [];
  #entries = 0n;

  constructor(base: StateView) {
    this.#base = base;
  }

  get logSize(): bigint {
    return this.#base.logSize + this.#entries;
  }

  count(reg: number): bigint {
    return this.#counts.get(reg) ?? this.#base.count(reg);
  }

  itemBySerial(serial: bigint): ItemLeaf | null {
    return this.#items.get(serial) ?? this.#base.itemBySerial(serial);
  }

  itemByExt(cls: number, ext: Uint8Array): ItemLeaf | null {
    const serial = this.#itemByExt.get(`${cls}:${toHex(ext)}`);
    return serial === undefined ? this.#base.itemByExt(cls, ext) : this.itemBySerial(serial);
  }

  accountById(acct: Uint8Array): AccountLeaf | null {
    return this.#accounts.get(toHex(acct)) ?? this.#base.accountById(acct);
  }

  classById(cls: number): ClassLeaf | null {
    return this.#classes.get(cls) ?? this.#base.classById(cls);
  }

  classByExt(issuer: Uint8Array, ext: Uint8Array): ClassLeaf | null {
    const cls = this.#classByExt.get(`${toHex(issuer)}:${toHex(ext)}`);
    return cls === undefined ? this.#base.classByExt(issuer, ext) : this.classById(cls);
  }

  orderById(orderId: Uint8Array): OrderLeaf | null {
    return this.#orders.get(toHex(orderId)) ?? this.#base.orderById(orderId);
  }

  record(kind: number, key: Uint8Array): RecordLeaf | null {
    return this.#records.get(`${kind}:${toHex(key)}`) ?? this.#base.record(kind, key);
  }

  recordsOfKind(kind: number): readonly RecordLeaf[] {
    const own = [...this.#records.values()].filter((leaf) => leaf.kind === kind);
    const serials = new Set(own.map((leaf) => leaf.serial));
    return [...this.#base.recordsOfKind(kind).filter((leaf) => !serials.has(leaf.serial)), ...own];
  }

  policyByHash(hash: Uint8Array): AuthPolicy | null {
    return this.#policies.get(toHex(hash)) ?? this.#base.policyByHash(hash);
  }

  configByHash(hash: Uint8Array): ConsortiumConfig | null {
    return this.#configs.get(toHex(hash)) ?? this.#base.configByHash(hash);
  }

  hasTx(txId: Uint8Array): boolean {
    return this.#txIds.has(toHex(txId)) || this.#base.hasTx(txId);
  }

  /** Moves by one accepted LedgerTx. */
  absorb(applied: Applied): void {
    for (const leaf of applied.leaves) this.#put(leaf);
    for (const policy of applied.policies) this.#set(this.#policies, toHex(policyHash(policy)), policy);
    for (const config of applied.configs) this.#set(this.#configs, toHex(configHash(config)), config);
    this.#set(this.#txIds, toHex(applied.txId), true);
    this.#entries += 1n;
    if (this.#marks.length === 0) return;
    this.#undo.push(() => {
      this.#entries -= 1n;
    });
  }

  /** Opens a level of undo; levels nest and each ends in `commit` or `rollback`. */
  begin(): void {
    this.#marks.push(this.#undo.length);
  }

  commit(): void {
    assert(this.#marks.pop() !== undefined, 'a level of undo is open');
    if (this.#marks.length === 0) this.#undo = [];
  }

  rollback(): void {
    const mark = this.#marks.pop();
    assert(mark !== undefined, 'a level of undo is open');
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }

  #set<K, V>(into: Map<K, V>, key: K, value: V): void {
    const before = into.get(key);
    into.set(key, value);
    if (this.#marks.length === 0) return;
    this.#undo.push(() => {
      if (before === undefined) into.delete(key);
      else into.set(key, before);
    });
  }

  #put(state: StateLeaf): void {
    const { serial } = state.leaf;
    if (serial >= this.count(state.reg)) this.#set(this.#counts, state.reg, serial + 1n);
    switch (state.reg) {
      case REGISTER.items:
        this.#set(this.#items, serial, state.leaf);
        this.#set(this.#itemByExt, `${state.leaf.cls}:${toHex(state.leaf.ext)}`, serial);
        return;
      case REGISTER.accounts:
        this.#set(this.#accounts, toHex(state.leaf.acct), state.leaf);
        return;
      case REGISTER.classes:
        this.#set(this.#classes, Number(serial), state.leaf);
        this.#set(this.#classByExt, `${toHex(state.leaf.issuer)}:${toHex(state.leaf.ext)}`, Number(serial));
        return;
      case REGISTER.orders:
        this.#set(this.#orders, toHex(state.leaf.order), state.leaf);
        return;
      case REGISTER.records:
        this.#set(this.#records, `${state.leaf.kind}:${toHex(state.leaf.key)}`, state.leaf);
        return;
    }
  }
}
