/**
 * Ceilings of a pack on what one person does in a window (rulebook 10.2 KR-04, 11): which window it is, what counts, whether an attempt
 * exceeds. Three things count: what was traded in the window, what is agreed and waits, and what open orders may come to at worst. So no
 * order can fill beyond a ceiling, whatever comes first. `COUNT` counts trades, the other measures the gross.
 */
import { fenOf } from '../packs/pack.ts';
import type { CalendarWindow, CapRule, RulePack } from '../packs/rule-pack.ts';

/** The window of a date: `2026-11-22`, `2026-11`, `2026-Q4`, `2026-H2`, `2026`. Weeks begin on Monday and are named by it. */
export function capWindow(window: CalendarWindow, date: string): string {
  const year = date.slice(0, 'yyyy'.length);
  const month = Number(date.slice(5, 7));
  switch (window) {
    case 'DAY':
      return date;
    case 'WEEK':
      return mondayOf(date);
    case 'MONTH':
      return date.slice(0, 'yyyy-mm'.length);
    case 'QUARTER':
      return `${year}-Q${Math.ceil(month / 3)}`;
    case 'HALF_YEAR':
      return `${year}-H${month <= 6 ? 1 : 2}`;
    case 'YEAR':
      return year;
  }
}

/** First date of the window that holds a date. */
export function capWindowStart(window: CalendarWindow, date: string): string {
  const year = date.slice(0, 'yyyy'.length);
  const month = Number(date.slice(5, 7));
  const firstOf = (first: number): string => `${year}-${String(first).padStart(2, '0')}-01`;
  switch (window) {
    case 'DAY':
      return date;
    case 'WEEK':
      return mondayOf(date);
    case 'MONTH':
      return firstOf(month);
    case 'QUARTER':
      return firstOf(Math.floor((month - 1) / 3) * 3 + 1);
    case 'HALF_YEAR':
      return firstOf(month <= 6 ? 1 : 7);
    case 'YEAR':
      return firstOf(1);
  }
}

const DAY_MS = 86_400_000;

function mondayOf(date: string): string {
  const at = Date.parse(`${date}T00:00:00.000Z`);
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7;
  return new Date(at - sinceMonday * DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

export type Sum = { readonly grossFen: bigint; readonly trades: bigint };
export const NOTHING: Sum = { grossFen: 0n, trades: 0n };

/** An order that may still trade. */
export type OpenOrder = {
  readonly orderId: string;
  readonly side: 'buy' | 'sell';
  readonly unitFen: bigint;
  /** Of a buy order: what it still wants. */
  readonly units: number;
  /** Into how many trades what is open may fall. */
  readonly trades: number;
  /** Of a sell order: what it still offers. An item may stand in several orders, and only one of them can sell it. */
  readonly itemIds: readonly string[];
};

/** The order that is asked about. */
export type NewOrder = Pick<OpenOrder, 'side' | 'itemIds'> & {
  /** Orders that end when it comes. */
  readonly ends: readonly string[];
};

/** What one person's open orders of the side may come to at most, beside a new one. */
export function worstOf(open: readonly OpenOrder[], { side, itemIds, ends }: NewOrder): Sum {
  const promised = new Set(itemIds);
  const dearest = new Map<string, bigint>();
  let grossFen = 0n;
  let trades = 0n;
  for (const order of open) {
    if (order.side !== side || ends.includes(order.orderId)) continue;
    if (side === 'buy') {
      grossFen += order.unitFen * BigInt(order.units);
      trades += BigInt(order.trades);
      continue;
    }
    for (const itemId of order.itemIds) {
      const before = dearest.get(itemId);
      if (!promised.has(itemId) && (before === undefined || before < order.unitFen)) dearest.set(itemId, order.unitFen);
    }
  }
  for (const unitFen of dearest.values()) grossFen += unitFen;
  return { grossFen, trades: trades + BigInt(dearest.size) };
}

/** What a person has done, as the one who keeps the trades tells it. */
export type CapHistory = {
  /** Of the side, in the window of its name. */
  traded(side: 'buy' | 'sell', window: string): Sum;
  /** Agreed and not settled, whatever the window. */
  waiting(side: 'buy' | 'sell'): Sum;
  readonly open: readonly OpenOrder[];
};

/** The totals that `decide` takes for the ceilings of the order's side; `undefined`: the pack has none. */
export function capTotals(
  caps: readonly CapRule[] | undefined,
  date: string,
  history: CapHistory,
  order: NewOrder,
): Readonly<Record<string, bigint>> | undefined {
  const own = capsOf(caps, order.side);
  if (own.length === 0) return undefined;
  const worst = worstOf(history.open, order);
  const waiting = history.waiting(order.side);
  return Object.fromEntries(
    own.map((cap) => {
      const traded = history.traded(order.side, capWindow(cap.window, date));
      const measured = [traded, waiting, worst].map((sum) => measureOf(cap, sum));
      return [cap.id, measured.reduce((total, each) => total + each, 0n)];
    }),
  );
}

export function capsOf(caps: readonly CapRule[] | undefined, side: 'buy' | 'sell'): readonly CapRule[] {
  const subject = side === 'sell' ? 'SELLER_PERSON' : 'BUYER_PERSON';
  return (caps ?? []).filter((cap) => cap.subject === subject);
}

export function measureOf({ measure }: CapRule, { grossFen, trades }: Sum): bigint {
  return measure === 'COUNT' ? trades : grossFen;
}

export function addSums(a: Sum, b: Sum): Sum {
  return { grossFen: a.grossFen + b.grossFen, trades: a.trades + b.trades };
}

/** @param soFar what counts in the window before this attempt */
export function exceedsCap(pack: RulePack, cap: CapRule, soFar: bigint, attempt: bigint): boolean {
  const max = fenOf(pack, cap.max);
  const total = soFar + attempt;
  return cap.inclusive ? total > max : total >= max;
}
