/** CN-SV-08: amounts kept just below a line. A person whose amounts lie on both sides of the line, or whose goods simply cost that much,
 *  is not accused. */
import { type Detector, type Finding, NOTHING, ramp, yuan } from '../detector.ts';
import { createEpisodes, type Episodes } from '../episodes.ts';
import { DAY_MS, grossOf } from '../facts.ts';
import type { ReferencePrice } from '../reference-price.ts';

type Line = {
  readonly name: string;
  readonly fen: number;
  readonly sales: boolean;
  readonly payments: boolean;
  readonly minorsOnly: boolean;
  readonly byDay: boolean;
};
type Rules = {
  readonly lines: readonly Line[];
  readonly lower: number;
  readonly minCount: number;
  readonly belowShare: number;
  readonly mostADay: number;
};
type Entry = {
  readonly ids: readonly string[];
  readonly at: number;
  readonly amount: number;
  readonly other: string;
  readonly isExplained: boolean;
  /** Of a day's amount: what small change adds to it. It has no ids here, since it is no evidence. */
  readonly smallChange: number;
};
/** In time order, from `start` on. */
type Kept = { list: Entry[]; start: number };
type Way = 'sales' | 'out' | 'in';
type Group = { readonly way: Way; readonly cluster: string; readonly ref: string; readonly isMinor: boolean };

const WINDOW_MS = 7 * DAY_MS;
/** Of a very busy account only the latest amounts are compared. */
const MOST_ENTRIES = 500;
/** Of the line: what is less than that is small change. */
const WEIGHTY_SHARE = 0.1;

export const structuring: Detector = {
  id: 'CN-SV-08',
  name: 'structuring',
  title: { zh: '拆分金额', en: 'Structuring' },
  definition: {
    zh: '七天内多笔付款或销售都略低于某一界线，合计超过该界线，而界线之上几乎没有',
    en: 'Several payments or sales within seven days lie just below a line, together exceed it, and hardly any lies above',
  },
  reads: ['trade', 'payment'],
  shares: ['vatThresholdDay', 'minor16Month', 'enhancedLevelAboveDay', 'amlCash', 'amlNaturalDay'],
  label: null,
  audience: ['finance', 'tax'],
  open: (parameters, { clusters, prices, accounts }) => {
    const rules: Rules = {
      lines: [
        { name: 'vat_day', fen: parameters.fen('vatThresholdDay'), sales: true, payments: false, minorsOnly: false, byDay: true },
        { name: 'minor_month', fen: parameters.fen('minor16Month'), sales: false, payments: true, minorsOnly: true, byDay: false },
        { name: 'review', fen: parameters.fen('enhancedLevelAboveDay'), sales: true, payments: true, minorsOnly: false, byDay: false },
        { name: 'cash', fen: parameters.fen('amlCash'), sales: true, payments: true, minorsOnly: false, byDay: false },
        { name: 'large_value', fen: parameters.fen('amlNaturalDay'), sales: true, payments: true, minorsOnly: false, byDay: false },
      ],
      lower: parameters.rate('lowerShare'),
      minCount: parameters.count('minCount'),
      belowShare: parameters.rate('belowShare'),
      mostADay: parameters.count('mostSalesADay'),
    };
    const recent: Readonly<Record<Way, Map<string, Kept>>> = { sales: new Map(), out: new Map(), in: new Map() };
    const weighty = WEIGHTY_SHARE * (rules.lines.find(({ byDay }) => byDay)?.fen ?? 0);
    const episodes = createEpisodes(WINDOW_MS);
    const judge = (group: Group, entry: Entry): readonly Finding[] => {
      const kept = keep(recent[group.way], group.cluster, entry);
      const today = amountOfDay(kept);
      const line = rules.lines.find(
        ({ fen, sales, payments, minorsOnly, byDay }) =>
          (group.way === 'sales' ? sales : payments) &&
          (!minorsOnly || group.isMinor) &&
          isBelow(byDay ? today : entry.amount, fen, rules.lower),
      );
      if (line === undefined) return NOTHING;
      const entries = kept.list.slice(kept.start);
      // The law adds up the day anyway: for the day line each day is one amount, and only the number of days can tell.
      return judgeLine(group, line.byDay ? addUpDays(entries, weighty) : entries, line, rules, episodes);
    };
    return {
      take: (fact) => {
        if (fact.kind === 'trade' && fact.seller !== null) {
          const cluster = clusters.of(fact.seller);
          const amount = grossOf(fact);
          const isExplained = costsThat(prices.of(fact.classId, fact.at), fact.quantity, amount);
          const entry = { ids: [fact.id], at: fact.at, amount, other: fact.buyer ?? '', isExplained, smallChange: 0 };
          return judge({ way: 'sales', cluster, ref: fact.seller, isMinor: false }, entry);
        }
        if (fact.kind !== 'payment' || fact.from === fact.to) return NOTHING;
        const amount = Number(fact.amountFen);
        const out = { ids: [fact.id], at: fact.at, amount, other: fact.to, isExplained: false, smallChange: 0 };
        const into = { ...out, other: fact.from };
        const isMinor = (ref: string) => accounts.get(ref)?.isMinor === true;
        return [
          ...judge({ way: 'out', cluster: clusters.of(fact.from), ref: fact.from, isMinor: isMinor(fact.from) }, out),
          ...judge({ way: 'in', cluster: clusters.of(fact.to), ref: fact.to, isMinor: isMinor(fact.to) }, into),
        ];
      },
    };
  },
};

