/** The last week of one account with many others, kept up to date payment by payment: how many others, their sums in order, and who of them
 *  deals with the account in other weeks too. Reading the week anew for each payment would be quadratic for a hub. */
import type { Episode } from '../episodes.ts';
import { createSorted, type Flow, placeOf, type Recent, type Sorted } from './flow.ts';

/** Payments of one other within the week, and in other weeks. */
type Other = { within: number; outside: number; sum: number };

export type FanWindow = {
  readonly enter: (flow: Flow) => void;
  /** The oldest payment is no longer kept. */
  readonly forget: (flow: Flow, place: number) => void;
  readonly moveTo: (at: number) => void;
  readonly others: () => number;
  readonly sum: () => number;
  readonly amounts: Sorted;
  /** Oldest first; a place in the list of the account. */
  readonly from: () => number;
  /** What an alert names, and of it what the running episode does not have yet. */
  readonly evidence: (minOthers: number) => Evidence;
  /** The running episode has all of it now. */
  readonly told: (episode: Episode, evidence: Evidence) => void;
};
type Evidence = {
  readonly isWithoutRegulars: boolean;
  readonly first: Flow | undefined;
  readonly newest: Flow | undefined;
  readonly others: number;
  readonly sum: number;
  /** Newest first. */
  readonly notIn: (running: Episode | null) => readonly Flow[];
};

/** With so many untold payments the whole week is read again. */
const MOST_UNTOLD = 4_000;

export function createFanWindow(recent: Recent, windowMs: number, otherOf: (flow: Flow) => string): FanWindow {
  const known = new Map<string, Other>();
  const amounts = createSorted();
  /** Places: before `outsideEnd` payments of other weeks, from `from` on those of this one. */
  let [outsideEnd, from] = [recent.dropped + recent.start, recent.dropped + recent.start];
  let [count, countRest, sum, sumRest] = [0, 0, 0, 0];
  let told: { readonly episode: Episode; readonly isWithoutRegulars: boolean } | null = null;
  let untold: Flow[] = [];
  /** Who was a regular and no longer is: all his payments may be untold. */
  const former = new Set<string>();
  const flowAt = (place: number) => recent.list[place - recent.dropped];
  const end = () => recent.dropped + recent.list.length;
  const otherIn = (flow: Flow): Other => {
    const other = known.get(otherOf(flow)) ?? { within: 0, outside: 0, sum: 0 };
    known.set(otherOf(flow), other);
    return other;
  };
  /** All sums are taken anew where an other changes: he is out, changed, and in again. */
  const change = (flow: Flow, by: (other: Other) => void) => {
    const other = otherIn(flow);
    const weigh = (sign: 1 | -1) => {
      if (other.within === 0) return;
      count += sign;
      sum += sign * other.sum;
      if (other.outside > 0) return;
      countRest += sign;
      sumRest += sign * other.sum;
    };
    weigh(-1);
    by(other);
    weigh(1);
    if (other.within === 0 && other.outside === 0) known.delete(otherOf(flow));
  };
  const leave = (flow: Flow) => {
    amounts.remove(flow.amount);
    change(flow, (other) => {
      other.within -= 1;
      other.sum -= flow.amount;
    });
  };
  const isRest = (flow: Flow) => (known.get(otherOf(flow))?.outside ?? 0) === 0;
  const newestFirst = (): readonly Flow[] => recent.list.slice(from - recent.dropped).reverse();

  return {
    enter: (flow) => {
      amounts.add(flow.amount);
      change(flow, (other) => {
        other.within += 1;
        other.sum += flow.amount;
      });
      if (told === null) return;
      untold.push(flow);
      if (untold.length > MOST_UNTOLD) [told, untold] = [null, []];
    },
    forget: (flow, place) => {
      if (place >= from) {
        leave(flow);
        from = place + 1;
      } else if (place < outsideEnd) {
        change(flow, (other) => {
          other.outside -= 1;
          if (other.outside === 0 && other.within > 0) former.add(otherOf(flow));
        });
      }
      outsideEnd = Math.max(outsideEnd, place + 1);
    },
    moveTo: (at) => {
      for (let flow = flowAt(from); flow !== undefined && flow.payment.at <= at - windowMs; flow = flowAt(from)) {
        leave(flow);
        from += 1;
      }
      const until = (flowAt(end() - 1)?.payment.at ?? at) - windowMs;
      for (let flow = flowAt(outsideEnd); flow !== undefined && outsideEnd < from && flow.payment.at <= until; flow = flowAt(outsideEnd)) {
        change(flow, (other) => {
          other.outside += 1;
        });
        outsideEnd += 1;
      }
    },
    others: () => count,
    sum: () => sum,
    amounts,
    from: () => from,
    evidence: (minOthers) => {
      const isWithoutRegulars = countRest >= minOthers;
      const belongs = (flow: Flow) => !isWithoutRegulars || isRest(flow);
      let [first, last] = [from, end() - 1];
      for (let flow = flowAt(first); flow !== undefined && !belongs(flow); flow = flowAt(first)) first += 1;
      for (let flow = flowAt(last); flow !== undefined && !belongs(flow); flow = flowAt(last)) last -= 1;
      return {
        isWithoutRegulars,
        first: flowAt(first),
        newest: flowAt(last),
        others: isWithoutRegulars ? countRest : count,
        sum: isWithoutRegulars ? sumRest : sum,
        notIn: (running) => {
          const isTold = running !== null && told?.episode === running && told.isWithoutRegulars === isWithoutRegulars;
          if (!isTold || former.size > 0) return newestFirst().filter(belongs);
          const oldest = flowAt(from)?.order ?? 0;
          return untold.filter((flow) => flow.order >= oldest && belongs(flow)).reverse();
        },
      };
    },
    told: (episode, { isWithoutRegulars }) => {
      told = { episode, isWithoutRegulars };
      untold = [];
      former.clear();
    },
  };
}

/** Of the sorted amounts, how many lie within a ratio around the middle one. */
export function countAlike({ list }: Sorted, bandRatio: number): number {
  const middle = list[Math.floor((list.length - 1) / 2)] ?? 0;
  return placeOf(list, (amount) => amount > middle * bandRatio) - placeOf(list, (amount) => amount * bandRatio >= middle);
}
