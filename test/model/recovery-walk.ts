/**
 * Seeded random walks over three epochs of one height, with recoveries in between (`ledger.md` 13.2, Appendix A): three honest
 * members and one that signs anything, three terms an epoch, two new headers an epoch. Whatever order things happen in, no two
 * headers of the height become final, in whatever epochs.
 */
import { Chance } from '#test/simulation/chance.ts';

const EPOCHS = 3;
const TERMS = 3;
const HONEST = [0, 1, 2] as const;
const QUORUM = 2;
const STEPS = 120;

export interface WalkMutant {
  /** Bases are compared by term, not by epoch and then term. */
  readonly comparesTermsAlone?: boolean;
  /** In an epoch with a base, new headers may be endorsed as well. */
  readonly endorsesBesideBase?: boolean;
}

/** A header of the height, named by the epoch it was built in. */
interface Header {
  readonly born: number;
  readonly name: 'X' | 'Y';
}
interface Set {
  readonly epoch: number;
  readonly term: number;
  readonly header: Header;
}
interface Member {
  /** By epoch and term. */
  readonly endorsed: Map<string, Header>;
  /** By epoch. */
  readonly votes: Map<number, Set>;
  /** Sets that somebody has shown it. */
  readonly shown: Set[];
  /** Signs nothing below it. */
  floor: number;
  /** Epochs whose Recovery it has accepted; epoch 0 needs none. */
  epoch: number;
}
/** What a Recovery has decided about the height: its base, or none. */
interface Recovery {
  readonly base: Header | null;
}

const same = (a: Header, b: Header): boolean => a.born === b.born && a.name === b.name;

class Walk {
  readonly #chance: Chance;
  readonly #mutant: WalkMutant;
  readonly #members: readonly Member[] = HONEST.map(() => ({ endorsed: new Map(), votes: new Map(), shown: [], floor: 0, epoch: 0 }));
  readonly #recoveries = new Map<number, Recovery>();

  constructor(seed: number, mutant: WalkMutant) {
    this.#chance = new Chance(seed);
    this.#mutant = mutant;
  }

  /** Whether two headers became final. */
  run(): boolean {
    for (let step = 0; step < STEPS; step++) {
      this.#step();
      if (this.#finals().length > 1) return true;
    }
    return false;
  }

  #step(): void {
    const member = this.#chance.pick(this.#members);
    if (member === undefined) return;
    const act = this.#chance.next();
    if (act < 0.45) this.#endorse(member);
    else if (act < 0.75) this.#vote(member);
    else if (act < 0.85) this.#show(member);
    else if (act < 0.93) this.#accept(member);
    else this.#recover();
  }

  #headersOf(epoch: number): readonly Header[] {
    const fresh: readonly Header[] = [
      { born: epoch, name: 'X' },
      { born: epoch, name: 'Y' },
    ];
    const base = this.#recoveries.get(epoch)?.base ?? null;
    if (base === null) return fresh;
    return this.#mutant.endorsesBesideBase === true ? [base, ...fresh] : [base];
  }

  #endorse(member: Member): void {
    const { epoch } = member;
    if (epoch < member.floor) return;
    const term = this.#chance.between(0, TERMS - 1);
    const header = this.#chance.pick(this.#headersOf(epoch));
    const vote = member.votes.get(epoch);
    const isLater = Array.from({ length: TERMS }, (_, each) => each).every(
      (each) => each < term || !member.endorsed.has(`${epoch} ${each}`),
    );
    if (header === undefined || !isLater || (vote !== undefined && !same(vote.header, header))) return;
    member.endorsed.set(`${epoch} ${term}`, header);
  }

  /** Every set that two honest endorsements and the liar's make. */
  #sets(): readonly Set[] {
    const sets: Set[] = [];
    for (let epoch = 0; epoch < EPOCHS; epoch++)
      for (let term = 0; term < TERMS; term++)
        for (const header of this.#members.flatMap((member) => member.endorsed.get(`${epoch} ${term}`) ?? [])) {
          const endorsers = this.#members.filter((member) => {
            const own = member.endorsed.get(`${epoch} ${term}`);
            return own !== undefined && same(own, header);
          });
          const isKnown = sets.some((set) => set.epoch === epoch && set.term === term && same(set.header, header));
          if (endorsers.length >= QUORUM && !isKnown) sets.push({ epoch, term, header });
        }
    return sets;
  }

  #vote(member: Member): void {
    const { epoch } = member;
    if (epoch < member.floor || member.votes.has(epoch)) return;
    const highest = Math.max(-1, ...Array.from({ length: TERMS }, (_, term) => (member.endorsed.has(`${epoch} ${term}`) ? term : -1)));
    const set = this.#chance.pick(this.#sets().filter((each) => each.epoch === epoch && each.term >= highest));
    if (set !== undefined) member.votes.set(epoch, set);
  }

  #show(member: Member): void {
    const set = this.#chance.pick(this.#sets());
    if (set !== undefined) member.shown.push(set);
  }

  #accept(member: Member): void {
    const newest = Math.max(0, ...this.#recoveries.keys());
    member.epoch = newest;
    member.floor = Math.max(member.floor, newest);
  }

  #isHigher(a: Set, b: Set): boolean {
    if (this.#mutant.comparesTermsAlone === true) return a.term > b.term;
    return a.epoch > b.epoch || (a.epoch === b.epoch && a.term > b.term);
  }

  #highest(sets: readonly Set[]): Set | null {
    return sets.reduce<Set | null>((best, set) => (best === null || this.#isHigher(set, best) ? set : best), null);
  }

  /** Some quorum seals, the liar in it or not, and reports what it has to; the liar reports any set that exists, or none. */
  #recover(): void {
    const newEpoch = Math.max(0, ...this.#recoveries.keys()) + 1;
    if (newEpoch >= EPOCHS) return;
    const left = this.#chance.between(0, HONEST.length);
    const sealers = this.#members.filter((_, index) => index !== left);
    if (sealers.some((member) => member.floor > newEpoch)) return;
    const reported = sealers.flatMap((member) => this.#highest([...member.votes.values(), ...member.shown]) ?? []);
    const lie = sealers.length === HONEST.length ? undefined : this.#chance.pick(this.#sets());
    for (const member of sealers) member.floor = newEpoch;
    const base = this.#highest(lie === undefined || this.#chance.hits(0.3) ? reported : [...reported, lie]);
    this.#recoveries.set(newEpoch, { base: base?.header ?? null });
  }

  /** Headers with two honest Votes of one epoch and term. */
  #finals(): readonly Header[] {
    const finals: Header[] = [];
    for (const member of this.#members)
      for (const vote of member.votes.values()) {
        const agreeing = this.#members.filter((other) => {
          const own = other.votes.get(vote.epoch);
          return own !== undefined && own.term === vote.term && same(own.header, vote.header);
        });
        if (agreeing.length >= QUORUM && !finals.some((each) => same(each, vote.header))) finals.push(vote.header);
      }
    return finals;
  }
}

/** True: two different headers of one height became final. */
export function walk(seed: number, mutant: WalkMutant = {}): boolean {
  return new Walk(seed, mutant).run();
}

/** The first seed of a range on which it happens. */
export function firstBroken(from: number, count: number, mutant: WalkMutant = {}): number | null {
  for (let seed = from; seed < from + count; seed++) if (walk(seed, mutant)) return seed;
  return null;
}
