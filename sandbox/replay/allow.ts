/**
 * Decides every recorded attempt again under the draft, in the order of time, with the totals that follow from what the draft allows
 * (rulebook 6.8 step 2). A trade is blocked when the draft denies the attempt of either side and the baseline did not.
 */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { decide } from '../decisions/decide.ts';
import { DECISION_CODES, type Decision, type DecisionFacts } from '../decisions/decision.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { createCapSums } from './cap-sums.ts';
import { type AttemptFact, compareText, type DealtFact, type ReplayFacts, type TradeFact } from './facts.ts';
import type { ReplayInputs } from './inputs.ts';
import type { Rules } from './rules.ts';

export type AllowedSet = {
  /** Trades and gifts that the draft denies, with the code of the first reason. */
  readonly blocked: ReadonlyMap<string, string>;
  readonly changed: readonly ChangedDecision[];
  /** Later trades of items whose purchase is blocked; they stay as facts. */
  readonly upstreamBlocked: ReadonlySet<string>;
};
export type ChangedDecision = {
  readonly attempt: AttemptFact;
  readonly before: Decision['kind'];
  readonly after: Decision['kind'];
  readonly code: string | null;
};

type Moment = {
  readonly at: Instant;
  readonly rank: 0 | 1 | 2;
  readonly id: string;
  readonly attempt?: AttemptFact;
  readonly trade?: TradeFact;
  /** Undone later: it counts in ceilings alone. */
  readonly undone?: DealtFact;
  /** An order that stands open no more. */
  readonly ended?: AttemptFact;
};

export function allowUnder(inputs: ReplayInputs, rules: Rules): AllowedSet {
  const totals = createTotals(inputs);
  const denied = new Map<string, string>();
  const blocked = new Map<string, string>();
  const upstreamBlocked = new Set<string>();
  const blockedItems = new Set<string>();
  const changed: ChangedDecision[] = [];
  for (const { attempt, trade, undone, ended } of moments(inputs.facts)) {
    if (attempt !== undefined) {
      const change = decideAgain(attempt, rules, totals);
      if (change !== null) changed.push(change);
      const isDenied = change !== null && change.after === 'deny' && change.before !== 'deny';
      if (isDenied && attempt.orderId !== null) denied.set(attempt.orderId, change.code ?? '');
      totals.place(attempt, isDenied);
    } else if (ended !== undefined) {
      totals.end(ended);
    } else if (trade !== undefined) {
      const code = denied.get(trade.sellOrderId) ?? denied.get(trade.buyOrderId);
      if (trade.itemIds.some((itemId) => blockedItems.has(itemId))) upstreamBlocked.add(trade.id);
      if (code !== undefined) {
        blocked.set(trade.id, code);
        for (const itemId of trade.itemIds) blockedItems.add(itemId);
      }
      totals.add(trade, code !== undefined);
    } else if (undone !== undefined) {
      totals.add(undone, denied.has(undone.sellOrderId) || denied.has(undone.buyOrderId));
    }
  }
  // A gift follows from its giver's own attempt alone.
  for (const { id } of inputs.facts.gifts) {
    const code = denied.get(id);
    if (code !== undefined) blocked.set(id, code);
  }
  return { blocked, changed, upstreamBlocked };
}

/** Attempts come before trades of the same instant, and ends last: an order that fills at once is decided first. */
function moments({ attempts, trades, undone = [] }: ReplayFacts): readonly Moment[] {
  const all: Moment[] = [
    ...attempts.map((attempt): Moment => ({ at: attempt.attempt.at, rank: 0, id: attempt.id, attempt })),
    ...trades.map((trade): Moment => ({ at: trade.paidAt, rank: 1, id: trade.id, trade })),
    ...undone.map((trade): Moment => ({ at: trade.paidAt, rank: 1, id: trade.id, undone: trade })),
    ...attempts.flatMap((ended): readonly Moment[] => {
      const at = ended.standing?.endedAt ?? null;
      return at === null ? [] : [{ at, rank: 2, id: ended.id, ended }];
    }),
  ];
  return all.toSorted((a, b) => a.at - b.at || a.rank - b.rank || compareText(a.id, b.id));
}

const ours: ReadonlySet<string> = new Set(DECISION_CODES);

