/** Fan-in and fan-out: many to one, one to many, within a week. A shop has many payers too, so breadth alone accuses nobody: the account
 *  must also stand out against its own past, or against the busiest others, or the amounts be alike, or the money go on at once. */
import { decimal, type Finding, NOTHING, percent, ramp, yuan } from '../detector.ts';
import { createEpisodes, type Episode, type Episodes } from '../episodes.ts';
import { DAY_MS } from '../facts.ts';
import { countAlike, createFanWindow, type FanWindow } from './fan-window.ts';
import { type Flow, newestFirst, pushRecent, type Recent, recentOf, sumOf } from './flow.ts';

export type FanRules = {
  readonly minOthers: number;
  readonly windowMs: number;
  readonly burstFactor: number;
  readonly outlierFactor: number;
  readonly bandShare: number;
  readonly bandRatio: number;
  readonly passedShare: number;
};
type Side = {
  readonly typology: 'fan_in' | 'fan_out';
  readonly lists: Map<string, Recent>;
  /** Of accounts that have payments enough for a fan. */
  readonly windows: Map<string, FanWindow>;
  readonly against: Map<string, Recent>;
  readonly otherOf: (flow: Flow) => string;
  readonly busiest: { day: number; tenth: number };
};
type Reason = { readonly name: 'burst' | 'outlier' | 'alike' | 'passed_on'; readonly zh: string; readonly en: string };

const BASELINE_WEEKS = 4;
const WEEKS_AFTER = 2;
const MOST = 4_000;
const PASSED_ON_MS = 2 * DAY_MS;

export type FanWatch = {
  readonly take: (flow: Flow, startedAt: number) => readonly Finding[];
  /** No more facts: judges what waited for a past to compare with. */
  readonly close: () => readonly Finding[];
};

/** A shop that opens looks like a burst until its next weeks are as broad. So breadth alone waits for two weeks more (and at the start of
 *  a stream, where there is no past, for as much time after it); alike sums and money that goes on at once do not wait. */
type Waiting = {
  readonly side: Side;
  readonly hub: string;
  /** The payments as they lay in the account's list, which only grows at its end. */
  readonly list: readonly Flow[];
  readonly from: number;
  readonly to: number;
  readonly others: number;
  readonly dueAt: number;
};

export function createFanWatch(rules: FanRules): FanWatch {
  const ins = new Map<string, Recent>();
  const outs = new Map<string, Recent>();
  const fanIn: Side = {
    typology: 'fan_in',
    lists: ins,
    windows: new Map(),
    against: outs,
    otherOf: ({ from }) => from,
    busiest: { day: -1, tenth: 0 },
  };
  const fanOut: Side = {
    typology: 'fan_out',
    lists: outs,
    windows: new Map(),
    against: ins,
    otherOf: ({ to }) => to,
    busiest: { day: -1, tenth: 0 },
  };
  const episodes = createEpisodes(rules.windowMs);
  const keepMs = rules.windowMs * (BASELINE_WEEKS + 1 + WEEKS_AFTER);
  const waiting = new Map<string, Waiting>();
  let observedMs = 0;
  let today = -1;

  const judge = (side: Side, hub: string, at: number, startedAt: number): readonly Finding[] => {
    const recent = side.lists.get(hub);
    if (recent === undefined || recent.list.length - recent.start < rules.minOthers) return NOTHING;
    const window = windowOf(side, hub, recent, rules.windowMs);
    window.moveTo(at);
    const others = window.others();
    if (others < rules.minOthers) return NOTHING;
    const reason = reasonInWindow(side, hub, recent, window, at, rules);
    if (reason !== null) return [describe(side, hub, window, reason, rules, episodes)];
    const key = `${side.typology} ${hub}`;
    const dueAt = Math.max(at + WEEKS_AFTER * rules.windowMs, startedAt + (BASELINE_WEEKS + 1) * rules.windowMs);
    if (others > (waiting.get(key)?.others ?? 0)) {
      const { list, dropped } = recent;
      waiting.set(key, { side, hub, list, from: window.from() - dropped, to: list.length, others, dueAt });
    }
    return NOTHING;
  };

  const settle = (isDue: (entry: Waiting) => boolean): readonly Finding[] => {
    const findings: Finding[] = [];
    for (const [key, entry] of waiting) {
      if (!isDue(entry)) continue;
      waiting.delete(key);
      const { side, hub, others } = entry;
      const window = entry.list.slice(entry.from, entry.to).reverse();
      const reason =
        observedMs >= 2 * rules.windowMs
          ? reasonAgainst(broadestOther(side, hub, window, rules.windowMs), others, rules)
          : reasonAmong(tenthBusiest(side, hub, window[0]?.payment.at ?? 0, rules.windowMs), others, rules);
      if (reason !== null) findings.push(describeLater(side, hub, window, reason, rules, episodes));
    }
    return findings;
  };

  return {
    take: (flow, startedAt) => {
      const { at } = flow.payment;
      observedMs = at - startedAt;
      const day = Math.floor(at / DAY_MS);
      const settled = day === today ? NOTHING : settle(({ dueAt }) => dueAt <= at);
      today = day;
      push(fanIn, flow.to, flow, keepMs);
      push(fanOut, flow.from, flow, keepMs);
      return [
        ...settled,
        ...judge(fanIn, flow.to, at, startedAt),
        ...judge(fanOut, flow.from, at, startedAt),
        // What was collected may be passed on after the last payer came.
        ...judge(fanIn, flow.from, at, startedAt),
      ];
    },
    close: () => settle(() => true),
  };
}

