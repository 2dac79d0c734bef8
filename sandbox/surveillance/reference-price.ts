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

type Sample = { readonly at: number; readonly price: number; readonly quantity: number; readonly seller: string };
/** The reference is renewed after every twentieth part of new trades, whether anybody asks or not: so what one detector sees does not
 *  depend on which others run, and a busy kind is not sorted anew for each of its trades. */
type Series = { samples: Sample[]; start: number; end: number; renewedAt: number; value: ReferencePrice | null | 'unknown' };

export function createReferencePrices({ minTrades, minSellers }: ReferenceRules): ReferencePrices {
  const classes = new Map<string, Series>();
  const compute = (series: Series, days: 30 | 90): ReferencePrice | null => {
    const from = series.renewedAt - days * DAY_MS;
    const all = series.samples.slice(series.start, series.end);
    const window = all.filter((sample) => sample.at > from);
    const sellers = new Set(window.map(({ seller }) => seller)).size;
    if (window.length < minTrades || sellers < minSellers) return null;
    const middle = middleOf(window);
    return {
      ...middle,
      tailRatio: tailOf(all, middle.priceFen),
      trades: window.length,
      sellers,
      days,
    };
  };
  return {
    take: (trade, sellerCluster, buyerCluster) => {
      // What was given for nothing says nothing of what others pay.
      if (sellerCluster === buyerCluster || trade.priceFen === 0n) return;
      const series = classes.get(trade.classId) ?? { samples: [], start: 0, end: 0, renewedAt: trade.at, value: null };
      classes.set(trade.classId, series);
      series.samples.push({ at: trade.at, price: Number(trade.priceFen), quantity: trade.quantity, seller: sellerCluster });
      if ((series.samples.length - series.end) * 20 < series.samples.length - series.start) return;
      series.end = series.samples.length;
      series.renewedAt = trade.at;
      series.value = 'unknown';
      forget(series, trade.at - 90 * DAY_MS);
    },
    of: (classId, at) => {
      const series = classes.get(classId);
      if (series === undefined || at - series.renewedAt >= 90 * DAY_MS) return null;
      if (series.value === 'unknown') series.value = compute(series, 30) ?? compute(series, 90);
      return series.value;
    },
  };
}

function forget(series: Series, before: number): void {
  while (series.start < series.samples.length && (series.samples[series.start]?.at ?? 0) <= before) series.start += 1;
  if (series.start < 1_024 || series.start * 2 < series.samples.length) return;
  series.samples = series.samples.slice(series.start);
  series.end -= series.start;
  series.start = 0;
}

function middleOf(window: readonly Sample[]): Pick<ReferencePrice, 'priceFen' | 'madRatio'> {
  // Sums of a price first, then prices in order: numbers alone are sorted several times as fast as samples.
  const units = new Map<number, number>();
  let total = 0;
  for (const { price, quantity } of window) {
    units.set(price, (units.get(price) ?? 0) + quantity);
    total += quantity;
  }
  let passed = 0;
  let priceFen = 0;
  for (const price of Float64Array.from(units.keys()).sort()) {
    priceFen = price;
    passed += units.get(price) ?? 0;
    if (passed * 2 >= total) break;
  }
  const distances = distancesFrom(window, priceFen);
  return { priceFen, madRatio: distances[Math.floor((distances.length - 1) / 2)] ?? 1 };
}

function tailOf(samples: readonly Sample[], priceFen: number): number {
  const distances = distancesFrom(samples, priceFen);
  return distances[Math.ceil(distances.length * 0.98) - 1] ?? 1;
}

function distancesFrom(samples: readonly Sample[], priceFen: number): Float64Array {
  return Float64Array.from(samples, ({ price }) => (price > priceFen ? price / priceFen : priceFen / price)).sort();
}
