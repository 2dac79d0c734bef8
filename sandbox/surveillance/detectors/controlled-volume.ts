/** CN-SV-02: the trades of one person with himself make up a notable share of a kind's volume (ratio of Fa Shi [2019] 9 art. 2). */
import { type Detector, NOTHING, percent, ramp, yuan } from '../detector.ts';
import { createEpisodes, type Episode } from '../episodes.ts';
import { DAY_MS, type TradeFact } from '../facts.ts';
import { createTimeline, type Timeline } from '../timeline.ts';

type Kind = { readonly all: Timeline<TradeFact>; readonly own: Map<string, Own> };
/** One person's trades with himself, and which of them the running episode has. */
type Own = { readonly dealt: Timeline<TradeFact>; episode: Episode | null; from: number; to: number };

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
    const kinds = new Map<string, Kind>();
    const days = parameters.count('tradingDays');
    const share = parameters.rate('share');
    const minTrades = parameters.count('minTrades');
    const episodes = createEpisodes(days * 2 * DAY_MS);
    return {
      take: (fact) => {
        if (fact.kind !== 'trade') return NOTHING;
        const kind = kinds.get(fact.classId) ?? { all: createTimeline<TradeFact>(), own: new Map<string, Own>() };
        if (kind.all.first() === null) kinds.set(fact.classId, kind);
        // Holidays stretch the window; it is cut exactly only where somebody dealt with himself.
        if ((kind.all.first() ?? fact.at) < fact.at - 4 * days * DAY_MS) forget(kind, fact.at - 3 * days * DAY_MS);
        const cluster = clusterOf(fact, clusters.of);
        const amount = fact.priceFen * BigInt(fact.quantity);
        kind.all.add(fact, fact.at, amount);
        if (cluster === null) return NOTHING;
        const own = kind.own.get(cluster) ?? { dealt: createTimeline<TradeFact>(), episode: null, from: 0, to: 0 };
        kind.own.set(cluster, own);
        own.to = Math.min(own.to, own.dealt.add(fact, fact.at, amount));
        const since = startOfWindow(fact.at, days, isTradingDay);
        const [window, internal] = [kind.all.since(since), own.dealt.since(since)];
        if (internal.count < minTrades || window.count < minTrades * 2) return NOTHING;
        const [inside, all] = [Number(internal.sum), Number(window.sum)];
        // Where nothing is paid there is no turnover to have a share of.
        if (all === 0 || inside < share * all) return NOTHING;
        const subject = `${fact.classId} ${cluster}`;
        const isRunning = own.episode !== null && own.episode === episodes.find(subject, fact.at);
        const isKnown = isRunning && own.from <= internal.from && internal.from <= own.to;
        const news = own.dealt.from(isKnown ? own.to : internal.from);
        const episode = episodes.extend(
          subject,
          fact.at,
          news.map(({ id }) => id),
          news.flatMap(({ seller, buyer }) => [seller ?? '', buyer ?? '']),
        );
        own.from = isKnown ? own.from : internal.from;
        own.to = internal.from + internal.count;
        own.episode = episode;
        const ratio = inside / all;
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'controlled_volume',
            severity: 0.5 + ramp(ratio, share, 1) / 2,
            tradeIds: episode.trades.now(),
            accountRefs: episode.accounts.now(),
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

function forget({ all, own }: Kind, before: number): void {
  all.forget(before);
  for (const [cluster, { dealt }] of own) {
    dealt.forget(before);
    if (dealt.first() === null) own.delete(cluster);
  }
}

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
