/**
 * State registers (ledger.md 8): a perfect binary tree of depth 32 per register, leaves dense from serial 0, empty places
 * `E0 = 0³²`. A leaf changes at once, the inner nodes only when a root or a proof is asked for.
 */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { PREFIX } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { HASH_BYTES, HashColumn } from './hash-column.ts';

export const REGISTER_DEPTH = 32;
export const REGISTER_CAPACITY = 2 ** REGISTER_DEPTH;
/** Ids of the eight registers, all of them always in the state root. */
export const REGISTERS = { items: 1, accounts: 2, classes: 3, orders: 4, records: 5, receivables: 6 } as const;
export const REGISTER_COUNT = 8;

export type RegisterProof = {
  /** Bit i: the sibling at level i (0 next to the leaf) is `Ei` and does not stand in the path. */
  readonly zeroMap: number;
  readonly path: readonly Bytes[];
};

const LEAF = Uint8Array.of(PREFIX.stateLeaf);
const NODE = Uint8Array.of(PREFIX.stateNode);
const REGISTER_ROOT = Uint8Array.of(PREFIX.registerRoot);
const STATE_ROOT = Uint8Array.of(PREFIX.stateRoot, REGISTER_COUNT);

/** `E0 … E32`. */
export const EMPTY_NODES: readonly Bytes[] = emptyNodes();

function emptyNodes(): readonly Bytes[] {
  const nodes: Bytes[] = [new Uint8Array(HASH_BYTES)];
  for (let level = 0; level < REGISTER_DEPTH; level++) {
    const below = nodes[level];
    assert(below !== undefined, 'each level follows the one below');
    nodes.push(sm3(NODE, below, below));
  }
  return nodes;
}

function emptyNode(level: number): Bytes {
  const node = EMPTY_NODES[level];
  assert(node !== undefined, 'a register has 33 levels');
  return node;
}

/** Hash of the PCE bytes of a leaf: `SM3(10 ‖ leaf)`. */
export function stateLeaf(leaf: Uint8Array): Bytes {
  return sm3(LEAF, leaf);
}

/** `SM3(12 ‖ id:u8 ‖ count:u64 ‖ root)`. */
export function regRoot(id: number, count: number | bigint, root: Uint8Array): Bytes {
  const head = new Uint8Array(9);
  const view = new DataView(head.buffer);
  view.setUint8(0, id);
  view.setBigUint64(1, BigInt(count), true);
  return sm3(REGISTER_ROOT, head, root);
}

/** `SM3(13 ‖ 08 ‖ regRoot₁ ‖ … ‖ regRoot₈)`, in the order of the ids. */
export function stateRoot(regRoots: readonly Uint8Array[]): Bytes {
  assert(regRoots.length === REGISTER_COUNT, 'the state has eight registers');
  return sm3(STATE_ROOT, ...regRoots);
}

type Undo = { readonly index: number; readonly before: Bytes | null };

export class Register {
  /** `#levels[k]` holds the `ceil(count / 2^k)` nodes that are not empty. */
  readonly #levels: HashColumn[];
  #dirty = new Set<number>();
  #journal: Undo[] = [];
  #marks: number[] = [];

  constructor(levels: readonly HashColumn[] = []) {
    this.#levels = levels.length === 0 ? Array.from({ length: REGISTER_DEPTH + 1 }, () => new HashColumn()) : [...levels];
  }

  /** A register that starts from leaf hashes in one block of memory, 32 bytes each. */
  static fromLeaves(leafHashes: Uint8Array): Register {
    const register = new Register();
    for (let offset = 0; offset < leafHashes.length; offset += HASH_BYTES) {
      register.set(offset / HASH_BYTES, leafHashes.subarray(offset, offset + HASH_BYTES));
    }
    return register;
  }

  get count(): number {
    return this.#column(0).length;
  }