/** `null`: nothing changes. What was refused for other reasons than rules (money, a rival) stays refused. */
function decideAgain(fact: AttemptFact, rules: Rules, totals: Totals): ChangedDecision | null {
  const { attempt, experiment, recorded } = fact;
  const baseline = rules.packOf('baseline', recorded.packHash, experiment).pack;
  const draft = rules.packOf('draft', recorded.packHash, experiment).pack;
  if (recorded.kind === 'deny' && !recorded.codes.every((code) => ours.has(code))) return null;
  const before = decide(attempt, totals.asRecorded(fact, baseline), baseline);
  const after = decide(attempt, totals.underDraft(fact, draft), draft);
  if (before.kind === after.kind) return null;
  const code = after.reasons.find(({ weight }) => weight === 'deny')?.code ?? after.reasons[0]?.code ?? null;
  return { attempt: fact, before: before.kind, after: after.kind, code };
}

type Totals = {
  readonly place: (fact: AttemptFact, isDenied: boolean) => void;
  readonly end: (fact: AttemptFact) => void;
  readonly add: (trade: DealtFact, isBlocked: boolean) => void;
  readonly asRecorded: (fact: AttemptFact, pack: RulePack) => DecisionFacts;
  readonly underDraft: (fact: AttemptFact, pack: RulePack) => DecisionFacts;
};

/** The recorded totals of a person less what the draft has blocked; sums for the ceilings of either pack. */
function createTotals({ baseline, draft, facts }: ReplayInputs): Totals {
  const secondary = new Map<string, bigint>();
  const primary = new Map<string, bigint>();
  const rules = [...baseline.packs, draft].flatMap((pack) => pack.caps ?? []);
  const caps = { baseline: createCapSums(rules), draft: createCapSums(rules) };
  const tradesOf = rules.length === 0 ? new Map<string, readonly DealtFact[]>() : byOrder([...facts.trades, ...(facts.undone ?? [])]);
  const bump = (map: Map<string, bigint>, key: string, amount: bigint) => map.set(key, (map.get(key) ?? 0n) + amount);

  return {
    place: (fact, isDenied) => {
      if (fact.standing === undefined) return;
      caps.baseline.place(fact);
      if (!isDenied) caps.draft.place(fact);
    },
    end: (fact) => {
      const endedAt = fact.standing?.endedAt ?? null;
      const agreed = (tradesOf.get(fact.orderId ?? '') ?? []).filter(({ paidAt }) => endedAt !== null && paidAt > endedAt);
      caps.baseline.end(fact, agreed);
      caps.draft.end(fact, agreed);
    },
    add: (trade, isBlocked) => {
      const date = beijingDate(trade.paidAt);
      if (isBlocked && trade.txType === 'PRIMARY') bump(primary, `${trade.buyerRef} ${date.slice(0, 7)}`, trade.grossFen);
      if (isBlocked && trade.txType !== 'PRIMARY') {
        for (const person of [trade.sellerRef, trade.buyerRef]) bump(secondary, `${person} ${date}`, trade.grossFen);
      }
      caps.baseline.trade(trade);
      if (isBlocked) caps.draft.undo(trade);
      else caps.draft.trade(trade);
    },
    asRecorded: (fact, pack) => withCaps(fact, caps.baseline.totals(fact, pack)),
    underDraft: (fact, pack) => {
      const { person } = fact.facts;
      const date = beijingDate(fact.attempt.at);
      const day = secondary.get(`${person.personRef} ${date}`) ?? 0n;
      const month = primary.get(`${person.personRef} ${date.slice(0, 7)}`) ?? 0n;
      const given = withCaps(fact, caps.draft.totals(fact, pack));
      if (day === 0n && month === 0n) return given;
      return {
        ...given,
        person: {
          ...given.person,
          secondaryDayFen: less(person.secondaryDayFen, day),
          primaryMonthFen: less(person.primaryMonthFen, month),
        },
      };
    },
  };
}

function less(total: bigint, blocked: bigint): Fen {
  return total < blocked ? ZERO_FEN : fen(total - blocked);
}

function withCaps(fact: AttemptFact, capTotals: Readonly<Record<string, bigint>> | undefined): DecisionFacts {
  return capTotals === undefined ? fact.facts : { ...fact.facts, person: { ...fact.facts.person, capTotals } };
}

function byOrder(trades: readonly DealtFact[]): ReadonlyMap<string, readonly DealtFact[]> {
  const lists = new Map<string, DealtFact[]>();
  for (const trade of trades) {
    for (const orderId of [trade.sellOrderId, trade.buyOrderId]) {
      const list = lists.get(orderId);
      if (list === undefined) lists.set(orderId, [trade]);
      else list.push(trade);
    }
  }
  return lists;
}
