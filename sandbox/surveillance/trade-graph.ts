/** Who sold to whom in one kind during the last days, and which small group a new trade closes. Work per trade is bounded, so that a busy
 *  kind, where everybody is connected with everybody, costs no more than a quiet one. */
import type { TradeFact } from './facts.ts';

/** Sides as clusters. */
export type Edge = { readonly trade: TradeFact; readonly from: string; readonly to: string; readonly order: number };

export type TradeGraph = {
  readonly take: (trade: TradeFact, from: string, to: string) => Edge;
  /** Small groups in which the edge lies on a loop: the members of its shortest loop, then its whole component if that is small. */
  readonly groupsOf: (edge: Edge) => readonly (readonly string[])[];
  readonly within: (group: readonly string[]) => readonly Edge[];
};

const MOST_MEMBERS = 12;
const MOST_VISITS = 64;
/** Trades of one pair that are looked at; older ones of a very busy pair are passed over. */
const MOST_OF_PAIR = 100;

export function createTradeGraph(windowMs: number): TradeGraph {
  const next = new Map<string, Map<string, Edge[]>>();
  const before = new Map<string, Set<string>>();
  let recent: Edge[] = [];
  let start = 0;
  let order = 0;

  const forget = (until: number) => {
    for (let edge = recent[start]; edge !== undefined && edge.trade.at <= until; edge = recent[start]) {
      start += 1;
      const targets = next.get(edge.from);
      const left = targets?.get(edge.to) ?? [];
      // Of a very busy pair it is no longer there.
      if (left[0] === edge) left.shift();
      if (left.length === 0) {
        targets?.delete(edge.to);
        if (targets?.size === 0) next.delete(edge.from);
        const sources = before.get(edge.to);
        sources?.delete(edge.from);
        if (sources?.size === 0) before.delete(edge.to);
      }
    }
    if (start > 16 && start * 2 > recent.length) {
      recent = recent.slice(start);
      start = 0;
    }
  };

  return {
    take: (trade, from, to) => {
      forget(trade.at - windowMs);
      const edge = { trade, from, to, order };
      order += 1;
      recent.push(edge);
      const targets = next.get(from) ?? new Map<string, Edge[]>();
      if (targets.size === 0) next.set(from, targets);
      const pair = targets.get(to);
      if (pair === undefined) {
        targets.set(to, [edge]);
        const sources = before.get(to);
        if (sources === undefined) before.set(to, new Set([from]));
        else sources.add(from);
        return edge;
      }
      pair.push(edge);
      if (pair.length > MOST_OF_PAIR) pair.shift();
      return edge;
    },
    groupsOf: ({ from, to }) => {
      if ((next.get(to)?.size ?? 0) === 0 || (before.get(from)?.size ?? 0) === 0) return [];
      const forward = explore((ref) => next.get(ref)?.keys() ?? [], to);
      const loop = pathTo(forward.parents, from);
      if (loop === null) return [];
      if (!forward.isComplete || loop.length > MOST_MEMBERS) return loop.length > MOST_MEMBERS ? [] : [loop];
      const backward = explore((ref) => before.get(ref)?.keys() ?? [], from);
      const component = [...forward.parents.keys()].filter((ref) => backward.parents.has(ref));
      const isSmall = backward.isComplete && component.length <= MOST_MEMBERS && component.length > loop.length;
      return isSmall ? [loop, component] : [loop];
    },
    within: (group) => group.flatMap((from) => group.flatMap((to) => next.get(from)?.get(to) ?? [])).toSorted((a, b) => a.order - b.order),
  };
}

type Explored = { readonly parents: ReadonlyMap<string, string | null>; readonly isComplete: boolean };

/** Breadth first, so that the path to each is a shortest one. */
function explore(neighbours: (ref: string) => Iterable<string>, start: string): Explored {
  const parents = new Map<string, string | null>([[start, null]]);
  const open = [start];
  for (let i = 0; i < open.length; i += 1) {
    const ref = open[i] ?? start;
    for (const other of neighbours(ref)) {
      if (parents.has(other)) continue;
      if (parents.size >= MOST_VISITS) return { parents, isComplete: false };
      parents.set(other, ref);
      open.push(other);
    }
  }
  return { parents, isComplete: true };
}

function pathTo(parents: ReadonlyMap<string, string | null>, target: string): readonly string[] | null {
  if (!parents.has(target)) return null;
  const path: string[] = [];
  for (let ref: string | null = target; ref !== null; ref = parents.get(ref) ?? null) path.push(ref);
  return path;
}
