/** One pays many, and they pay one: the middle accounts only carry (AMLSim `scatter_gather`). */
import { type Finding, NOTHING, ramp, yuan } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { type Flow, pushRecent, type Recent, recentOf, sumOf } from './flow.ts';

export type ScatterRules = { readonly minMiddle: number; readonly windowMs: number; readonly kept: number };
type Leg = { readonly into: Flow; readonly out: Flow };
/** A payment to the hub and, newest first, what its payer may have carried on with it. Known when it comes: what is paid later was not. */
type Carried = { readonly out: Flow; readonly place: number; readonly intos: readonly { readonly into: Flow; readonly place: number }[] };

const MOST = 500;

export function createScatterWatch(rules: ScatterRules): { readonly take: (flow: Flow) => readonly Finding[] } {
  const ins = new Map<string, Recent>();
  const carried = new Map<string, readonly Carried[]>();
  const episodes = createEpisodes(rules.windowMs);
  const isKept = (flow: Flow, ref: string, place: number, after: number) => {
    const recent = ins.get(ref);
    return flow.payment.at > after && recent !== undefined && place >= recent.dropped + recent.start;
  };
  const carriedBy = (out: Flow, after: number): Carried['intos'] => {
    const recent = ins.get(out.from);
    const intos: { readonly into: Flow; readonly place: number }[] = [];
    for (let i = (recent?.list.length ?? 0) - 1; recent !== undefined && i >= recent.start; i -= 1) {
      const into = recent.list[i];
      if (into === undefined || into.payment.at <= after) break;
      const fits = out.amount <= into.amount * 1.02 && out.amount >= into.amount * (1 - rules.kept);
      if (fits && into.from !== out.to) intos.push({ into, place: recent.dropped + i });
    }
    return intos;
  };
  return {
    take: (flow) => {
      const recent = recentOf(ins, flow.to);
      pushRecent(recent, flow, rules.windowMs, MOST);
      const after = flow.payment.at - rules.windowMs;
      const intos = carriedBy(flow, after);
      const before = (carried.get(flow.to) ?? []).filter(({ out, place }) => isKept(out, flow.to, place, after));
      const all = intos.length === 0 ? before : [...before, { out: flow, place: recent.dropped + recent.list.length - 1, intos }];
      if (all.length === 0) {
        carried.delete(flow.to);
        return NOTHING;
      }
      carried.set(flow.to, all);
      if (new Set(all.map(({ out }) => out.from)).size < rules.minMiddle) return NOTHING;
      const bySource = new Map<string, Map<string, Leg>>();
      for (const { out, intos: carriedOn } of all.toReversed()) {
        for (const { into, place } of carriedOn) {
          if (!isKept(into, out.from, place, after)) continue;
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
