/** The changes of one LedgerTx while it is applied: reads see them, nothing is kept unless the LedgerTx passes. */

import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import {
  type AccountLeaf,
  type ClassLeaf,
  encodeStateLeaf,
  type ItemLeaf,
  NO_ENTRY,
  type OrderLeaf,
  REGISTER,
  type RecordLeaf,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import { compareEffects, type Effect } from '#ledger/codec/tx.ts';
import { stateLeaf } from '#ledger/merkle/register.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { StateView } from './view.ts';

/** Fields of a record that an op decides. */
export interface RecordChange {
  readonly kind: number;
  readonly key: RecordLeaf['key'];
  readonly value?: RecordLeaf['value'];
  readonly prior?: RecordLeaf['prior'];
  readonly a?: bigint;
}

interface Change {
  readonly state: StateLeaf;
  readonly prev: bigint;
}

export class Draft {
  readonly #view: StateView;
  readonly #entryIndex: bigint;
  readonly #changes = new Map<string, Change>();
  readonly #added = new Map<number, bigint>();
  readonly policies: AuthPolicy[] = [];
  readonly configs: ConsortiumConfig[] = [];

  constructor(view: StateView) {
    this.#view = view;
    this.#entryIndex = view.logSize;
  }

  /** The serial that the next new leaf of a register gets. */
  nextSerial(reg: number): bigint {
    return this.#view.count(reg) + (this.#added.get(reg) ?? 0n);
  }

  putItem(leaf: Omit<ItemLeaf, 'lastEntry'>): void {
    this.#put({ reg: REGISTER.items, leaf: { ...leaf, lastEntry: this.#entryIndex } }, () => this.#view.itemBySerial(leaf.serial));
  }

  putAccount(leaf: Omit<AccountLeaf, 'lastEntry'>): void {
    this.#put({ reg: REGISTER.accounts, leaf: { ...leaf, lastEntry: this.#entryIndex } }, () => this.#view.accountById(leaf.acct));
  }

  putClass(leaf: Omit<ClassLeaf, 'lastEntry'>): void {
    this.#put({ reg: REGISTER.classes, leaf: { ...leaf, lastEntry: this.#entryIndex } }, () =>
      leaf.serial < this.#view.count(REGISTER.classes) ? this.#view.classById(Number(leaf.serial)) : null,
    );
  }

  putOrder(leaf: Omit<OrderLeaf, 'lastEntry'>): void {
    this.#put({ reg: REGISTER.orders, leaf: { ...leaf, lastEntry: this.#entryIndex } }, () => this.#view.orderById(leaf.order));
  }

  putRecord(change: RecordChange): void {
    const before = this.#view.record(change.kind, change.key);
    const serial = before === null ? this.nextSerial(REGISTER.records) : before.serial;
    const { kind, key, value = ZERO_32, prior = ZERO_32, a = 0n } = change;
    this.#put({ reg: REGISTER.records, leaf: { serial, kind, key, value, prior, a, lastEntry: this.#entryIndex } }, () => before);
  }

  /** Counts Items of an account up or down. */
  addItemCount(acct: Uint8Array, by: bigint): void {
    const before = this.#view.accountById(acct);
    assert(before !== null, 'an owner has an account');
    const changed = this.#changes.get(keyOf(REGISTER.accounts, before.serial))?.state;
    const leaf = changed?.reg === REGISTER.accounts ? changed.leaf : before;
    this.putAccount({ ...leaf, itemCount: leaf.itemCount + by });
  }

  finish(): { readonly effects: readonly Effect[]; readonly leaves: readonly StateLeaf[] } {
    const pairs = [...this.#changes.values()].map(({ state, prev }) => ({
      state,
      effect: { reg: state.reg, index: state.leaf.serial, leaf: stateLeaf(encodeStateLeaf(state)), prev },
    }));
    pairs.sort((a, b) => compareEffects(a.effect, b.effect));
    return { effects: pairs.map((pair) => pair.effect), leaves: pairs.map((pair) => pair.state) };
  }

  #put(state: StateLeaf, before: () => { readonly lastEntry: bigint } | null): void {
    const key = keyOf(state.reg, state.leaf.serial);
    const known = this.#changes.get(key);
    if (known !== undefined) {
      this.#changes.set(key, { state, prev: known.prev });
      return;
    }
    const leaf = before();
    if (leaf === null) this.#added.set(state.reg, (this.#added.get(state.reg) ?? 0n) + 1n);
    this.#changes.set(key, { state, prev: leaf === null ? NO_ENTRY : leaf.lastEntry });
  }
}

function keyOf(reg: number, serial: bigint): string {
  return `${reg}:${serial}`;
}