function push(side: Side, hub: string, flow: Flow, keepMs: number): void {
  const window = side.windows.get(hub);
  pushRecent(recentOf(side.lists, hub), flow, keepMs, MOST, window?.forget);
  window?.enter(flow);
}

function windowOf(side: Side, hub: string, recent: Recent, windowMs: number): FanWindow {
  const known = side.windows.get(hub);
  if (known !== undefined) return known;
  const window = createFanWindow(recent, windowMs, side.otherOf);
  for (const flow of recent.list.slice(recent.start)) window.enter(flow);
  side.windows.set(hub, window);
  return window;
}

/** Who deals with the account in other weeks too is no part of the burst, as long as enough remain without them. */
function withoutRegulars(side: Side, hub: string, window: readonly Flow[], { minOthers, windowMs }: FanRules): readonly Flow[] {
  const until = window[0]?.payment.at ?? 0;
  const regulars = new Set(
    newestFirst(side.lists.get(hub), 0)
      .filter(({ payment }) => payment.at > until || payment.at <= until - windowMs)
      .map(side.otherOf),
  );
  const rest = window.filter((flow) => !regulars.has(side.otherOf(flow)));
  return new Set(rest.map(side.otherOf)).size >= minOthers ? rest : window;
}

/** Of a window that waited. */
function describeLater(side: Side, hub: string, all: readonly Flow[], reason: Reason, rules: FanRules, episodes: Episodes): Finding {
  const window = withoutRegulars(side, hub, all, rules);
  const others = new Set(window.map(side.otherOf));
  const at = window[0]?.payment.at ?? 0;
  const first = window.at(-1)?.payment.id ?? '';
  const episode = episodes.extend(`${side.typology} ${hub}`, at, [first, ...window.map(({ payment }) => payment.id)], [hub, ...others]);
  return finding(side, hub, { episode, at, others: others.size, sum: sumOf(window) }, reason, rules);
}

/** Of the week that goes on: only what is new is added to its episode. */
function describe(side: Side, hub: string, window: FanWindow, reason: Reason, rules: FanRules, episodes: Episodes): Finding {
  const evidence = window.evidence(rules.minOthers);
  const subject = `${side.typology} ${hub}`;
  const at = evidence.newest?.payment.at ?? 0;
  const news = evidence.notIn(episodes.find(subject, at));
  const ids = [evidence.first?.payment.id ?? '', ...news.map(({ payment }) => payment.id)];
  const episode = episodes.extend(subject, at, ids, [hub, ...news.map(side.otherOf)]);
  window.told(episode, evidence);
  return finding(side, hub, { episode, at, others: evidence.others, sum: evidence.sum }, reason, rules);
}

type Found = { readonly episode: Episode; readonly at: number; readonly others: number; readonly sum: number };

function finding(side: Side, hub: string, { episode, at, others, sum }: Found, reason: Reason, rules: FanRules): Finding {
  const word = side.typology === 'fan_in' ? { zh: '付款方', en: 'payers' } : { zh: '收款方', en: 'payees' };
  return {
    key: `${side.typology} ${hub} ${episode.anchor}`,
    at,
    typology: side.typology,
    severity: 0.75 + 0.25 * ramp(others, rules.minOthers, rules.minOthers * 4),
    tradeIds: episode.trades.now(),
    accountRefs: episode.accounts.now(),
    figures: { others: String(others), limit: String(rules.minOthers), sumFen: String(sum), reason: reason.name },
    explanation: {
      zh: `七天内${word.zh} ${others} 个（限 ${rules.minOthers}），合计 ${yuan(sum)} 元；${reason.zh}`,
      en: `${others} ${word.en} in seven days (limit ${rules.minOthers}), ${yuan(sum)} together; ${reason.en}`,
    },
  };
}

