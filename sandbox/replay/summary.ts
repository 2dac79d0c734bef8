/** Counts of decisions and of people in a replay: who pays more or less, and what the draft would have blocked or let through. */
import { beijingDate } from '#ledger/primitives/instant.ts';
import type { AllowedSet } from './allow.ts';
import { compareText, type ReplayFacts } from './facts.ts';
import type { ReplayInputs } from './inputs.ts';
import type { PersonSum } from './part.ts';
import { scopeOf } from './scope.ts';

export type Tally = { readonly count: number; readonly grossFen: bigint };
export type DecisionSummary = {
  readonly blocked: Tally;
  readonly blockedByReason: ReadonlyMap<string, Tally>;
  /** Attempts that were denied and that the draft allows: never taxed, since no trade took place. */
  readonly newlyAllowed: Tally;
  readonly review: { readonly baseline: number; readonly draft: number };
  readonly upstreamBlocked: number;
};

export function summariseDecisions(inputs: ReplayInputs, allowed: AllowedSet): DecisionSummary {
  const { facts, period } = inputs;
  const isInside = (date: string) => date >= period.from && date < period.to;
  const inScope = scopeOf(inputs);
  const blockedByReason = new Map<string, { count: number; grossFen: bigint }>();
  let blocked = { count: 0, grossFen: 0n };
  let upstreamBlocked = 0;
  const count = (id: string, grossFen: bigint) => {
    const code = allowed.blocked.get(id);
    if (code === undefined) return;
    blocked = { count: blocked.count + 1, grossFen: blocked.grossFen + grossFen };
    const known = blockedByReason.get(code) ?? { count: 0, grossFen: 0n };
    blockedByReason.set(code, { count: known.count + 1, grossFen: known.grossFen + grossFen });
  };
  for (const trade of facts.trades) {
    if (!isInside(beijingDate(trade.paidAt)) || !inScope(trade.gameId, trade.classId, trade.sellerRef)) continue;
    if (allowed.upstreamBlocked.has(trade.id)) upstreamBlocked += 1;
    count(trade.id, trade.grossFen);
  }
  // Nobody paid for a gift.
  for (const gift of facts.gifts)
    if (isInside(beijingDate(gift.givenAt)) && inScope(gift.gameId, gift.classId, gift.giverRef)) count(gift.id, 0n);
  let newlyAllowed = { count: 0, grossFen: 0n };
  const recorded = facts.attempts.filter(
    ({ attempt, facts: { itemClass, person } }) =>
      isInside(beijingDate(attempt.at)) && inScope(itemClass.gameId, itemClass.classId, person.personRef),
  );
  const review = { baseline: recorded.filter(({ recorded: { kind } }) => kind === 'review').length, draft: 0 };
  review.draft = review.baseline;
  for (const { attempt: fact, before, after } of allowed.changed) {
    const { attempt, facts: own } = fact;
    if (!isInside(beijingDate(attempt.at)) || !inScope(own.itemClass.gameId, own.itemClass.classId, own.person.personRef)) continue;
    if (before === 'deny') {
      newlyAllowed = { count: newlyAllowed.count + 1, grossFen: newlyAllowed.grossFen + attempt.unitPriceFen * BigInt(attempt.quantity) };
    }
    if (before === 'review') review.draft -= 1;
    if (after === 'review') review.draft += 1;
  }
  return { blocked, blockedByReason, newlyAllowed, review, upstreamBlocked };
}

export type PeopleCell = {
  readonly affected: number;
  readonly paysMore: number;
  readonly paysLess: number;
  readonly newlyTaxed: number;
  readonly noLongerTaxed: number;
  readonly blocked: number;
};
export type PeopleSummary = {
  readonly all: PeopleCell;
  /** Differences of those affected, nearest rank; empty when nobody is. */
  readonly quantiles: readonly { readonly percent: number; readonly differenceFen: bigint }[];
  readonly groups: ReadonlyMap<string, PeopleCell>;
};

const QUANTILES = [0, 10, 25, 50, 75, 90, 100] as const;

export function summarisePeople(
  facts: ReplayFacts,
  people: readonly PersonSum[],
  blockedPeople: ReadonlySet<string>,
  changedPeople: ReadonlySet<string>,
): PeopleSummary {
  const sums = new Map(people.map((person) => [person.personRef, person]));
  const groupOf = new Map(facts.people.map(({ personRef, group }) => [personRef, group]));
  const cells = new Map<string, { -readonly [K in keyof PeopleCell]: number }>();
  const all = emptyCell();
  const differences: bigint[] = [];
  for (const personRef of [...new Set([...sums.keys(), ...changedPeople])].toSorted(compareText)) {
    const { baselineFen = 0n, draftFen = 0n } = sums.get(personRef) ?? {};
    const difference = draftFen - baselineFen;
    if (difference === 0n && !changedPeople.has(personRef)) continue;
    const group = sums.get(personRef)?.group ?? groupOf.get(personRef) ?? '';
    const cell = cells.get(group) ?? emptyCell();
    cells.set(group, cell);
    for (const target of [all, cell]) count(target, { baselineFen, draftFen, isBlocked: blockedPeople.has(personRef) });
    differences.push(difference);
  }
  differences.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const quantiles =
    differences.length === 0 ? [] : QUANTILES.map((percent) => ({ percent, differenceFen: nearestRank(differences, percent) }));
  return { all, quantiles, groups: cells };
}

function emptyCell() {
  return { affected: 0, paysMore: 0, paysLess: 0, newlyTaxed: 0, noLongerTaxed: 0, blocked: 0 };
}

type PersonCount = { readonly baselineFen: bigint; readonly draftFen: bigint; readonly isBlocked: boolean };

function count(cell: { -readonly [K in keyof PeopleCell]: number }, { baselineFen, draftFen, isBlocked }: PersonCount): void {
  cell.affected += 1;
  if (draftFen > baselineFen) cell.paysMore += 1;
  if (draftFen < baselineFen) cell.paysLess += 1;
  if (baselineFen === 0n && draftFen > 0n) cell.newlyTaxed += 1;
  if (baselineFen > 0n && draftFen === 0n) cell.noLongerTaxed += 1;
  if (isBlocked) cell.blocked += 1;
}

function nearestRank(sorted: readonly bigint[], percent: number): bigint {
  const rank = Math.max(1, Math.ceil((percent * sorted.length) / 100));
  return sorted[rank - 1] ?? 0n;
}
