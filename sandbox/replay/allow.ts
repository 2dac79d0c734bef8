/**
 * Decides every recorded attempt again under the draft, in the order of time, with the totals that follow from what the draft allows
 * (rulebook 6.8 step 2). A trade is blocked when the draft denies the attempt of either side and the baseline did not.
 */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { capWindow } from '../decisions/caps.ts';
import { decide } from '../decisions/decide.ts';
import { DECISION_CODES, type Decision, type DecisionFacts } from '../decisions/decision.ts';
import type { CapRule, RulePack } from '../packs/rule-pack.ts';
import { type AttemptFact, compareText, type ReplayFacts, type TradeFact } from './facts.ts';
import type { ReplayInputs } from './inputs.ts';
import type { Rules } from './rules.ts';

export type AllowedSet = {
  /** Trades that the draft denies, with the code of the first reason. */
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
  readonly rank: 0 | 1;
  readonly id: string;
  readonly attempt?: AttemptFact;
  readonly trade?: TradeFact;
};

export function allowUnder(inputs: ReplayInputs, rules: Rules): AllowedSet {
  const totals = createTotals(inputs);
  const denied = new Map<string, string>();
  const blocked = new Map<string, string>();
  const upstreamBlocked = new Set<string>();
  const blockedItems = new Set<string>();
  const changed: ChangedDecision[] = [];
  for (const { attempt, trade } of moments(inputs.facts)) {
    if (attempt !== undefined) {
      const change = decideAgain(attempt, rules, totals);
      if (change === null) continue;
      changed.push(change);
      if (change.after === 'deny' && change.before !== 'deny' && attempt.orderId !== null) denied.set(attempt.orderId, change.code ?? '');
    } else if (trade !== undefined) {
      const code = denied.get(trade.sellOrderId) ?? denied.get(trade.buyOrderId);
      if (trade.itemIds.some((itemId) => blockedItems.has(itemId))) upstreamBlocked.add(trade.id);
      if (code !== undefined) {
        blocked.set(trade.id, code);
        for (const itemId of trade.itemIds) blockedItems.add(itemId);
      }
      totals.add(trade, code !== undefined);
    }
  }
  return { blocked, changed, upstreamBlocked };
}

/** Attempts come before trades of the same instant: an order that fills at once is decided first. */
function moments({ attempts, trades }: ReplayFacts): readonly Moment[] {
  const all: Moment[] = [
    ...attempts.map((attempt): Moment => ({ at: attempt.attempt.at, rank: 0, id: attempt.id, attempt })),
    ...trades.map((trade): Moment => ({ at: trade.paidAt, rank: 1, id: trade.id, trade })),
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
  readonly add: (trade: TradeFact, isBlocked: boolean) => void;
  readonly asRecorded: (fact: AttemptFact, pack: RulePack) => DecisionFacts;
  readonly underDraft: (fact: AttemptFact, pack: RulePack) => DecisionFacts;
};

/** The recorded totals of a person less what the draft has blocked; sums for the ceilings of either pack. */
function createTotals({ baseline, draft }: ReplayInputs): Totals {
  const secondary = new Map<string, bigint>();
  const primary = new Map<string, bigint>();
  const caps = { baseline: new Map<string, bigint>(), draft: new Map<string, bigint>() };
  const rules = [...baseline.packs, draft].flatMap((pack) => pack.caps ?? []);
  const bump = (map: Map<string, bigint>, key: string, amount: bigint) => map.set(key, (map.get(key) ?? 0n) + amount);

  return {
    add: (trade, isBlocked) => {
      const date = beijingDate(trade.paidAt);
      if (isBlocked && trade.txType === 'PRIMARY') bump(primary, `${trade.buyerRef} ${date.slice(0, 7)}`, trade.grossFen);
      if (isBlocked && trade.txType !== 'PRIMARY') {
        for (const person of [trade.sellerRef, trade.buyerRef]) bump(secondary, `${person} ${date}`, trade.grossFen);
      }
      if (trade.txType === 'PRIMARY') return;
      const seen = new Set<string>();
      for (const cap of rules) {
        const person = cap.subject === 'SELLER_PERSON' ? trade.sellerRef : trade.buyerRef;
        const key = capKey(cap, person, date);
        if (seen.has(key)) continue;
        seen.add(key);
        const amount = cap.measure === 'COUNT' ? 1n : trade.grossFen;
        bump(caps.baseline, key, amount);
        if (!isBlocked) bump(caps.draft, key, amount);
      }
    },
    asRecorded: (fact, pack) => withCaps(fact, pack, caps.baseline),
    underDraft: (fact, pack) => {
      const { person } = fact.facts;
      const date = beijingDate(fact.attempt.at);
      const day = secondary.get(`${person.personRef} ${date}`) ?? 0n;
      const month = primary.get(`${person.personRef} ${date.slice(0, 7)}`) ?? 0n;
      const given = withCaps(fact, pack, caps.draft);
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

function capKey(cap: CapRule, person: string, date: string): string {
  return `${cap.subject} ${cap.measure} ${person} ${capWindow(cap.window, date)}`;
}

function withCaps(fact: AttemptFact, pack: RulePack, sums: ReadonlyMap<string, bigint>): DecisionFacts {
  if (pack.caps === undefined || pack.caps.length === 0) return fact.facts;
  const date = beijingDate(fact.attempt.at);
  const { person } = fact.facts;
  const capTotals = Object.fromEntries(pack.caps.map((cap) => [cap.id, sums.get(capKey(cap, person.personRef, date)) ?? 0n]));
  return { ...fact.facts, person: { ...person, capTotals } };
}
