/**
 * An engine in memory that keeps the contract until it is told to break it: lose answers, forget, go back to an earlier state, or show
 * each member a slot of its own. Tests hold the members to safety under all of it.
 */
import type { DecidedSlot, Decision, OrderingEngine, Reading } from './ordering-engine.ts';

export interface HostileEngineOptions {
  readonly now: () => number;
}

/** Whether a call that fails had taken effect before. */
export type Loss = 'before' | 'after';

interface Lease {
  readonly term: bigint;
  readonly member: number;
  readonly ttlMs: number;
  expires: number;
}

interface Saved {
  readonly slots: ReadonlyMap<string, Uint8Array>;
  readonly lastTerm: bigint;
}

const keyOf = (epoch: number, height: bigint): string => `${epoch}:${height}`;

export class HostileEngine implements OrderingEngine {
  readonly #now: () => number;
  #slots = new Map<string, Uint8Array>();
  #lease: Lease | null = null;
  #lastTerm = 0n;
  #losses: Loss[] = [];
  #isAway = false;
  readonly #wakers = new Set<() => void>();
  #isClosed = false;

  constructor({ now }: HostileEngineOptions) {
    this.#now = now;
  }

  /** The next write calls fail, in order: before their effect, or after it. */
  loseAnswers(...losses: readonly Loss[]): void {
    this.#losses.push(...losses);
  }

  /** While away, every call fails without effect. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
  }

  /** A copy to `rewind` to. */
  save(): Saved {
    return { slots: new Map(this.#slots), lastTerm: this.#lastTerm };
  }

  /** As if restored from an old copy: slots and terms of later come again. */
  rewind(saved: Saved): void {
    this.#slots = new Map(saved.slots);
    this.#lastTerm = saved.lastTerm;
    this.#lease = null;
  }

  /** Puts a slot where it likes, over one that was decided. */
  forge(epoch: number, height: bigint, slot: Uint8Array): void {
    this.#slots.set(keyOf(epoch, height), slot);
    this.#wake();
  }

  async campaign(member: number, ttlMs: number): Promise<{ readonly term: bigint } | null> {
    return this.#write(() => {
      const current = this.#live();
      if (current !== null && current.member !== member) return null;
      this.#lastTerm += 1n;
      this.#lease = { term: this.#lastTerm, member, ttlMs, expires: this.#now() + ttlMs };
      return { term: this.#lastTerm };
    });
  }

  async renew(term: bigint): Promise<boolean> {
    return this.#write(() => {
      const current = this.#live();
      if (current === null || current.term !== term) return false;
      current.expires = this.#now() + current.ttlMs;
      return true;
    });
  }

  async resign(term: bigint): Promise<void> {
    this.#write(() => {
      if (this.#lease?.term === term) this.#lease = null;
    });
  }

  async decide(epoch: number, height: bigint, term: bigint, slot: Uint8Array): Promise<Decision> {
    return this.#write(() => {
      const standing = this.#slots.get(keyOf(epoch, height));
      if (standing !== undefined) return { won: Buffer.compare(standing, slot) === 0, slot: standing };
      if (this.#live()?.term !== term) return { won: false, slot: null };
      this.#slots.set(keyOf(epoch, height), new Uint8Array(slot));
      this.#wake();
      return { won: true, slot };
    });
  }

  async read(epoch: number, height: bigint): Promise<Reading> {
    this.#assertThere();
    return { term: this.#live()?.term ?? 0n, slot: this.#slots.get(keyOf(epoch, height)) ?? null };
  }

  async *watch(epoch: number, from: bigint): AsyncGenerator<DecidedSlot> {
    for (let height = from; !this.#isClosed; ) {
      this.#assertThere();
      const slot = this.#slots.get(keyOf(epoch, height));
      if (slot === undefined) {
        await this.#nextChange();
        continue;
      }
      yield { height, slot };
      height += 1n;
    }
  }

  async trim(below: bigint): Promise<void> {
    this.#write(() => {
      for (const key of this.#slots.keys()) if (BigInt(key.split(':')[1] ?? 0) < below) this.#slots.delete(key);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
  }

  #live(): Lease | null {
    return this.#lease !== null && this.#lease.expires > this.#now() ? this.#lease : null;
  }

  #write<T>(work: () => T): T {
    this.#assertThere();
    const loss = this.#losses.shift();
    if (loss === 'before') throw new Error('the engine gave no answer');
    const result = work();
    if (loss === 'after') throw new Error('the engine gave no answer');
    return result;
  }

  #assertThere(): void {
    if (this.#isAway || this.#isClosed) throw new Error("the engine can't be reached");
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakers.add(resolve);
    });
  }

  #wake(): void {
    for (const waker of this.#wakers) waker();
    this.#wakers.clear();
  }
}
