/** What the patterns of CN-SV-10 share: a payment with its two sides resolved. */
import type { PaymentFact } from '../facts.ts';

export type Flow = {
  readonly payment: PaymentFact;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly order: number;
};

/** Appends and forgets from the front in amortised constant time. */
export type Recent = { list: Flow[]; start: number };

export function pushRecent(recent: Recent, flow: Flow, keepMs: number, most: number): void {
  recent.list.push(flow);
  const until = flow.payment.at - keepMs;
  while ((recent.list[recent.start]?.payment.at ?? flow.payment.at) <= until || recent.list.length - recent.start > most) recent.start += 1;
  if (recent.start < 256 || recent.start * 2 < recent.list.length) return;
  recent.list = recent.list.slice(recent.start);
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
  const fresh: Recent = { list: [], start: 0 };
  lists.set(ref, fresh);
  return fresh;
}

export function sumOf(flows: readonly Flow[]): number {
  return flows.reduce((sum, { amount }) => sum + amount, 0);
}

/** The middle of the sorted amounts, the lower one of two. */
export function medianOf(amounts: readonly number[]): number {
  const sorted = amounts.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
