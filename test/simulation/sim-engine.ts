/** An ordering engine in memory (`ledger.md` 10.7), honest until it is told not to be. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { Chance } from './chance.ts';

interface Leadership {
  readonly term: bigint;
  readonly holder: number;
  readonly expires: number;
}

export interface EngineLies {
  /** Answers that never come, or come after the effect was lost: share of calls. */
  lostAnswers: number;
  /** Reads answer with another slot, garbage, or none, and with another term. */
  falseReads: number;
  /** `decide` says that it was stored, and it was not. */
  falseDecides: number;
  /** A campaign succeeds beside a live leader, sometimes with the same term. */
  twoLeaders: number;
}

export const HONEST: EngineLies = { lostAnswers: 0, falseReads: 0, falseDecides: 0, twoLeaders: 0 };

export class SimEngine {
  lies: EngineLies = { ...HONEST };
  /** `engine.watch`: told of every slot, as far as the engine tells the truth. */
  onSlot: (epoch: number, height: bigint, slot: Bytes) => void = () => undefined;
  readonly #chance: Chance;
  readonly #slots = new Map<string, Bytes>();
  #leader: Leadership | null = null;
  #term = 0n;
  #copy: { readonly slots: ReadonlyMap<string, Bytes>; readonly term: bigint } | null = null;
  /** Every slot that was ever offered: what a lying engine draws from. */
  readonly #offered: Bytes[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  campaign(holder: number, ttlMs: number, now: number): bigint | null {
    const isFree = this.#leader === null || this.#leader.expires <= now;
    const isLie = this.#chance.hits(this.lies.twoLeaders);
    if (!isFree && !isLie) return null;
    if (!(isLie && this.#chance.hits(0.5) && this.#term > 0n)) this.#term += 1n;
    this.#leader = { term: this.#term, holder, expires: now + ttlMs };
    return this.#term;
  }

  renew(term: bigint, ttlMs: number, now: number): boolean {
    if (this.#leader === null || this.#leader.term !== term || this.#leader.expires <= now) return false;
    this.#leader = { ...this.#leader, expires: now + ttlMs };
    return true;
  }

  resign(term: bigint): void {
    if (this.#leader?.term === term) this.#leader = null;
  }

  decide(epoch: number, height: bigint, term: bigint, slot: Bytes, now: number): { readonly won: boolean; readonly slot: Bytes } {
    this.#offered.push(slot);
    const key = `${epoch} ${height}`;
    const known = this.#slots.get(key);
    if (this.#chance.hits(this.lies.falseDecides)) return { won: true, slot };
    if (known !== undefined) return { won: false, slot: known };
    if (this.#leader === null || this.#leader.term !== term || this.#leader.expires <= now) return { won: false, slot: new Uint8Array(0) };
    this.#slots.set(key, slot);
    this.onSlot(epoch, height, this.#chance.hits(this.lies.falseReads) ? (this.#chance.pick(this.#offered) ?? slot) : slot);
    return { won: true, slot };
  }

  read(epoch: number, height: bigint, now: number): { readonly term: bigint; readonly slot: Bytes | null } {
    const term = this.#leader === null || this.#leader.expires <= now ? 0n : this.#leader.term;
    const slot = this.#slots.get(`${epoch} ${height}`) ?? null;
    if (!this.#chance.hits(this.lies.falseReads)) return { term, slot };
    const lie = this.#chance.between(0, 3);
    if (lie === 0) return { term, slot: this.#chance.pick(this.#offered) ?? null };
    if (lie === 1) return { term, slot: this.#chance.bytes(40) };
    if (lie === 2) return { term: term + 1n, slot };
    return { term, slot: null };
  }

  backUp(): void {
    this.#copy = { slots: new Map(this.#slots), term: this.#term };
  }

  /** As it was when it was last backed up; without a copy, as new. Terms are given out again. */
  rewind(): void {
    this.#slots.clear();
    for (const [key, slot] of this.#copy?.slots ?? []) this.#slots.set(key, slot);
    this.#term = this.#copy?.term ?? 0n;
    this.#leader = null;
  }
}
