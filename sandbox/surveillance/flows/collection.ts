/** Small sums, out of proportion to what their payers usually send, gathered at one account: the shape of collections by many hands
 *  (fan-in of AMLSim; "scattered in" of Chinese guidance). A payer counts when he splits a sum within a day, or sends far less than usual.
 *  How far is far depends on how much sums vary by themselves: where everybody pays now little and now much, a small sum is no sign. */
import { type Finding, NOTHING, ramp, yuan } from '../detector.ts';
import { DAY_MS } from '../facts.ts';
import { type Flow, medianOf, newestFirst, pushRecent, type Recent, recentOf, sumOf } from './flow.ts';

export type CollectionRules = {
  /** Far less than usual: at most this share of the payer's median to others. */
  readonly smallShare: number;
  /** Payments to others that the payer's habit is read from. */
  readonly minHabit: number;
  readonly minSplit: number;
  readonly splitRatio: number;
  readonly minPayers: number;
  readonly windowMs: number;
};
type Marked = { readonly flows: Map<string, Flow>; readonly firstId: string };

const MOST = 300;
/** The latest payments of which the usual spread is read. */
const SPREAD_SAMPLE = 512;
/** As many times the usual spread of ratios as chance hardly reaches: below it lies one of some ten thousand sums. */
const SPREAD_POWER = 6;
/** A payer's own spread needs so many payments; before, everybody's holds for him. */
const MIN_OWN_SPREAD = 8;

export function createCollectionWatch(rules: CollectionRules): { readonly take: (flow: Flow) => readonly Finding[] } {
  const outs = new Map<string, Recent>();
  const ins = new Map<string, Recent>();
  const marked = new Map<string, Marked>();
  const spread = createSpread();

  /** The payer's small or split payments; looked at again with each further payment, because habits show late. */
  const markedOf = (payer: string, at: number): readonly Flow[] => {
    const all = newestFirst(outs.get(payer), at - rules.windowMs);
    const usual = spread.usual();
    const least = Math.max(1 / rules.smallShare, usual ** SPREAD_POWER);
    const most = all.reduce((high, { amount }) => Math.max(high, amount), 0);
    // Hardly any payment is that small, and only for those is the habit worked out.
    const mayBeSmall = (flow: Flow) => flow.amount * least <= most;
    return all.filter((flow) => (mayBeSmall(flow) && isSmall(flow, all, usual, rules)) || isSplit(flow, all, usual, rules));
  };

  return {
    take: (flow) => {
      const before = newestFirst(outs.get(flow.from), flow.payment.at - rules.windowMs).map(({ amount }) => amount);
      if (before.length >= rules.minHabit) spread.take(ratioOf(flow.amount, medianOf(before)));
      pushRecent(recentOf(outs, flow.from), flow, rules.windowMs, MOST);
      pushRecent(recentOf(ins, flow.to), flow, rules.windowMs, MOST);
      const hubs = new Set<string>();
      for (const found of markedOf(flow.from, flow.payment.at)) {
        const collected = marked.get(found.to) ?? { flows: new Map<string, Flow>(), firstId: found.payment.id };
        marked.set(found.to, collected);
        if (collected.flows.has(found.payment.id)) continue;
        collected.flows.set(found.payment.id, found);
        hubs.add(found.to);
      }
      const hasCollected = marked.has(flow.to);
      if (hasCollected) hubs.add(flow.to);
      return [...hubs].flatMap((hub) => judge(hub, flow.payment.at));
    },
  };

  function judge(hub: string, at: number): readonly Finding[] {
    const collected = marked.get(hub);
    if (collected === undefined) return NOTHING;
    const base = [...collected.flows.values()].filter(({ payment }) => payment.at > at - rules.windowMs);
    const payers = new Set(base.map(({ from }) => from));
    const splitters = [...payers].filter(
      (payer) => base.filter((flow) => flow.from === payer && isSplit(flow, base, spread.usual(), rules)).length >= rules.minSplit,
    );
    if (payers.size < rules.minPayers && splitters.length === 0) return NOTHING;
    // Others whose habit is unknown, but whose sums look the same, belong to it.
    const middle = medianOf(base.map(({ amount }) => amount));
    const like = newestFirst(ins.get(hub), at - rules.windowMs).filter(
      ({ amount }) => amount <= middle * rules.splitRatio && amount * rules.splitRatio >= middle,
    );
    const flows = [...new Map([...base, ...like].map((flow) => [flow.payment.id, flow])).values()].toSorted((a, b) => a.order - b.order);
    const everyone = [...new Set(flows.map(({ from }) => from))];
    const sum = sumOf(flows);
    return [
      {
        key: `collection ${hub} ${collected.firstId}`,
        at,
        typology: 'collection',
        severity: 0.7 + 0.3 * ramp(everyone.length, 1, rules.minPayers * 3),
        tradeIds: flows.map(({ payment }) => payment.id),
        accountRefs: [hub, ...everyone],
        figures: { payers: String(everyone.length), payments: String(flows.length), sumFen: String(sum), medianFen: String(middle) },
        explanation: {
          zh: `${everyone.length} 个付款方向同一账户分 ${flows.length} 笔付款，合计 ${yuan(sum)} 元，每笔约 ${yuan(middle)} 元，远低于其平时金额或于同日拆分`,
          en: `${everyone.length} payers sent ${flows.length} payments to one account, ${yuan(sum)} together, about ${yuan(middle)} each: far below what they usually send, or split within a day`,
        },
      },
    ];
  }
}

function isSmall(flow: Flow, all: readonly Flow[], usual: number, { smallShare, minHabit, splitRatio }: CollectionRules): boolean {
  const habit = all.filter(({ to, amount }) => to !== flow.to || amount > flow.amount / smallShare).map(({ amount }) => amount);
  // Where sums vary, few payments are no habit yet.
  if (habit.length < (isSteady(usual, splitRatio) ? minHabit : MIN_OWN_SPREAD)) return false;
  const middle = medianOf(habit);
  if (flow.amount > smallShare * middle) return false;
  const own = habit.length < MIN_OWN_SPREAD ? usual : medianOf(habit.map((amount) => ratioOf(amount, middle)));
  return ratioOf(flow.amount, middle) > Math.max(own, usual) ** SPREAD_POWER;
}

function isSteady(usual: number, splitRatio: number): boolean {
  return usual ** SPREAD_POWER <= splitRatio;
}

function ratioOf(a: number, b: number): number {
  return a > b ? a / b : b / a;
}

/** By which factor a payment usually differs from what its payer sent before: 1 where everybody always sends the same. */
function createSpread(): { readonly take: (ratio: number) => void; readonly usual: () => number } {
  const latest: number[] = [];
  let taken = 0;
  let usual = 1;
  return {
    take: (ratio) => {
      latest[taken % SPREAD_SAMPLE] = ratio;
      taken += 1;
      if (taken % (SPREAD_SAMPLE / 16) === 0 || taken < SPREAD_SAMPLE / 16) usual = medianOf(latest);
    },
    usual: () => usual,
  };
}

/** Several like, but not equal, payments to one account in a day; equal ones are purchases, and where sums vary by themselves so are these. */
function isSplit(flow: Flow, all: readonly Flow[], usual: number, { minSplit, splitRatio }: CollectionRules): boolean {
  if (!isSteady(usual, splitRatio)) return false;
  const same = all.filter(
    ({ to, from, payment }) => to === flow.to && from === flow.from && Math.abs(payment.at - flow.payment.at) < DAY_MS,
  );
  const amounts = same.map(({ amount }) => amount);
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  return same.length >= minSplit && low !== high && high <= low * splitRatio * splitRatio;
}
