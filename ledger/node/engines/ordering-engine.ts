/**
 * The ordering engine (`ledger.md` 10.7): one slot per (epoch, height), written once, by the leader of the moment. It gives progress
 * only: what it says is never believed without endorsements, so that a lying engine can stop a chain and never fork it.
 */

export interface Decision {
  /** The slot that stands is the one that was given: also when an earlier call of the same leader wrote it. */
  readonly won: boolean;
  /** What stands at the height. Null: nothing does, and `term` is not the leader's any more. */
  readonly slot: Uint8Array | null;
}

export interface Reading {
  /** Term of the leader whose lease lives; 0 when there is none. */
  readonly term: bigint;
  readonly slot: Uint8Array | null;
}

export interface DecidedSlot {
  readonly height: bigint;
  readonly slot: Uint8Array;
}

/** Every call may throw when the engine can't be reached; whether a write then took effect is unknown, and `read` tells. */
export interface OrderingEngine {
  /**
   * Makes `member` the leader for `ttlMs` unless another's lease lives: null. A member that leads already ends its own leadership and
   * begins another. Terms strictly rise over all leaderships.
   */
  campaign(member: number, ttlMs: number): Promise<{ readonly term: bigint } | null>;
  /** Extends the lease by the time it was given for. False: the leadership of this term has ended. */
  renew(term: bigint): Promise<boolean>;
  /** Ends the leadership of a term at once; also used to remove a stalled leader. Of no effect on a later one. */
  resign(term: bigint): Promise<void>;
  /** Writes the slot if none stands there and the leader's term is `term`; both in one step. */
  decide(epoch: number, height: bigint, term: bigint, slot: Uint8Array): Promise<Decision>;
  /** Linearizable, both from one snapshot. */
  read(epoch: number, height: bigint): Promise<Reading>;
  /** Slots of an epoch from a height on, in order, then new ones as they are decided. Ends with `return` or by throwing. */
  watch(epoch: number, from: bigint): AsyncGenerator<DecidedSlot>;
  /** Forgets slots below a height. Only ever below the certified tip − 10 000. */
  trim(below: bigint): Promise<void>;
  close(): Promise<void>;
}