function reasonInWindow(side: Side, hub: string, recent: Recent, window: FanWindow, at: number, rules: FanRules): Reason | null {
  // One payer who always sends the same sum is a habit; many payers who send the same sum are not.
  if (side.typology !== 'fan_in') return null;
  const alike = countAlike(window.amounts, rules.bandRatio) / window.amounts.list.length;
  if (alike >= rules.bandShare) {
    return { name: 'alike', zh: `金额相近的占 ${percent(alike)}`, en: `${percent(alike)} of the amounts are alike` };
  }
  const passed = passedOn(side, hub, recent, window, at, rules);
  return passed >= rules.passedShare
    ? { name: 'passed_on', zh: `已转出 ${percent(passed)}`, en: `${percent(passed)} has been passed on` }
    : null;
}

function reasonAgainst(usual: number, count: number, { burstFactor }: FanRules): Reason | null {
  if (count < burstFactor * Math.max(usual, 1)) return null;
  return { name: 'burst', zh: `其他各周最多 ${usual} 个`, en: `at most ${usual} in any other week` };
}

function reasonAmong(tenth: number, count: number, { outlierFactor }: FanRules): Reason | null {
  if (count < outlierFactor * Math.max(tenth, 1)) return null;
  return { name: 'outlier', zh: `第十活跃账户为 ${tenth} 个`, en: `the tenth busiest account has ${decimal(tenth, 0)}` };
}

/** The share of what came in that left again to at most two others, each sum within two days. Whoever pays suppliers once a week keeps money longer. */
function passedOn(side: Side, hub: string, recent: Recent, window: FanWindow, at: number, { windowMs, passedShare }: FanRules): number {
  const first = window.from() - recent.dropped;
  const after = Math.max(recent.list[first]?.payment.at ?? at, at - windowMs) - 1;
  const against = side.against.get(hub);
  const payees = new Set<string>();
  const gone: Flow[] = [];
  let sum = 0;
  for (let i = (against?.list.length ?? 0) - 1; i >= (against?.start ?? 0); i -= 1) {
    const flow = against?.list[i];
    if (flow === undefined || flow.payment.at <= after) break;
    if (payees.add(flow.to).size > 2) return 0;
    gone.push(flow);
    sum += flow.amount;
  }
  // Less left than would have to: when it left does not matter.
  if (sum / window.sum() < passedShare) return 0;
  return sentOnSoon(recent.list.slice(first), gone.reverse()) / window.sum();
}

/** Oldest first, both: what leaves is taken from the latest that came in before. */
function sentOnSoon(came: readonly Flow[], gone: readonly Flow[]): number {
  const waiting: { readonly at: number; left: number }[] = [];
  let next = 0;
  let soon = 0;
  for (const { payment, amount, order } of gone) {
    for (let flow = came[next]; flow !== undefined && flow.order < order; flow = came[next]) {
      waiting.push({ at: flow.payment.at, left: flow.amount });
      next += 1;
    }
    let open = amount;
    for (let entry = waiting.at(-1); entry !== undefined && open > 0 && entry.at >= payment.at - PASSED_ON_MS; entry = waiting.at(-1)) {
      const taken = Math.min(open, entry.left);
      open -= taken;
      soon += taken;
      entry.left -= taken;
      if (entry.left <= 0) waiting.pop();
    }
  }
  return soon;
}

/** The broadest of the weeks before and after the window, as far as they are known. */
function broadestOther(side: Side, hub: string, window: readonly Flow[], windowMs: number): number {
  const until = window[0]?.payment.at ?? 0;
  const from = until - windowMs;
  const weeks = new Map<number, Set<string>>();
  for (const flow of newestFirst(side.lists.get(hub), 0)) {
    const { at } = flow.payment;
    if (at > from && at <= until) continue;
    const week = at > until ? 1 + Math.floor((at - until) / windowMs) : -1 - Math.floor((from - at) / windowMs);
    weeks.set(week, (weeks.get(week) ?? new Set<string>()).add(side.otherOf(flow)));
  }
  return Math.max(0, ...[...weeks.values()].map(({ size }) => size));
}

/** How many others the tenth busiest account has, counted once a day: scanning everybody for each payment would be quadratic. */
function tenthBusiest(side: Side, hub: string, at: number, windowMs: number): number {
  const day = Math.floor(at / DAY_MS);
  if (side.busiest.day === day) return side.busiest.tenth;
  const counts: number[] = [];
  for (const [ref, recent] of side.lists) {
    if (ref === hub || recent.list.length === recent.start) continue;
    const others = new Set<string>();
    for (const flow of newestFirst(recent, at - windowMs)) others.add(side.otherOf(flow));
    if (others.size > 0) counts.push(others.size);
  }
  side.busiest.day = day;
  side.busiest.tenth = counts.toSorted((a, b) => b - a)[9] ?? 0;
  return side.busiest.tenth;
}
