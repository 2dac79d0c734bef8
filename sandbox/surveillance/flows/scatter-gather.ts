/** One pays many, and they pay one: the middle accounts only carry (AMLSim `scatter_gather`). */
import { type Finding, NOTHING, ramp, yuan } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { type Flow, newestFirst, pushRecent, type Recent, recentOf, sumOf } from './flow.ts';

export type ScatterRules = { readonly minMiddle: number; readonly windowMs: number; readonly kept: number };
type Leg = { readonly into: Flow; readonly out: Flow };

const MOST = 500;

export function createScatterWatch(rules: ScatterRules): { readonly take: (flow: Flow) => readonly Finding[] } {
  const ins = new Map<string, Recent>();
  const episodes = createEpisodes(rules.windowMs);
  return {
    take: (flow) => {
      pushRecent(recentOf(ins, flow.to), flow, rules.windowMs, MOST);
      const after = flow.payment.at - rules.windowMs;
      const gathered = newestFirst(ins.get(flow.to), after);
      if (new Set(gathered.map(({ from }) => from)).size < rules.minMiddle) return NOTHING;
      const bySource = new Map<string, Map<string, Leg>>();
      for (const out of gathered) {
        for (const into of newestFirst(ins.get(out.from), after)) {
          const isCarried = into.order < out.order && out.amount <= into.amount * 1.02 && out.amount >= into.amount * (1 - rules.kept);
          if (!isCarried || into.from === flow.to) continue;
          const legs = bySource.get(into.from) ?? new Map<string, Leg>();
          if (!legs.has(out.from)) legs.set(out.from, { into, out });
          bySource.set(into.from, legs);
        }
      }
      return [...bySource]
        .filter(([, legs]) => legs.size >= rules.minMiddle)
        .map(([source, legs]) => describe(source, flow, [...legs.values()]));
    },
  };

  function describe(source: string, flow: Flow, legs: readonly Leg[]): Finding {
    const flows = legs.flatMap(({ into, out }) => [into, out]).toSorted((a, b) => a.order - b.order);
    const episode = episodes.extend(
      `${source} ${flow.to}`,
      flow.payment.at,
      flows.map(({ payment }) => payment.id),
      [source, ...legs.map(({ out }) => out.from), flow.to],
    );
    const sum = sumOf(legs.map(({ out }) => out));
    return {
      key: `scatter_gather ${source} ${episode.anchor}`,
      at: flow.payment.at,
      typology: 'scatter_gather',
      severity: 0.85 + 0.15 * ramp(legs.length, rules.minMiddle, rules.minMiddle * 3),
      tradeIds: episode.trades.now(),
      accountRefs: episode.accounts.now(),
      figures: { middle: String(legs.length), limit: String(rules.minMiddle), sumFen: String(sum) },
      explanation: {
        zh: `一个账户经 ${legs.length} 个中间账户把 ${yuan(sum)} 元汇到另一个账户`,
        en: `${yuan(sum)} went from one account through ${legs.length} middle accounts to one other`,
      },
    };
  }
}
