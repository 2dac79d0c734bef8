/** Small sums, out of proportion to what their payers usually send, gathered at one account: the shape of collections by many hands
 *  (fan-in of AMLSim; "scattered in" of Chinese guidance). A payer counts when he splits a sum within a day, or sends far less than usual.
 *  How far is far depends on how much sums vary by themselves: where everybody pays now little and now much, a small sum is no sign. */
import { type Finding, NOTHING, ramp, yuan } from '../detector.ts';
import { DAY_MS } from '../facts.ts';
import {
  createSorted,
  type Flow,
  forgetRecent,
  medianOf,
  newestFirst,
  placeOf,
  pushRecent,
  type Recent,
  recentOf,
  type Sorted,
  sumOf,
} from './flow.ts';

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
  /** What each payer sent, in the order of the sums: a busy payer's are not put in order anew for each payment. */
  const sums = new Map<string, Sorted>();
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
    const split = splitOf(all, usual, rules);
    const isSmall = createSmallness(all, usual, rules);
    return all.filter((flow) => (mayBeSmall(flow) && isSmall(flow)) || split.has(flow));
  };

  return {
    take: (flow) => {
      const sent = recentOf(outs, flow.from);
      const before = sums.get(flow.from) ?? createSorted();
      if (before.list.length === 0) sums.set(flow.from, before);
      const forget = ({ amount }: Flow) => before.remove(amount);
      forgetRecent(sent, flow.payment.at - rules.windowMs, MOST, forget);
      const middle = before.list[Math.floor((before.list.length - 1) / 2)];
      if (middle !== undefined && before.list.length >= rules.minHabit) spread.take(ratioOf(flow.amount, middle));
      before.add(flow.amount);
      pushRecent(sent, flow, rules.windowMs, MOST, forget);
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
    for (const { payment } of collected.flows.values()) if (payment.at <= at - rules.windowMs) collected.flows.delete(payment.id);
    const base = [...collected.flows.values()];
    const payers = new Set(base.map(({ from }) => from));
    const split = Map.groupBy(splitOf(base, spread.usual(), rules), ({ from }) => from);
    if (payers.size < rules.minPayers && ![...split.values()].some(({ length }) => length >= rules.minSplit)) return NOTHING;
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

/** Small against what the payer usually sends to others, or more to the same. His sums are put in order once for all his payments. */
function createSmallness(
  all: readonly Flow[],
  usual: number,
  { smallShare, minHabit, splitRatio }: CollectionRules,
): (flow: Flow) => boolean {
  let ordered: Float64Array | null = null;
  const byPayee = new Map<string, number[]>();
  const order = () => {
    for (const { to, amount } of all) {
      const sums = byPayee.get(to) ?? [];
      byPayee.set(to, sums);
      sums.push(amount);
    }
    for (const sums of byPayee.values()) sums.sort((a, b) => a - b);
    return Float64Array.from(all, ({ amount }) => amount).sort();
  };
  return (flow) => {
    ordered ??= order();
    const most = flow.amount / smallShare;
    const same = byPayee.get(flow.to) ?? [];
    const left = placeOf(same, (amount) => amount > most);
    const count = all.length - left;
    // Where sums vary, few payments are no habit yet.
    if (count < (isSteady(usual, splitRatio) ? minHabit : MIN_OWN_SPREAD)) return false;
    const middle = middleWithout(ordered, same, left);
    if (flow.amount > smallShare * middle) return false;
    const habit = () => all.filter(({ to, amount }) => to !== flow.to || amount > most).map(({ amount }) => ratioOf(amount, middle));
    const own = count < MIN_OWN_SPREAD ? usual : medianOf(habit());
    return ratioOf(flow.amount, middle) > Math.max(own, usual) ** SPREAD_POWER;
  };
}

/** The lower middle of the ordered sums, without the first `left` of those in `same`, which are among them. */
function middleWithout(ordered: Float64Array, same: readonly number[], left: number): number {
  let place = Math.floor((ordered.length - left - 1) / 2);
  for (let i = 0; i < left && (same[i] ?? 0) <= (ordered[place] ?? 0); i += 1) place += 1;
  return ordered[place] ?? 0;
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
function splitOf(all: readonly Flow[], usual: number, { minSplit, splitRatio }: CollectionRules): ReadonlySet<Flow> {
  const split = new Set<Flow>();
  if (!isSteady(usual, splitRatio)) return split;
  for (const group of Map.groupBy(all, ({ from, to }) => `${from.length} ${from} ${to}`).values()) {
    if (group.length < minSplit) continue;
    const flows = group.toSorted((a, b) => a.payment.at - b.payment.at);
    let [first, end] = [0, 0];
    const day = createSorted();
    for (const flow of flows) {
      for (let next = flows[end]; next !== undefined && next.payment.at - flow.payment.at < DAY_MS; next = flows[end]) {
        day.add(next.amount);
        end += 1;
      }
      for (let old = flows[first]; old !== undefined && flow.payment.at - old.payment.at >= DAY_MS; old = flows[first]) {
        day.remove(old.amount);
        first += 1;
      }
      const [low, high] = [day.list[0] ?? 0, day.list.at(-1) ?? 0];
      if (day.list.length >= minSplit && low !== high && high <= low * splitRatio * splitRatio) split.add(flow);
    }
  }
  return split;
}
