/** Which Items an account holds in the certified state. Built at the first question, then kept up block by block. */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { CertifiedBlock } from './types.ts';

const BURNED = 1;

export class Holders {
  readonly #state: LedgerState;
  readonly #owners: string[] = [];
  readonly #items = new Map<string, Set<number>>();
  #isBuilt = false;

  constructor(state: LedgerState) {
    this.#state = state;
  }

  /** Serials, ascending. */
  itemsOf(acct: Uint8Array): readonly bigint[] {
    this.#build();
    return [...(this.#items.get(toHex(acct)) ?? [])].sort((a, b) => a - b).map(BigInt);
  }

  follow(block: CertifiedBlock): void {
    if (!this.#isBuilt) return;
    for (const { leaves } of block.txs) {
      for (const state of leaves) if (state.reg === 1) this.#move(Number(state.leaf.serial), state.leaf.flags, state.leaf.owner);
    }
  }

  #build(): void {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    for (const state of this.#state.leaves(1))
      if (state.reg === 1) this.#move(Number(state.leaf.serial), state.leaf.flags, state.leaf.owner);
  }

  #move(serial: number, flags: number, owner: Uint8Array): void {
    const before = this.#owners[serial];
    if (before !== undefined) this.#items.get(before)?.delete(serial);
    const after = (flags & BURNED) === 0 ? toHex(owner) : '';
    this.#owners[serial] = after;
    if (after === '') return;
    const held = this.#items.get(after) ?? new Set();
    held.add(serial);
    this.#items.set(after, held);
  }
}
