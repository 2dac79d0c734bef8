/** The result of a replay as a document that can be hashed, signed, kept and compared (rulebook 6.8, output). */
import { canonicalBytes, type Json } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { LogTree, logLeaf } from '#ledger/merkle/log-tree.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { packHash } from '../packs/pack.ts';
import type { AllowedSet } from './allow.ts';
import { compareText, factsHash } from './facts.ts';
import type { Grouping, ReplayInputs } from './inputs.ts';
import type { Columns, Pair, Part, ReplayRow } from './part.ts';
import { scopeOf } from './scope.ts';
import type { SellerYears } from './seller-years.ts';
import { type PeopleCell, summariseDecisions, summarisePeople, type Tally } from './summary.ts';

export const REPLAY_ENGINE = 'daoju.replay/2';

export const ASSUMPTION = {
  zh: '本结果假设人们的行为与当时完全相同：成交、价格、持有和参与者均不变，只重新适用规则。',
  en: 'This result assumes that people behaved exactly as they did: trades, prices, holdings and participants stay, only the rules are applied again.',
} as const;
export const NOT_MODELLED = [
  { zh: '规则变化引起的价格、数量或行为变化。', en: 'Changes of prices, quantities or behaviour that the rule would cause.' },
  {
    zh: '被拒绝的尝试本可达成的成交：没有成交，就不计税。',
    en: 'Trades that denied attempts would have become: without a trade nothing is taxed.',
  },
  { zh: '撮合、资金与托管：不重新运行。', en: 'Matching, money and custody: they do not run again.' },
  { zh: '平台以外的收入、亏损与申报。', en: 'Income, losses and returns outside this platform.' },
] as const;

/** How many trades of the period and scope never came to be, in words. */
export function undoneWords(trades: number): { readonly zh: string; readonly en: string } {
  const was = trades === 1 ? 'trade was' : 'trades were';
  return {
    zh: `期间内有 ${trades} 笔成交被成员节点拒绝，市场已全部撤销：交易从未成立，不计税，也不在以上任何数字之内。`,
    en: `${trades} ${was} refused by the members and undone by the market: what never came to be is not taxed and stands in no figure here.`,
  };
}

export type PolicyReplay = {
  /** Canonical JSON: inputs by digest, figures, sentences. */
  readonly body: { readonly [key: string]: Json };
  /** SM3 of the body's RFC 8785 bytes, lower-case hex. */
  readonly bodyHash: string;
  /** Sorted; their Merkle root stands in the body. */
  readonly rows: readonly ReplayRow[];
};

export function replayBody(inputs: ReplayInputs, sum: Part, allowed: AllowedSet, years: SellerYears | null): PolicyReplay {
  const rows = sum.rows.toSorted(
    (a, b) => compareText(a.tradeId, b.tradeId) || compareText(a.refundId ?? '', b.refundId ?? '') || compareText(a.lineId, b.lineId),
  );
  const undone = countUndone(inputs);
  const body = {
    schema: REPLAY_ENGINE,
    inputs: inputDigests(inputs),
    identity: { trades: sum.trades, equal: true },
    revenue: columnsJson(sum.columns),
    decisions: decisionsJson(inputs, allowed),
    people: peopleJson(inputs, sum, allowed),
    dayLine: { baseline: { ...sum.dayLine.baseline }, draft: { ...sum.dayLine.draft } },
    sellerYears: years === null ? null : { registration: { ...years.registration }, business: { ...years.business } },
    rows: { count: rows.length, root: rowsRoot(rows) },
    groups: groupsJson(sum.groups),
    ...(undone === 0 ? {} : { undone: { trades: undone, ...undoneWords(undone) } }),
    assumption: { ...ASSUMPTION },
    notModelled: NOT_MODELLED.map((sentence) => ({ ...sentence })),
  };
  return { body, bodyHash: bodyHash(body), rows };
}

function countUndone(inputs: ReplayInputs): number {
  const { period, facts } = inputs;
  const isInScope = scopeOf(inputs);
  return (facts.undone ?? []).filter(({ paidAt, gameId, classId, sellerRef }) => {
    const date = beijingDate(paidAt);
    return date >= period.from && date < period.to && isInScope(gameId, classId, sellerRef);
  }).length;
}

export function bodyHash(body: Json): string {
  return toHex(sm3(canonicalBytes(body)));
}

