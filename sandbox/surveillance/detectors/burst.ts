/** CN-SV-15: turnover of a kind explodes, carried by accounts that are new. */
import { type Detector, decimal, NOTHING, percent, ramp } from '../detector.ts';
import { DAY_MS, grossOf, type TradeFact } from '../facts.ts';

type Past = { readonly mean: number; readonly deviation: number };
type Series = { readonly days: Map<number, number>; today: number; trades: TradeFact[]; readonly since: number; past: Past | null };

export const burst: Detector = {
  id: 'CN-SV-15',
  name: 'burst',
  title: { zh: '成交突增', en: 'Burst' },
  definition: {
    zh: '某品类当日成交额远高于过去 28 天，且一半以上来自新账户',
    en: 'The turnover of a kind today lies far above the 28 days before, and half of it or more comes from new accounts',
  },
  reads: ['trade'],
  label: null,
  audience: ['market'],
  open: (parameters, { firstSeen }) => {
    const z = parameters.rate('z');
    const newShare = parameters.rate('newShare');
    const minTrades = parameters.count('minTrades');
    const newMs = parameters.count('newDays') * DAY_MS;
    const classes = new Map<string, Series>();
    return {
      take: (fact) => {
        if (fact.kind !== 'trade') return NOTHING;
        const day = Math.floor((fact.at + 8 * 3_600_000) / DAY_MS);
        const series = classes.get(fact.classId) ?? { days: new Map<number, number>(), today: day, trades: [], since: day, past: null };
        if (series.trades.length === 0) classes.set(fact.classId, series);
        if (series.today !== day) {
          series.today = day;
          series.trades = [];
          series.past = null;
          for (const old of series.days.keys()) if (old < day - 28) series.days.delete(old);
        }
        series.trades.push(fact);
        const turnover = (series.days.get(day) ?? 0) + grossOf(fact);
        series.days.set(day, turnover);
        if (day - series.since < 28 || series.trades.length < minTrades) return NOTHING;
        series.past ??= pastOf(series.days, day);
        const { mean, deviation } = series.past;
        const score = (turnover - mean) / Math.max(deviation, mean / 2, 1);
        if (mean === 0 || score < z) return NOTHING;
        const isNew = (ref: string | null) => ref !== null && fact.at - (firstSeen.get(ref) ?? fact.at) <= newMs;
        const fresh = series.trades.filter(({ seller, buyer }) => isNew(buyer) && isNew(seller));
        const share = fresh.reduce((sum, trade) => sum + grossOf(trade), 0) / turnover;
        if (share < newShare) return NOTHING;
        return [
          {
            key: `${fact.classId} ${day}`,
            at: fact.at,
            typology: 'burst',
            severity: 0.6 + 0.4 * ramp(score, z, z * 4),
            tradeIds: fresh.map(({ id }) => id),
            accountRefs: [...new Set(fresh.flatMap(({ seller, buyer }) => [seller ?? '', buyer ?? '']))],
            figures: { z: decimal(score, 1), limit: decimal(z, 1), newShare: percent(share), trades: String(series.trades.length) },
            explanation: {
              zh: `当日成交额较前 28 天 z=${decimal(score, 1)}（限 ${decimal(z, 1)}），其中 ${percent(share)} 来自新账户之间`,
              en: `Turnover today has z=${decimal(score, 1)} against 28 days (limit ${decimal(z, 1)}), ${percent(share)} of it between new accounts`,
            },
          },
        ];
      },
    };
  },
};

function pastOf(days: ReadonlyMap<number, number>, day: number): Past {
  const past = Array.from({ length: 28 }, (_, i) => days.get(day - 1 - i) ?? 0);
  const mean = past.reduce((sum, value) => sum + value, 0) / past.length;
  return { mean, deviation: Math.sqrt(past.reduce((sum, value) => sum + (value - mean) ** 2, 0) / past.length) };
}
