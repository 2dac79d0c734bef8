/** CN-SV-02: the trades of one person with himself make up a notable share of a kind's volume (ratio of Fa Shi [2019] 9 art. 2). */
import { type Detector, NOTHING, percent, ramp, yuan } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS, grossOf, type TradeFact } from '../facts.ts';

type Dealt = { readonly trade: TradeFact; readonly cluster: string | null };

export const controlledVolume: Detector = {
  id: 'CN-SV-02',
  name: 'controlled_volume',
  title: { zh: '控制账户成交占比', en: 'Controlled volume' },
  definition: {
    zh: '同一控制人账户之间的成交额在若干交易日内达到该品类总成交额的一定比例',
    en: 'Trades between accounts of one person reach a share of the turnover of a kind within some trading days',
  },
  reads: ['trade'],
  label: null,
  audience: ['market'],
  open: (parameters, { clusters, isTradingDay }) => {
    const windows = new Map<string, Dealt[]>();
    const days = parameters.count('tradingDays');
    const share = parameters.rate('share');
    const minTrades = parameters.count('minTrades');
    const episodes = createEpisodes(days * 2 * DAY_MS);
    return {
      take: (fact) => {
        if (fact.kind !== 'trade') return NOTHING;
        const kept = windows.get(fact.classId) ?? [];
        // Holidays stretch the window; it is cut exactly only where somebody dealt with himself.
        const isOld = (kept[0]?.trade.at ?? fact.at) < fact.at - 4 * days * DAY_MS;
        const recent = isOld ? kept.filter(({ trade }) => trade.at >= fact.at - 3 * days * DAY_MS) : kept;
        windows.set(fact.classId, recent);
        const cluster = clusterOf(fact, clusters.of);
        recent.push({ trade: fact, cluster });
        if (cluster === null) return NOTHING;
        const from = startOfWindow(fact.at, days, isTradingDay);
        const window = recent.filter(({ trade }) => trade.at >= from);
        const internal = window.filter((dealt) => dealt.cluster === cluster);
        if (internal.length < minTrades || window.length < minTrades * 2) return NOTHING;
        const inside = internal.reduce((sum, { trade }) => sum + grossOf(trade), 0);
        const all = window.reduce((sum, { trade }) => sum + grossOf(trade), 0);
        if (inside < share * all) return NOTHING;
        const accounts = internal.flatMap(({ trade }) => [trade.seller ?? '', trade.buyer ?? '']);
        const episode = episodes.extend(
          `${fact.classId} ${cluster}`,
          fact.at,
          internal.map(({ trade }) => trade.id),
          accounts,
        );
        const ratio = inside / all;
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'controlled_volume',
            severity: 0.5 + ramp(ratio, share, 1) / 2,
            tradeIds: [...episode.trades],
            accountRefs: [...episode.accounts],
            figures: {
              insideFen: String(inside),
              allFen: String(all),
              share: percent(ratio),
              limit: percent(share),
              tradingDays: String(days),
            },
            explanation: {
              zh: `${days} 个交易日内，同一控制人账户间成交 ${yuan(inside)} 元，占该品类 ${yuan(all)} 元的 ${percent(ratio)}，达到 ${percent(share)}`,
              en: `Within ${days} trading days accounts of one person dealt ${yuan(inside)} among themselves, ${percent(ratio)} of the ${yuan(all)} of this kind; the line is ${percent(share)}`,
            },
          },
        ];
      },
    };
  },
};

function clusterOf({ seller, buyer }: TradeFact, of: (ref: string) => string): string | null {
  if (seller === null || buyer === null) return null;
  const cluster = of(seller);
  return cluster === of(buyer) ? cluster : null;
}

/** The beginning of the n-th trading day back, today included. */
function startOfWindow(at: number, days: number, isTradingDay: (at: number) => boolean): number {
  let left = days;
  let day = at;
  for (let back = 0; back < days * 4; back += 1) {
    if (isTradingDay(day)) left -= 1;
    if (left <= 0) break;
    day -= DAY_MS;
  }
  return day - (day % DAY_MS) - 8 * 3_600_000;
}
