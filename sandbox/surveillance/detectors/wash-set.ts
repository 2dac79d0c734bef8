/** CN-SV-03: a closed group deals a kind in circles and ends where it began (after Victor and Weintraud, WWW 2021). Streaming form: each
 *  trade that closes a loop asks whether some run of trades of its group, ending with it, left every position where it was. */
import { type Detector, type Finding, type Listed, NOTHING, ramp } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS, grossOf, HOUR_MS } from '../facts.ts';
import { createTradeGraph, type Edge, type TradeGraph } from '../trade-graph.ts';

type Rules = {
  readonly tolerance: number;
  readonly rounds: number;
  readonly flatTrades: number;
  readonly flatTolerance: number;
};
type WashSet = { readonly edges: readonly Edge[]; readonly rounds: number; readonly isFlat: boolean };

/** Whoever went round twice or more need not end as flat in cash: prices of a ring vary, and once round a kind may be chance. */
const ROUNDS_OF_HABIT = 2;
const WIDER = 4;
const WINDOWS = [HOUR_MS, DAY_MS, 7 * DAY_MS] as const;

export const washSet: Detector = {
  id: 'CN-SV-03',
  name: 'wash_set',
  title: { zh: '对敲交易组', en: 'Wash set' },
  definition: {
    zh: '一组账户在一小时、一天或七天内相互成交，数量（或资金）净头寸归零',
    en: 'A group of accounts trades among itself within an hour, a day or seven days and every net position returns to zero',
  },
  reads: ['trade'],
  label: 'wash',
  audience: ['market'],
  open: (parameters, { clusters }) => {
    const rules: Rules = {
      tolerance: parameters.rate('positionTolerance'),
      rounds: parameters.count('minRounds'),
      flatTrades: parameters.count('flatTrades'),
      flatTolerance: parameters.rate('flatTolerance'),
    };
    const episodes = createEpisodes(7 * DAY_MS);
    const graphs = new Map<string, TradeGraph>();
    return {
      take: (fact) => {
        if (fact.kind !== 'trade' || fact.seller === null || fact.buyer === null) return NOTHING;
        const [from, to] = [clusters.of(fact.seller), clusters.of(fact.buyer)];
        if (from === to) return NOTHING;
        const graph = graphs.get(fact.classId) ?? createTradeGraph(7 * DAY_MS);
        graphs.set(fact.classId, graph);
        const edge = graph.take(fact, from, to);
        const found = findClosed(graph, edge, rules);
        if (found === null) return NOTHING;
        const accounts = found.edges.flatMap(({ trade }) => [trade.seller ?? '', trade.buyer ?? '']);
        const trades = found.edges.map(({ trade }) => trade.id);
        const episode = episodes.extend(`${fact.classId} ${found.subject}`, fact.at, trades, accounts);
        return [finding(found, episode.anchor, fact.at, episode.trades.now(), episode.accounts.now())];
      },
    };
  },
};

/** The first group and the smallest window that close; the edge is always the last of the run. */
function findClosed(graph: TradeGraph, edge: Edge, rules: Rules): (WashSet & { readonly subject: string }) | null {
  for (const group of graph.groupsOf(edge)) {
    const inside = graph.within(group);
    for (const size of WINDOWS) {
      const set = largestClosedRun(
        inside.filter(({ trade }) => trade.at > edge.trade.at - size),
        rules,
      );
      if (set !== null) return { ...set, subject: group.toSorted().join(' ') };
    }
  }
  return null;
}

/** Walks back from the last trade; the longest run whose positions all close. */
function largestClosedRun(edges: readonly Edge[], rules: Rules): WashSet | null {
  const units = new Map<string, number>();
  const cash = new Map<string, number>();
  let quantity = 0;
  let turnover = 0;
  let best: WashSet | null = null;
  for (let i = edges.length - 1; i >= 0; i -= 1) {
    const edge = edges[i];
    if (edge === undefined) break;
    const gross = grossOf(edge.trade);
    quantity += edge.trade.quantity;
    turnover += gross;
    add(units, edge.from, -edge.trade.quantity);
    add(units, edge.to, edge.trade.quantity);
    add(cash, edge.from, gross);
    add(cash, edge.to, -gross);
    const count = edges.length - i;
    if (count < 2 || !isWithin(units, (rules.tolerance * quantity) / count)) continue;
    const rounds = quantity / units.size;
    const tolerance = rules.flatTolerance * (rounds >= ROUNDS_OF_HABIT ? WIDER : 1);
    const isFlat = count >= rules.flatTrades && isWithin(cash, tolerance * turnover);
    if (rounds >= rules.rounds || isFlat) best = { edges: edges.slice(i), rounds, isFlat };
  }
  return best;
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

function isWithin(sums: ReadonlyMap<string, number>, limit: number): boolean {
  for (const sum of sums.values()) if (Math.abs(sum) > limit) return false;
  return true;
}

function finding(set: WashSet, anchor: string, at: number, tradeIds: Listed, accountRefs: Listed): Finding {
  const [trades, accounts] = [tradeIds.size, accountRefs.size];
  return {
    key: anchor,
    at,
    typology: 'wash_set',
    severity: Math.max(set.isFlat ? 0.85 : 0, 0.7 + 0.3 * ramp(set.rounds, 1, 10)),
    tradeIds,
    accountRefs,
    figures: { trades: String(trades), accounts: String(accounts), rounds: String(Math.floor(set.rounds)), isFlat: String(set.isFlat) },
    explanation: {
      zh: `${accounts} 个账户之间的 ${trades} 笔交易首尾相抵：每个账户的数量净头寸为零${set.isFlat ? '，资金也大致相抵' : ''}`,
      en: `${trades} trades among ${accounts} accounts cancel out: every net position in units is zero${set.isFlat ? ', and the cash cancels out but for little' : ''}`,
    },
  };
}
