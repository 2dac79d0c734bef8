/**
 * The safety model of `ledger.md`, Appendix A: three honest members and one that signs anything, three terms, headers X and Y, no
 * engine (any set may be shown to anyone). Every reachable state is visited.
 *
 * A state is one number. Per honest member: what it endorsed in each term (0, X, Y) and its Vote (none, or term and value), in
 * base 3 and base 7: 3³ · 7 = 189 states a member, 189³ = 6 751 269 in all, most of them unreachable.
 */
export const TERMS = 3;
const HONEST = 3;
/** A set, and a Finality, needs this many honest members; the liar adds the third. */
const HONEST_QUORUM = 2;
const VALUES = [1, 2] as const;
type Value = (typeof VALUES)[number];

/** Rules that a mutant leaves out. */
export interface Mutant {
  /** Finality counts Votes for a value across terms. */
  readonly countsAcrossTerms?: boolean;
  /** S1 without its second half: after a Vote, any header may be endorsed in a higher term. */
  readonly dropsVoteLock?: boolean;
  /** S3: Votes below the highest endorsed term. */
  readonly dropsS3?: boolean;
}

/** One honest member: `endorsed[t]` 0 nothing, 1 X, 2 Y; `vote` 0 none, else `1 + 2·term + (value − 1)`. */
interface Member {
  readonly endorsed: readonly number[];
  readonly vote: number;
}

const MEMBER_STATES = 3 ** TERMS * (2 * TERMS + 1);

function memberOf(code: number): Member {
  const vote = Math.floor(code / 3 ** TERMS);
  const endorsed = Array.from({ length: TERMS }, (_, term) => Math.floor(code / 3 ** term) % 3);
  return { endorsed, vote };
}

function codeOf({ endorsed, vote }: Member): number {
  return endorsed.reduce((sum, value, term) => sum + value * 3 ** term, 0) + vote * 3 ** TERMS;
}

const MEMBERS: readonly Member[] = Array.from({ length: MEMBER_STATES }, (_, code) => memberOf(code));
const voteTerm = (vote: number): number => (vote === 0 ? -1 : (vote - 1) >> 1);
const voteValue = (vote: number): number => (vote === 0 ? 0 : ((vote - 1) & 1) + 1);

/** The three members of a state. */
function membersOf(state: number): readonly [Member, Member, Member] {
  const at = (index: number): Member => MEMBERS[Math.floor(state / MEMBER_STATES ** index) % MEMBER_STATES] ?? { endorsed: [], vote: 0 };
  return [at(0), at(1), at(2)];
}

function countEndorsed(members: readonly Member[], term: number, value: number): number {
  return members.filter((member) => member.endorsed[term] === value).length;
}

/** A set (t, v) exists: two honest endorsements, and the liar's. */
const hasSet = (members: readonly Member[], term: number, value: number): boolean => countEndorsed(members, term, value) >= HONEST_QUORUM;

/** What one honest member may become in one step. */
function stepsOf(members: readonly Member[], index: number, mutant: Mutant): readonly Member[] {
  const member = members[index];
  if (member === undefined) return [];
  const next: Member[] = [];
  const highest = member.endorsed.findLastIndex((value) => value !== 0);
  for (let term = highest + 1; term < TERMS; term++)
    for (const value of VALUES) {
      const isLocked = member.vote !== 0 && voteValue(member.vote) !== value && mutant.dropsVoteLock !== true;
      if (isLocked) continue;
      next.push({ ...member, endorsed: member.endorsed.with(term, value) });
    }
  if (member.vote !== 0) return next;
  const lowest = mutant.dropsS3 === true ? 0 : Math.max(highest, 0);
  for (let term = lowest; term < TERMS; term++)
    for (const value of VALUES) if (hasSet(members, term, value)) next.push({ ...member, vote: 1 + 2 * term + (value - 1) });
  return next;
}

/** Every state that honest members can get to from nothing. */
export function reachableStates(mutant: Mutant = {}): readonly number[] {
  const seen = new Uint8Array(MEMBER_STATES ** HONEST);
  const found: number[] = [0];
  seen[0] = 1;
  for (let at = 0; at < found.length; at++) {
    const state = found[at] ?? 0;
    const members = membersOf(state);
    for (let index = 0; index < HONEST; index++) {
      const unit = MEMBER_STATES ** index;
      const without = state - codeOf(members[index] ?? { endorsed: [], vote: 0 }) * unit;
      for (const member of stepsOf(members, index, mutant)) {
        const next = without + codeOf(member) * unit;
        if (seen[next] === 1) continue;
        seen[next] = 1;
        found.push(next);
      }
    }
  }
  return found;
}

