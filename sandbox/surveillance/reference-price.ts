/** CN-SV-00: what a unit of a kind usually costs, and how far prices usually lie from it. Medians of ratios instead of logarithms: the
 *  same order, and the same bits on every machine. */
import { DAY_MS, type TradeFact } from './facts.ts';

export type ReferencePrice = {
  /** Volume-weighted median, in fen. */
  readonly priceFen: number;
  /** Median of max(p/ref, ref/p): 1.1 says that half of all prices lie within 10 %. The `exp(MAD)` of the rulebook. */
  readonly madRatio: number;
  /** The ratio that all but a fiftieth of the trades of 90 days stay within: shows kinds whose units differ in worth. */
  readonly tailRatio: number;
  readonly trades: number;
  readonly sellers: number;
  readonly days: 30 | 90;
};

export type ReferencePrices = {
  /** As of the trades taken so far; `null`: none yet. */
  readonly of: (classId: string, at: number) => ReferencePrice | null;
  readonly take: (trade: TradeFact, sellerCluster: string, buyerCluster: string) => void;
};

export type ReferenceRules = { readonly minTrades: number; readonly minSellers: number };

type Sample = { readonly at: number; readonly price: number; readonly quantity: number; readonly seller: string; readonly place: number };
/** The reference is renewed after every twentieth part of new trades, whether anybody asks or not: so what one detector sees does not
 *  depend on which others run. What is new is put in order by itself and merged with the rest, which stays in order. */
type Series = {
  samples: Sample[];
  /** Of the samples those that count: not yet forgotten, and there at the renewal. */
  start: number;
  end: number;
  /** Samples forgotten altogether: the first of the list has this place. */
  dropped: number;
  /** The samples up to a place, by their price; some of them may be forgotten by now. */
  byPrice: readonly Sample[];
  sortedTo: number;
  renewedAt: number;
  value: ReferencePrice | null | 'unknown';
};

export function createReferencePrices({ minTrades, minSellers }: ReferenceRules): ReferencePrices {
  const classes = new Map<string, Series>();
  const compute = (series: Series, days: 30 | 90): ReferencePrice | null => {
    const from = series.renewedAt - days * DAY_MS;
    const window = series.byPrice.filter((sample) => sample.at > from);
    if (window.length < minTrades) return null;
    const sellers = new Set<string>();
    for (const { seller } of window) sellers.add(seller);
    if (sellers.size < minSellers) return null;
    const priceFen = middleOf(window);
    return {
      priceFen,
      madRatio: distanceAt(window, priceFen, Math.floor((window.length - 1) / 2)),
      tailRatio: distanceAt(series.byPrice, priceFen, Math.ceil(series.byPrice.length * 0.98) - 1),
      trades: window.length,
      sellers: sellers.size,
      days,
    };
  };
  return {
    take: (trade, sellerCluster, buyerCluster) => {
      // What was given for nothing says nothing of what others pay.
      if (sellerCluster === buyerCluster || trade.priceFen === 0n) return;
      const series = classes.get(trade.classId) ?? openSeries(trade.at);
      const { samples, dropped } = series;
      if (samples.length === 0) classes.set(trade.classId, series);
      samples.push({
        at: trade.at,
        price: Number(trade.priceFen),
        quantity: trade.quantity,
        seller: sellerCluster,
        place: dropped + samples.length,
      });
      if ((series.samples.length - series.end) * 20 < series.samples.length - series.start) return;
      series.end = series.samples.length;
      series.renewedAt = trade.at;
      series.value = 'unknown';
      forget(series, trade.at - 90 * DAY_MS);
    },
    of: (classId, at) => {
      const series = classes.get(classId);
      if (series === undefined || at - series.renewedAt >= 90 * DAY_MS) return null;
      if (series.value !== 'unknown') return series.value;
      putInOrder(series);
      series.value = compute(series, 30) ?? compute(series, 90);
      return series.value;
    },
  };
}

function openSeries(at: number): Series {
  return { samples: [], start: 0, end: 0, dropped: 0, byPrice: [], sortedTo: 0, renewedAt: at, value: null };
}

function forget(series: Series, before: number): void {
  while (series.start < series.samples.length && (series.samples[series.start]?.at ?? 0) <= before) series.start += 1;
  if (series.start < 1_024 || series.start * 2 < series.samples.length) return;
  series.samples = series.samples.slice(series.start);
  series.dropped += series.start;
  series.end -= series.start;
  series.start = 0;
}

function putInOrder(series: Series): void {
  const { samples, dropped, byPrice } = series;
  const start = dropped + series.start;
  const fresh = samples.slice(Math.max(series.sortedTo, start) - dropped, series.end).sort((a, b) => a.price - b.price);
  const merged: Sample[] = [];
  let next = 0;
  for (const sample of byPrice) {
    if (sample.place < start) continue;
    for (let other = fresh[next]; other !== undefined && other.price < sample.price; other = fresh[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(sample);
  }
  series.byPrice = merged.concat(fresh.slice(next));
  series.sortedTo = dropped + series.end;
}

/** The price at which half of all units are passed. */
function middleOf(byPrice: readonly Sample[]): number {
  const total = byPrice.reduce((sum, { quantity }) => sum + quantity, 0);
  let passed = 0;
  for (const { price, quantity } of byPrice) {
    passed += quantity;
    if (passed * 2 >= total) return price;
  }
  return 0;
}

/** Of all distances from a price, the one at this place of their order. The farthest are taken away: each is at one of the two ends. */
function distanceAt(byPrice: readonly Sample[], priceFen: number, place: number): number {
  const distance = (i: number) => {
    const price = byPrice[i]?.price ?? priceFen;
    return price > priceFen ? price / priceFen : priceFen / price;
  };
  let [low, high] = [0, byPrice.length - 1];
  while (high - low > place) {
    if (distance(low) > distance(high)) low += 1;
    else high -= 1;
  }
  return Math.max(distance(low), distance(high));
}