/** Forgets from the front, so that a busy account's entries are not copied for each of its sales. */
function keep(recent: Map<string, Kept>, cluster: string, entry: Entry): Kept {
  const kept = recent.get(cluster) ?? { list: [], start: 0 };
  if (kept.list.length === 0) recent.set(cluster, kept);
  kept.list.push(entry);
  while (kept.list.length - kept.start > MOST_ENTRIES || (kept.list[kept.start]?.at ?? entry.at) <= entry.at - WINDOW_MS) kept.start += 1;
  if (kept.start * 2 > kept.list.length) {
    kept.list = kept.list.slice(kept.start);
    kept.start = 0;
  }
  return kept;
}

function amountOfDay({ list, start }: Kept): number {
  const day = dayOf(list.at(-1));
  let amount = 0;
  for (let i = list.length - 1; i >= start && dayOf(list[i]) === day; i -= 1) amount += list[i]?.amount ?? 0;
  return amount;
}

function dayOf(entry: Entry | undefined): number {
  return Math.floor(((entry?.at ?? 0) + 8 * 3_600_000) / DAY_MS);
}

function addUpDays(entries: readonly Entry[], weighty: number): readonly Entry[] {
  const days = new Map<number, Entry>();
  for (const entry of entries) {
    const day = dayOf(entry);
    const before = days.get(day);
    const isSmall = entry.amount < weighty;
    days.set(day, {
      ...entry,
      ids: [...(before?.ids ?? []), ...(isSmall ? [] : entry.ids)],
      amount: (before?.amount ?? 0) + entry.amount,
      isExplained: (before?.isExplained ?? true) && (isSmall || entry.isExplained),
      smallChange: (before?.smallChange ?? 0) + (isSmall ? entry.amount : 0),
    });
  }
  return [...days.values()];
}

function isBelow(amount: number, line: number, lower: number): boolean {
  return amount >= lower * line && amount < line;
}

/** The kind itself costs about that much: no wonder that it was sold for it. */
function costsThat(reference: ReferencePrice | null, quantity: number, amount: number): boolean {
  if (reference === null) return false;
  const usual = reference.priceFen * quantity;
  return usual >= amount * 0.8 && usual <= amount * 1.25;
}

function judgeLine(
  { way, cluster, ref }: Group,
  entries: readonly Entry[],
  line: Line,
  { lower, minCount, belowShare, mostADay }: Rules,
  episodes: Episodes,
): readonly Finding[] {
  // Many small sales that happen to add up are a shop's.
  const below = entries.filter(
    ({ ids, amount, isExplained, smallChange }) =>
      !isExplained && ids.length <= mostADay && isBelow(amount, line.fen, lower) && amount - smallChange >= lower * line.fen,
  );
  // Small change beside it says nothing of the sums that were kept below the line.
  const weighty = entries.filter(({ amount }) => amount >= WEIGHTY_SHARE * line.fen);
  const above = entries.filter(({ amount }) => amount >= line.fen && amount < line.fen / lower);
  const sum = below.reduce((total, { amount }) => total + amount, 0);
  if (below.length < minCount || sum < line.fen || above.length > 0 || below.length < belowShare * weighty.length) return NOTHING;
  const at = below.at(-1)?.at ?? 0;
  const others = [...new Set(below.map(({ other }) => other))].filter((other) => other !== '');
  // What one payer splits for one payee is the payer's alert; the payee's own is about several payers.
  if (way === 'in' && others.length < 2) return NOTHING;
  const isBetweenTwo = way !== 'sales' && others.length === 1;
  const episode = episodes.extend(
    `${way} ${cluster} ${line.name}`,
    at,
    below.flatMap(({ ids }) => ids),
    way === 'in' || isBetweenTwo ? [ref, ...others] : [ref],
  );
  const count = below.length;
  const what = wordsFor(way, line.byDay);
  return [
    {
      key: `${way} ${line.name} ${episode.anchor}`,
      at,
      typology: 'structuring',
      severity: 0.7 + 0.3 * ramp(count, minCount, minCount * 3),
      tradeIds: episode.trades.now(),
      accountRefs: episode.accounts.now(),
      figures: { line: line.name, lineFen: String(line.fen), count: String(count), sumFen: String(sum) },
      explanation: {
        zh: `七天内 ${count} ${what.zh}介于 ${yuan(lower * line.fen)} 元与 ${yuan(line.fen)} 元之间，合计 ${yuan(sum)} 元，界线之上没有`,
        en: `${count} ${what.en} in seven days lie between ${yuan(lower * line.fen)} and the line of ${yuan(line.fen)}, ${yuan(sum)} together, none above`,
      },
    },
  ];
}

function wordsFor(way: Way, isByDay: boolean): { readonly zh: string; readonly en: string } {
  if (isByDay) return { zh: '天的日销售额', en: 'days’ sales' };
  return way === 'sales' ? { zh: '笔销售', en: 'sales' } : { zh: '笔付款', en: 'payments' };
}