  /** Replaces the leaf at `index`, or appends when `index` is the count. */
  set(index: number, leafHash: Uint8Array): void {
    const leaves = this.#column(0);
    assert(index <= leaves.length && index < REGISTER_CAPACITY, 'a register is dense');
    if (this.#marks.length > 0) this.#journal.push({ index, before: index < leaves.length ? leaves.get(index) : null });
    leaves.set(index, leafHash);
    this.#dirty.add(index);
  }

  leafHash(index: number): Bytes {
    return this.#column(0).get(index);
  }

  root(): Bytes {
    this.#settle();
    return this.count === 0 ? emptyNode(REGISTER_DEPTH).slice() : this.#column(REGISTER_DEPTH).get(0);
  }

  /** The register's part of the state root. */
  regRoot(id: number): Bytes {
    return regRoot(id, this.count, this.root());
  }

  /** Siblings of an index below the count, against the newest root. */
  proof(index: number): RegisterProof {
    assert(index >= 0 && index < this.count, 'the index is in the register');
    this.#settle();
    let zeroMap = 0;
    const path: Bytes[] = [];
    for (let level = 0, at = index; level < REGISTER_DEPTH; level++, at >>>= 1) {
      const column = this.#column(level);
      const sibling = (at ^ 1) >>> 0;
      if (sibling < column.length) path.push(column.get(sibling));
      else zeroMap |= 1 << level;
    }
    return { zeroMap: zeroMap >>> 0, path };
  }

  /** Opens a level of undo. Levels nest; each ends in `commit` or `rollback`. */
  begin(): void {
    this.#marks.push(this.#journal.length);
  }

  /** Keeps what was done since the last `begin`; the level outside can still undo it. */
  commit(): void {
    assert(this.#marks.pop() !== undefined, 'a level of undo is open');
    if (this.#marks.length === 0) this.#journal = [];
  }

  /** Undoes everything since the last `begin`. */
  rollback(): void {
    const mark = this.#marks.pop();
    assert(mark !== undefined, 'a level of undo is open');
    const leaves = this.#column(0);
    while (this.#journal.length > mark) {
      const undo = this.#journal.pop();
      assert(undo !== undefined, 'the journal holds what it counts');
      if (undo.before === null) {
        leaves.truncate(undo.index);
        this.#dirty.delete(undo.index);
      } else {
        leaves.set(undo.index, undo.before);
        this.#dirty.add(undo.index);
      }
    }
    // A node that covered removed leaves and still stands is the last of its level, so it covers the last leaf.
    if (leaves.length > 0) this.#dirty.add(leaves.length - 1);
  }

  clone(): Register {
    this.#settle();
    return new Register(this.#levels.map((level) => level.clone()));
  }

  #column(level: number): HashColumn {
    const column = this.#levels[level];
    assert(column !== undefined, 'a register has 33 levels');
    return column;
  }

  /** Recomputes the ancestors of changed leaves, level by level, each node once. */
  #settle(): void {
    if (this.#dirty.size === 0 && this.#isCut()) {
      for (let level = 1; level <= REGISTER_DEPTH; level++) this.#column(level).truncate(0);
      return;
    }
    if (this.#dirty.size === 0) return;
    let changed: Iterable<number> = [...this.#dirty].sort((a, b) => a - b);
    this.#dirty = new Set();
    for (let level = 0; level < REGISTER_DEPTH; level++) {
      const below = this.#column(level);
      const above = this.#column(level + 1);
      const length = Math.ceil(below.length / 2);
      if (above.length > length) above.truncate(length);
      const parents: number[] = [];
      for (const index of changed) {
        const parent = index >>> 1;
        if (parents[parents.length - 1] === parent) continue;
        parents.push(parent);
        const left = parent * 2;
        const right = left + 1 < below.length ? below.view(left + 1) : emptyNode(level);
        above.set(parent, sm3(NODE, below.view(left), right));
      }
      changed = parents;
    }
  }

  /** All leaves were rolled back, the inner nodes still stand. */
  #isCut(): boolean {
    return this.count === 0 && this.#column(REGISTER_DEPTH).length > 0;
  }
}

/** The root that a leaf hash and its siblings lead to, or `null`: index outside, wrong number of siblings, or an explicit `Ei`. */
export function rootFromProof(index: number | bigint, leafHash: Uint8Array, proof: RegisterProof): Bytes | null {
  const at = BigInt(index);
  if (at < 0n || at >= BigInt(REGISTER_CAPACITY) || leafHash.length !== HASH_BYTES) return null;
  const siblings = [...proof.path];
  let hash = new Uint8Array(leafHash);
  for (let level = 0; level < REGISTER_DEPTH; level++) {
    const empty = emptyNode(level);
    const isEmpty = ((proof.zeroMap >>> level) & 1) === 1;
    const sibling = isEmpty ? empty : siblings.shift();
    if (sibling === undefined || sibling.length !== HASH_BYTES || (!isEmpty && equalBytes(sibling, empty))) return null;
    hash = ((at >> BigInt(level)) & 1n) === 0n ? sm3(NODE, hash, sibling) : sm3(NODE, sibling, hash);
  }
  return siblings.length === 0 ? hash : null;
}
