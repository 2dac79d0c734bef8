/** Money that comes back to where it started, step by step in time, with little lost on the way (round-tripping). Paying back directly is
 *  a refund and no cycle. */
import { type Finding, NOTHING, percent, ramp, yuan } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { type Flow, pushRecent, type Recent, recentOf } from './flow.ts';

export type CycleRules = {
  readonly windowMs: number;
  readonly stepMs: number;
  readonly mostSteps: number;
  readonly lossPerStep: number;
};

const MOST = 500;
/** Bounds the search in a busy net. */
const MOST_STEPS_TRIED = 300;

export function createCycleWatch(rules: CycleRules): { readonly take: (flow: Flow) => readonly Finding[] } {
  const ins = new Map<string, Recent>();
  const episodes = createEpisodes(rules.windowMs);
  return {
    take: (flow) => {
      const cycle = findCycle(ins, flow, rules);
      pushRecent(recentOf(ins, flow.to), flow, rules.windowMs, MOST);
      if (cycle === null) return NOTHING;
      const accounts = cycle.map(({ from }) => from);
      const subject = accounts.toSorted().join(' ');
      const episode = episodes.extend(
        subject,
        flow.payment.at,
        cycle.map(({ payment }) => payment.id),
        accounts,
      );
      const [first, last] = [cycle[0]?.amount ?? 0, flow.amount];
      return [
        {
          key: `cycle ${episode.anchor}`,
          at: flow.payment.at,
          typology: 'cycle',
          severity: 0.8 + 0.2 * ramp(episode.trades.size(), 3, 12),
          tradeIds: episode.trades.now(),
          accountRefs: episode.accounts.now(),
          figures: { steps: String(cycle.length), startFen: String(first), endFen: String(last), kept: percent(last / first) },
          explanation: {
            zh: `${yuan(first)} 元经 ${cycle.length} 步回到起点，剩余 ${yuan(last)} 元（${percent(last / first)}）`,
            en: `${yuan(first)} came back to its start after ${cycle.length} steps, ${yuan(last)} of it left (${percent(last / first)})`,
          },
        },
      ];
    },
  };
}

/** Depth first from the payer back through what paid for it; each step a little larger than the next. */
function findCycle(ins: Map<string, Recent>, last: Flow, rules: CycleRules): readonly Flow[] | null {
  const after = last.payment.at - rules.windowMs;
  let tried = 0;
  const search = (path: readonly Flow[]): readonly Flow[] | null => {
    const head = path[0];
    if (head === undefined) return null;
    const recent = ins.get(head.from);
    const since = Math.max(after, head.payment.at - rules.stepMs);
    for (let i = (recent?.list.length ?? 0) - 1; i >= (recent?.start ?? 0); i -= 1) {
      const before = recent?.list[i];
      if (before === undefined || before.payment.at <= since) break;
      tried += 1;
      if (tried > MOST_STEPS_TRIED) return null;
      const fits = before.order < head.order && before.amount >= head.amount && head.amount >= before.amount * (1 - rules.lossPerStep);
      if (!fits || path.some(({ from }) => from === before.from)) continue;
      const longer = [before, ...path];
      if (before.from === last.to) {
        if (longer.length >= 3) return longer;
        continue;
      }
      const found = longer.length < rules.mostSteps ? search(longer) : null;
      if (found !== null) return found;
    }
    return null;
  };
  return search([last]);
}
