/** CN-SV-06: a few buyers push the price of a kind up, trade by trade. */
import { type Detector, decimal, NOTHING, percent, ramp } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS, HOUR_MS, type TradeFact } from '../facts.ts';

type Rules = {
  readonly minTrades: number;
  readonly windowMs: number;
  readonly rise: number;
  readonly mostBuyers: number;
  readonly concentration: number;
  readonly mostSellersShare: number;
  readonly mostTail: number;
};

export const priceRamp: Detector = {
  id: 'CN-SV-06',
  name: 'price_ramp',
  title: { zh: '连续拉抬价格', en: 'Price ramping' },
  definition: {
    zh: '24 小时内同一品类连续上涨成交，买方集中于少数人（单件价值不一的品类还要求卖方重复出现）',
    en: 'Consecutive rising trades of a kind within 24 hours by few buyers; where units differ in worth, also from sellers who come again',
  },
  reads: ['trade'],
  label: null,
  audience: ['market'],
  open: (parameters, { clusters, prices }) => {
    const rules: Rules = {
      minTrades: parameters.count('minTrades'),
      windowMs: parameters.count('windowHours') * HOUR_MS,
      rise: parameters.rate('rise'),
      mostBuyers: parameters.count('mostBuyers'),
      concentration: parameters.rate('buyerConcentration'),
      mostSellersShare: parameters.rate('mostSellersShare'),
      mostTail: parameters.rate('mostTailRatio'),
    };
    const runs = new Map<string, TradeFact[]>();
    const episodes = createEpisodes(DAY_MS);
    return {
      take: (fact) => {
        if (fact.kind !== 'trade') return NOTHING;
        const rising = extendRun(runs.get(fact.classId) ?? [], fact, rules.windowMs);
        runs.set(fact.classId, rising);
        if (rising.length < rules.minTrades) return NOTHING;
        const run = withoutBystanders(rising, clusters.of);
        const first = run[0];
        if (first === undefined || run.length < rules.minTrades) return NOTHING;
        const rise = Number(fact.priceFen) / Number(first.priceFen);
        if (rise < rules.rise) return NOTHING;
        const buyers = run.flatMap(({ buyer }) => (buyer === null ? [] : [clusters.of(buyer)]));
        const sellers = new Set(run.flatMap(({ seller }) => (seller === null ? [] : [clusters.of(seller)])));
        if (buyers.length < run.length || new Set(buyers).size > rules.mostBuyers) return NOTHING;
        // Where units differ in worth, a collector who buys up the cheapest also makes prices rise, but from a new seller each time.
        const isMixed = (prices.of(fact.classId, fact.at)?.tailRatio ?? 1) > rules.mostTail;
        if (isMixed && sellers.size > rules.mostSellersShare * run.length) return NOTHING;
        const concentration = herfindahl(buyers);
        if (concentration < rules.concentration) return NOTHING;
        const episode = episodes.extend(
          `${fact.classId} ${first.id}`,
          fact.at,
          run.map(({ id }) => id),
          run.flatMap(({ seller, buyer }) => [seller, buyer]).filter((ref) => ref !== null),
        );
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'price_ramp',
            severity: 0.7 + 0.3 * ramp(rise, rules.rise, 3),
            tradeIds: episode.trades.now(),
            accountRefs: episode.accounts.now(),
            figures: {
              trades: String(run.length),
              rise: percent(rise - 1),
              buyers: String(new Set(buyers).size),
              sellers: String(sellers.size),
              concentration: decimal(concentration),
            },
            explanation: {
              zh: `24 小时内连续 ${run.length} 笔上涨，累计 ${percent(rise - 1)}；买方 ${new Set(buyers).size} 人，集中度 ${decimal(concentration)}，卖方 ${sellers.size} 人`,
              en: `${run.length} rising trades in a row within 24 hours, ${percent(rise - 1)} in all, by ${new Set(buyers).size} buyers (concentration ${decimal(concentration)}) from ${sellers.size} sellers`,
            },
          },
        ];
      },
    };
  },
};

/** Rising trades to this one, none older than the window. */
function extendRun(run: readonly TradeFact[], fact: TradeFact, windowMs: number): TradeFact[] {
  // From nothing every price is a rise without measure.
  if (fact.priceFen === 0n) return [];
  const last = run.at(-1);
  if (last !== undefined && fact.priceFen <= last.priceFen) return [fact];
  return [...run.filter(({ at }) => at > fact.at - windowMs), fact];
}

/** A rise begins with whoever drives it: earlier trades by a buyer who does not come again only happened to be cheaper. */
function withoutBystanders(run: readonly TradeFact[], of: (ref: string) => string): readonly TradeFact[] {
  const counts = new Map<string, number>();
  const clusterOf = ({ buyer }: TradeFact) => (buyer === null ? '' : of(buyer));
  for (const trade of run) counts.set(clusterOf(trade), (counts.get(clusterOf(trade)) ?? 0) + 1);
  const first = run.findIndex((trade) => (counts.get(clusterOf(trade)) ?? 0) > 1);
  return first === -1 ? [] : run.slice(first);
}

/** Sum of squared shares: 1 for a single buyer, 1/n for n equal ones. */
function herfindahl(buyers: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const buyer of buyers) counts.set(buyer, (counts.get(buyer) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + (count / buyers.length) ** 2, 0);
}
