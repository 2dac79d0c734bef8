/**
 * The state in memory: leaves by serial, the indexes that `apply` reads, the eight registers and the log tree, with nested
 * levels of undo. It starts from stored leaves (`loadLeaf`) and moves by `absorb`.
 */

import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import {
  type AccountLeaf,
  type ClassLeaf,
  encodeStateLeaf,
  type ItemLeaf,
  type OrderLeaf,
  REGISTER_COUNT,
  type RecordLeaf,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import { LogTree } from '#ledger/merkle/log-tree.ts';
import { Register, stateLeaf, stateRoot } from '#ledger/merkle/register.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { configHash, policyHash } from '#ledger/tx/ids.ts';
import type { Applied } from './applied.ts';
import type { StateView } from './view.ts';

interface Table<Leaf> {
  readonly leaves: Leaf[];
  readonly index: Map<string, number>;
  readonly keyOf: (leaf: Leaf) => string;
}

function table<Leaf>(keyOf: (leaf: Leaf) => string): Table<Leaf> {
  return { leaves: [], index: new Map(), keyOf };
}

/** The leaf that stood there before; answers what puts it back. */
function place<Leaf>(into: Table<Leaf>, serial: number, leaf: Leaf): () => void {
  const before = into.leaves[serial];
  assert(serial <= into.leaves.length, 'a register is dense');
  into.leaves[serial] = leaf;
  const key = into.keyOf(leaf);
  if (before === undefined) into.index.set(key, serial);
  return () => {
    if (before !== undefined) {
      into.leaves[serial] = before;
      return;
    }
    into.leaves.pop();
    into.index.delete(key);
  };
}

const itemKey = (cls: number, ext: Uint8Array): string => `${cls}:${toHex(ext)}`;
const classKey = (issuer: Uint8Array, ext: Uint8Array): string => `${toHex(issuer)}:${toHex(ext)}`;
const recordKeyText = (kind: number, key: Uint8Array): string => `${kind}:${toHex(key)}`;

export class LedgerState implements StateView {
  readonly #items = table<ItemLeaf>((leaf) => itemKey(leaf.cls, leaf.ext));
  readonly #accounts = table<AccountLeaf>((leaf) => toHex(leaf.acct));
  readonly #classes = table<ClassLeaf>((leaf) => classKey(leaf.issuer, leaf.ext));
  readonly #orders = table<OrderLeaf>((leaf) => toHex(leaf.order));
  readonly #records = table<RecordLeaf>((leaf) => recordKeyText(leaf.kind, leaf.key));
  readonly #registers: readonly Register[] = Array.from({ length: REGISTER_COUNT }, () => new Register());
  readonly #policies = new Map<string, AuthPolicy>();
  readonly #configs = new Map<string, ConsortiumConfig>();
  /** txId to the end of its window: after that the window refuses it anyway. */
  readonly #txIds = new Map<string, bigint>();
  readonly #marks: { readonly undo: number; readonly logSize: number }[] = [];
  #undo: (() => void)[] = [];
  readonly log: LogTree;

  constructor(log: LogTree = new LogTree()) {
    this.log = log;
  }

  get logSize(): bigint {
    return BigInt(this.log.size);
  }

  register(reg: number): Register {
    const register = this.#registers[reg - 1];
    assert(register !== undefined, `register ${reg} is one of eight`);
    return register;
  }

  count(reg: number): bigint {
    return BigInt(this.register(reg).count);
  }

  itemBySerial(serial: bigint): ItemLeaf | null {
    return this.#items.leaves[Number(serial)] ?? null;
  }

  itemByExt(cls: number, ext: Uint8Array): ItemLeaf | null {
    return find(this.#items, itemKey(cls, ext));
  }

  accountById(acct: Uint8Array): AccountLeaf | null {
    return find(this.#accounts, toHex(acct));
  }

  classById(cls: number): ClassLeaf | null {
    return this.#classes.leaves[cls] ?? null;
  }

  classByExt(issuer: Uint8Array, ext: Uint8Array): ClassLeaf | null {
    return find(this.#classes, classKey(issuer, ext));
  }

  orderById(orderId: Uint8Array): OrderLeaf | null {
    return find(this.#orders, toHex(orderId));
  }

  record(kind: number, key: Uint8Array): RecordLeaf | null {
    return find(this.#records, recordKeyText(kind, key));
  }

  recordsOfKind(kind: number): readonly RecordLeaf[] {
    return this.#records.leaves.filter((leaf) => leaf.kind === kind);
  }

  policyByHash(hash: Uint8Array): AuthPolicy | null {
    return this.#policies.get(toHex(hash)) ?? null;
  }

  configByHash(hash: Uint8Array): ConsortiumConfig | null {
    return this.#configs.get(toHex(hash)) ?? null;
  }

  hasTx(txId: Uint8Array): boolean {
    return this.#txIds.has(toHex(txId));
  }

  /** Takes a stored leaf at start-up, in the order of serials within its register. */
  loadLeaf(leaf: StateLeaf): void {
    this.#put(leaf, stateLeaf(encodeStateLeaf(leaf)));
  }

  /** Bodies are kept by hash: one too many changes nothing. */
  loadPolicy(policy: AuthPolicy): void {
    this.#policies.set(toHex(policyHash(policy)), policy);
  }

  loadConfig(config: ConsortiumConfig): void {
    this.#configs.set(toHex(configHash(config)), config);
  }

  loadTxId(txId: Uint8Array, notAfter: bigint): void {
    const key = toHex(txId);
    this.#txIds.set(key, notAfter);
    if (this.#marks.length > 0) this.#undo.push(() => this.#txIds.delete(key));
  }

  /** Forgets txIds whose window has ended. Only between blocks. */
  forgetTxIds(now: bigint): void {
    assert(this.#marks.length === 0, 'no level of undo is open');
    for (const [key, notAfter] of this.#txIds) if (notAfter <= now) this.#txIds.delete(key);
  }

  /** Moves the state by one accepted LedgerTx; `logLeafHash` is the hash of its Entry. */
  absorb(applied: Applied, logLeafHash: Uint8Array): void {
    applied.leaves.forEach((leaf, index) => {
      const effect = applied.effects[index];
      assert(effect !== undefined && effect.reg === leaf.reg && effect.index === leaf.leaf.serial, 'one effect per leaf');
      this.#put(leaf, effect.leaf);
    });
    for (const policy of applied.policies) this.loadPolicy(policy);
    for (const config of applied.configs) this.loadConfig(config);
    this.loadTxId(applied.txId, applied.notAfter);
    this.log.append(logLeafHash);
  }

  stateRoot(): Bytes {
    return stateRoot(this.#registers.map((register, index) => register.regRoot(index + 1)));
  }

  logRoot(): Bytes {
    return this.log.root();
  }

  /** All leaves of a register in the order of serials, for snapshots and rebuilding. */
  *leaves(reg: number): Generator<StateLeaf> {
    switch (reg) {
      case 1:
        for (const leaf of this.#items.leaves) yield { reg, leaf };
        return;
      case 2:
        for (const leaf of this.#accounts.leaves) yield { reg, leaf };
        return;
      case 3:
        for (const leaf of this.#classes.leaves) yield { reg, leaf };
        return;
      case 4:
        for (const leaf of this.#orders.leaves) yield { reg, leaf };
        return;
      case 5:
        for (const leaf of this.#records.leaves) yield { reg, leaf };
        return;
    }
  }

  /** The leaf at a serial of a register; `null` beyond it. */
  leafAt(reg: number, serial: bigint): StateLeaf | null {
    const at = Number(serial);
    if (reg === 1) {
      const leaf = this.#items.leaves[at];
      return leaf === undefined ? null : { reg, leaf };
    }
    if (reg === 2) {
      const leaf = this.#accounts.leaves[at];
      return leaf === undefined ? null : { reg, leaf };
    }
    if (reg === 3) {
      const leaf = this.#classes.leaves[at];
      return leaf === undefined ? null : { reg, leaf };
    }
    if (reg === 4) {
      const leaf = this.#orders.leaves[at];
      return leaf === undefined ? null : { reg, leaf };
    }
    if (reg === 5) {
      const leaf = this.#records.leaves[at];
      return leaf === undefined ? null : { reg, leaf };
    }
    return null;
  }

  policies(): Iterable<AuthPolicy> {
    return this.#policies.values();
  }

  configs(): Iterable<ConsortiumConfig> {
    return this.#configs.values();
  }

  /** Opens a level of undo; levels nest and each ends in `commit` or `rollback`. */
  begin(): void {
    this.#marks.push({ undo: this.#undo.length, logSize: this.log.size });
    for (const register of this.#registers) register.begin();
  }

  commit(): void {
    assert(this.#marks.pop() !== undefined, 'a level of undo is open');
    if (this.#marks.length === 0) this.#undo = [];
    for (const register of this.#registers) register.commit();
  }

  rollback(): void {
    const mark = this.#marks.pop();
    assert(mark !== undefined, 'a level of undo is open');
    while (this.#undo.length > mark.undo) this.#undo.pop()?.();
    this.log.truncate(mark.logSize);
    for (const register of this.#registers) register.rollback();
  }

  #put(state: StateLeaf, hash: Uint8Array): void {
    const serial = Number(state.leaf.serial);
    const undo = this.#placeLeaf(state, serial);
    if (this.#marks.length > 0) this.#undo.push(undo);
    this.register(state.reg).set(serial, hash);
  }

  #placeLeaf(state: StateLeaf, serial: number): () => void {
    switch (state.reg) {
      case 1:
        return place(this.#items, serial, state.leaf);
      case 2:
        return place(this.#accounts, serial, state.leaf);
      case 3:
        return place(this.#classes, serial, state.leaf);
      case 4:
        return place(this.#orders, serial, state.leaf);
      case 5:
        return place(this.#records, serial, state.leaf);
    }
  }
}

function find<Leaf>(from: Table<Leaf>, key: string): Leaf | null {
  const serial = from.index.get(key);
  return serial === undefined ? null : (from.leaves[serial] ?? null);
}