function inputDigests({ baseline, draft, assumeInForce, period, facts, options }: ReplayInputs): Json {
  return {
    engine: REPLAY_ENGINE,
    period: { ...period },
    baseline: {
      packs: baseline.packs.map(packHash).toSorted(),
      experiments: baseline.experiments.map(({ id, hash }) => ({ id, hash })).toSorted((a, b) => compareText(a.id, b.id)),
    },
    draft: { packId: draft.id, version: draft.version, packHash: packHash(draft), assumeInForce },
    factsHash: factsHash(facts),
    facts: {
      ledgerHeight: `${facts.asOf.ledgerHeight}`,
      feedSeq: `${facts.asOf.feedSeq}`,
      attempts: facts.attempts.length,
      trades: facts.trades.length,
      gifts: facts.gifts.length,
      refunds: facts.refunds.length,
      sellerSales: facts.sellerYears?.sales.length ?? 0,
    },
    options: {
      scope: {
        gameIds: sortedOrNull(options.scope.gameIds),
        classIds: sortedOrNull(options.scope.classIds),
        payerGroups: sortedOrNull(options.scope.payerGroups),
      },
      blocked: options.blocked,
      experiments: options.experiments,
      detail: options.detail,
      groupBy: options.groupBy.toSorted(),
    },
  };
}

function sortedOrNull(list: readonly string[] | null): readonly string[] | null {
  return list === null ? null : list.toSorted();
}

function pairJson({ baseline, draft }: Pair): Json {
  return { baselineFen: `${baseline}`, draftFen: `${draft}`, differenceFen: `${draft - baseline}` };
}

function columnsJson(columns: Columns): { readonly [key: string]: Json } {
  return Object.fromEntries([...columns].toSorted(([a], [b]) => compareText(a, b)).map(([column, pair]) => [column, pairJson(pair)]));
}

function tallyJson({ count, grossFen }: Tally): Json {
  return { count, grossFen: `${grossFen}` };
}

function decisionsJson(inputs: ReplayInputs, allowed: AllowedSet): Json {
  const { blocked, blockedByReason, newlyAllowed, review, upstreamBlocked } = summariseDecisions(inputs, allowed);
  return {
    blocked: tallyJson(blocked),
    blockedByReason: Object.fromEntries(
      [...blockedByReason].toSorted(([a], [b]) => compareText(a, b)).map(([code, tally]) => [code, tallyJson(tally)]),
    ),
    newlyAllowed: tallyJson(newlyAllowed),
    review,
    upstreamBlocked,
  };
}

function peopleJson(inputs: ReplayInputs, sum: Part, allowed: AllowedSet): Json {
  const { facts, period } = inputs;
  const isInScope = scopeOf(inputs);
  const inside = allowed.changed.filter(({ attempt }) => {
    const date = beijingDate(attempt.attempt.at);
    const { itemClass, person } = attempt.facts;
    return date >= period.from && date < period.to && isInScope(itemClass.gameId, itemClass.classId, person.personRef);
  });
  const changed = new Set(inside.map(({ attempt }) => attempt.facts.person.personRef));
  const blocked = new Set(inside.filter(({ after }) => after === 'deny').map(({ attempt }) => attempt.facts.person.personRef));
  const { all, quantiles, groups } = summarisePeople(facts, sum.people, blocked, changed);
  return {
    all: cellJson(all),
    quantiles: quantiles.map(({ percent, differenceFen }) => ({ percent, differenceFen: `${differenceFen}` })),
    groups: Object.fromEntries([...groups].toSorted(([a], [b]) => compareText(a, b)).map(([group, cell]) => [group, cellJson(cell)])),
  };
}

function cellJson(cell: PeopleCell): Json {
  return { ...cell };
}

function groupsJson(groups: Part['groups']): Json {
  const entries = [...groups].toSorted(([a], [b]) => compareText(a, b));
  return Object.fromEntries(
    entries.map(([grouping, keys]: [Grouping, Map<string, Columns>]) => [
      grouping,
      Object.fromEntries([...keys].toSorted(([a], [b]) => compareText(a, b)).map(([key, columns]) => [key, columnsJson(columns)])),
    ]),
  );
}

/** RFC 6962 tree with SM3 over the rows' RFC 8785 bytes, lower-case hex. */
export function rowsRoot(rows: readonly ReplayRow[]): string {
  const tree = new LogTree();
  for (const row of rows) tree.append(logLeaf(canonicalBytes(rowJson(row))));
  return toHex(tree.root());
}

export function rowJson({ tradeId, refundId, lineId, baselineFen, draftFen, cause }: ReplayRow): { readonly [key: string]: Json } {
  return {
    tradeId,
    refundId,
    lineId,
    baselineFen: `${baselineFen}`,
    draftFen: `${draftFen}`,
    differenceFen: `${draftFen - baselineFen}`,
    cause,
  };
}