/** Two honest Votes for the value, of one term. */
function isFinal(members: readonly Member[], value: Value, mutant: Mutant): boolean {
  const votes = members.filter((member) => voteValue(member.vote) === value);
  if (mutant.countsAcrossTerms === true) return votes.length >= HONEST_QUORUM;
  return votes.some((each) => votes.filter((other) => voteTerm(other.vote) === voteTerm(each.vote)).length >= HONEST_QUORUM);
}

/** P1: never both. */
export function breaksP1(state: number, mutant: Mutant = {}): boolean {
  const members = membersOf(state);
  return isFinal(members, 1, mutant) && isFinal(members, 2, mutant);
}

/** The choices of honest sealers: all three, or two and the liar. */
const SEALERS: readonly (readonly number[])[] = [
  [0, 1, 2],
  [0, 1],
  [0, 2],
  [1, 2],
];
/** Seal quorums, one check of P2 for each state and each of these. */
export const SEAL_QUORUMS = SEALERS.length;

/**
 * P2 for one state and one seal quorum: the sealers are frozen, the base is the value of the highest term among the sets behind
 * their Votes and any one existing set of the adversary's choice. Whatever the unfrozen member does, no other value is or becomes
 * final.
 */
export function breaksP2(state: number, quorum: number, mutant: Mutant = {}): boolean {
  const sealers = SEALERS[quorum] ?? [];
  const members = membersOf(state);
  const futures = futuresOf(members, sealers, mutant);
  const possible = VALUES.filter((value) => futures.some((future) => isFinal(future, value, mutant)));
  if (possible.length === 0) return false;
  return basesOf(members, sealers).some((base) => possible.some((value) => value !== base));
}

/** Every base that a Recovery could come to: 0 for none. */
function basesOf(members: readonly Member[], sealers: readonly number[]): readonly number[] {
  const votes = sealers.map((index) => members[index]?.vote ?? 0).filter((vote) => vote !== 0);
  const reported = votes.map((vote) => ({ term: voteTerm(vote), value: voteValue(vote) }));
  const existing = Array.from({ length: TERMS }, (_, term) => VALUES.map((value) => ({ term, value }))).flat();
  const chosen = [null, ...existing.filter(({ term, value }) => hasSet(members, term, value))];
  return chosen.map((extra) => {
    const sets = extra === null ? reported : [...reported, extra];
    return sets.reduce<{ readonly term: number; readonly value: number }>((best, set) => (set.term > best.term ? set : best), {
      term: -1,
      value: 0,
    }).value;
  });
}

/** Now, and after each continuation of those who did not seal. */
function futuresOf(members: readonly Member[], sealers: readonly number[], mutant: Mutant): readonly (readonly Member[])[] {
  const free = [0, 1, 2].find((index) => !sealers.includes(index));
  if (free === undefined) return [members];
  const futures: (readonly Member[])[] = [members];
  const seen = new Set([codeOf(members[free] ?? { endorsed: [], vote: 0 })]);
  for (let at = 0; at < futures.length; at++) {
    const current = futures[at] ?? members;
    for (const next of stepsOf(current, free, mutant)) {
      const code = codeOf(next);
      if (seen.has(code)) continue;
      seen.add(code);
      futures.push(current.map((member, index) => (index === free ? next : member)));
    }
  }
  return futures;
}

export interface Explored {
  readonly states: number;
  readonly p1Broken: number;
  readonly p2Checks: number;
  readonly p2Broken: number;
}

/** The whole of Appendix A; a mutant stops at its first broken P2. */
export function explore(mutant: Mutant = {}, stopAtFirst = false): Explored {
  const states = reachableStates(mutant);
  let [p1Broken, p2Checks, p2Broken] = [0, 0, 0];
  for (const state of states) {
    if (breaksP1(state, mutant)) p1Broken++;
    for (let quorum = 0; quorum < SEAL_QUORUMS; quorum++) {
      if (stopAtFirst && p2Broken > 0) break;
      p2Checks++;
      if (breaksP2(state, quorum, mutant)) p2Broken++;
    }
  }
  return { states: states.length, p1Broken, p2Checks, p2Broken };
}
