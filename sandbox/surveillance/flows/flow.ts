/** What the patterns of CN-SV-10 share: a payment with its two sides resolved. */
import type { PaymentFact } from '../facts.ts';

export type Flow = {
  readonly payment: PaymentFact;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly order: number;
};

/** Appends and forgets from the front in amortised constant time. A payment keeps its place: the first of the list has the place `dropped`. */
export type Recent = { list: Flow[]; start: number; dropped: number };

export function pushRecent(recent: Recent, flow: Flow, keepMs: number, most: number, forget?: (flow: Flow, place: number) => void): void {
  recent.list.push(flow);
  forgetRecent(recent, flow.payment.at - keepMs, most, forget);
}

/** What is not after `until`, and of the rest the oldest until `most` are left. */
export function forgetRecent(recent: Recent, until: number, most: number, forget?: (flow: Flow, place: number) => void): void {
  for (let old = recent.list[recent.start]; old !== undefined; old = recent.list[recent.start]) {
    if (old.payment.at > until && recent.list.length - recent.start <= most) break;
    forget?.(old, recent.dropped + recent.start);
    recent.start += 1;
  }
  if (recent.start < 256 || recent.start * 2 < recent.list.length) return;
  recent.list = recent.list.slice(recent.start);
  recent.dropped += recent.start;
  recent.start = 0;
}

/** From the newest back to `after`, exclusive. */
export function newestFirst(recent: Recent | undefined, after: number): readonly Flow[] {
  if (recent === undefined) return [];
  const flows: Flow[] = [];
  for (let i = recent.list.length - 1; i >= recent.start; i -= 1) {
    const flow = recent.list[i];
    if (flow === undefined || flow.payment.at <= after) break;
    flows.push(flow);
  }
  return flows;
}

export function recentOf(lists: Map<string, Recent>, ref: string): Recent {
  const known = lists.get(ref);
  if (known !== undefined) return known;
  const fresh: Recent = { list: [], start: 0, dropped: 0 };
  lists.set(ref, fresh);
  return fresh;
}

export function sumOf(flows: readonly Flow[]): number {
  return flows.reduce((sum, { amount }) => sum + amount, 0);
}

/** The middle of the sorted amounts, the lower one of two. */
export function medianOf(amounts: readonly number[]): number {
  const sorted = Float64Array.from(amounts).sort();
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Numbers in rising order. */
export type Sorted = { readonly list: readonly number[]; readonly add: (value: number) => void; readonly remove: (value: number) => void };

/** The first place for which the test holds; it holds for all that follow. */
export function placeOf(list: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function createSorted(): Sorted {
  const list: number[] = [];
  const find = (value: number) => placeOf(list, (other) => other >= value);
  return {
    list,
    add: (value) => {
      list.splice(find(value), 0, value);
    },
    remove: (value) => {
      list.splice(find(value), 1);
    },
  };
}
