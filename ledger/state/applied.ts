/** What `apply` takes and answers. */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { StateLeaf } from '#ledger/codec/leaves.ts';
import type { Effect } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export interface ApplyContext {
  /** The header's `sealedAt`, in milliseconds. */
  readonly now: bigint;
  readonly height: bigint;
  readonly chain: Bytes;
  /** In force at `height`. */
  readonly config: ConsortiumConfig;
  /**
   * The configuration that headers of that epoch named, for evidence about it; null: none did. Read off the headers below `height`, it is
   * the same at every member: two that know different pasts would judge differently.
   */
  readonly formerConfig: (epoch: number) => ConsortiumConfig | null;
  /** `Genesis.demonstration` is 1. */
  readonly demonstration: boolean;
  /** Log size of the predecessor chain, whose configuration records are not this chain's; 0: there is none. */
  readonly firstEntry: bigint;
  /** Curve arithmetic alone; it may remember results, as ledger.md 5.1 allows. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

export interface Applied {
  readonly kind: 'applied';
  readonly txId: Bytes;
  readonly notAfter: bigint;
  /** Ascending by (reg, index). */
  readonly effects: readonly Effect[];
  /** The changed leaves, one per effect and in the same order. */
  readonly leaves: readonly StateLeaf[];
  /** Bodies that the new leaves name by hash. */
  readonly policies: readonly AuthPolicy[];
  readonly configs: readonly ConsortiumConfig[];
}
