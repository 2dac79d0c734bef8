/** The question that a replay answers, and what it must not be asked (rulebook 6.8). */
import { beijingDate, isCalendarDate } from '#ledger/primitives/instant.ts';
import { capWindowStart } from '../decisions/caps.ts';
import type { Override } from '../experiments/experiment.ts';
import { findNotFollowed } from '../packs/not-followed.ts';
import { packHash } from '../packs/pack.ts';
import type { CalendarWindow, RulePack } from '../packs/rule-pack.ts';
import { compileWindow } from '../tax/compile-assessor.ts';
import type { ReplayFacts } from './facts.ts';
import { firstOfTwelveMonths } from './seller-years.ts';

export const GROUPINGS = ['day', 'game', 'itemClass', 'payerGroup'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const DETAILS = ['NONE', 'CHANGED', 'ALL'] as const;

export type ReplayOptions = {
  /** Only what lies in here is counted; windows are totalled whole. */
  readonly scope: {
    readonly gameIds: readonly string[] | null;
    readonly classIds: readonly string[] | null;
    readonly payerGroups: readonly string[] | null;
  };
  /** Does a trade that the draft would deny leave its window's total and the revenue? */
  readonly blocked: 'REMOVE' | 'KEEP';
  /** Do the overrides of running experiments lie over the draft too? */
  readonly experiments: 'KEEP' | 'DROP';
  readonly detail: (typeof DETAILS)[number];
  readonly groupBy: readonly Grouping[];
};

export const DEFAULT_OPTIONS: ReplayOptions = {
  scope: { gameIds: null, classIds: null, payerGroups: null },
  blocked: 'REMOVE',
  experiments: 'KEEP',
  detail: 'CHANGED',
  groupBy: ['day', 'game', 'itemClass', 'payerGroup'],
};

/** An experiment as it stood: its document's hash and what each arm overrides. */
export type ReplayExperiment = { readonly id: string; readonly hash: string; readonly overrides: readonly Override[] };

export type ReplayInputs = {
  /** `[from, to)`, Beijing dates. */
  readonly period: { readonly from: string; readonly to: string };
  /** Every pack that a stored decision or assessment of the facts names. */
  readonly baseline: { readonly packs: readonly RulePack[]; readonly experiments: readonly ReplayExperiment[] };
  readonly draft: RulePack;
  /** Sets the draft's dates aside. */
  readonly assumeInForce: boolean;
  readonly facts: ReplayFacts;
  readonly options: ReplayOptions;
};

/** In order of precedence. */
export const REPLAY_REFUSALS = [
  'replay_period_malformed',
  'replay_period_open',
  'replay_margin_missing',
  'replay_facts_gap',
  'replay_pack_unknown',
  'replay_experiment_unknown',
  'replay_attempts_missing',
  'replay_draft_not_in_force',
  'replay_draft_not_followed',
  'replay_baseline_mismatch',
] as const;
export type ReplayRefusal = (typeof REPLAY_REFUSALS)[number];
export type Refusal = { readonly kind: 'rejected'; readonly code: ReplayRefusal; readonly facts: Readonly<Record<string, string>> };

/** Facts that windows of any pack reach into: whole months for a month's line, the window of each ceiling. */
export function marginsOf({ period, baseline, draft }: Pick<ReplayInputs, 'period' | 'baseline' | 'draft'>): {
  readonly from: string;
  readonly to: string;
} {
  const packs = [...baseline.packs, draft];
  const isMonthly = packs.some((pack) => compileWindow(pack)?.window === 'MONTH');
  const windows: readonly CalendarWindow[] = [
    ...(isMonthly ? (['MONTH'] as const) : []),
    ...packs.flatMap(({ caps = [] }) => caps.map(({ window }) => window)),
  ];
  const from = windows.map((window) => capWindowStart(window, period.from)).toSorted()[0];
  return {
    from: from !== undefined && from < period.from ? from : period.from,
    to: isMonthly ? firstOfMonthAfter(period.to) : period.to,
  };
}

/** From where a year's lines need sales: the twelve months that end with the first day; the calendar year begins no earlier. */
export function yearMarginOf({ from }: ReplayInputs['period']): string {
  return firstOfTwelveMonths(from);
}

const DAY_MS = 86_400_000;

/** The end of a period is exclusive: the first of a month closes the month before. */
function firstOfMonthAfter(date: string): string {
  if (date.endsWith('-01')) return date;
  return isoDate(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 1));
}

function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** What the facts cannot answer; `null`: they can. The baseline's figures are compared later. */
export function refuseInputs(inputs: ReplayInputs): Refusal | null {
  const { period, facts, baseline, draft, assumeInForce } = inputs;
  const refuse = (code: ReplayRefusal, details: Readonly<Record<string, string>> = {}): Refusal => ({
    kind: 'rejected',
    code,
    facts: details,
  });
  if (!isCalendarDate(period.from) || !isCalendarDate(period.to) || period.from >= period.to)
    return refuse('replay_period_malformed', { ...period });
  const margins = marginsOf(inputs);
  const today = beijingDate(facts.asOf.at);
  if (margins.to > today) return refuse('replay_period_open', { to: margins.to, factsUntil: today });
  const { coverage } = facts;
  if (coverage.from > margins.from || coverage.to < margins.to) {
    return refuse('replay_margin_missing', { neededFrom: margins.from, neededTo: margins.to, from: coverage.from, to: coverage.to });
  }
  const yearsFrom = facts.sellerYears?.from ?? yearMarginOf(period);
  if (yearsFrom > yearMarginOf(period)) {
    return refuse('replay_margin_missing', { neededFrom: yearMarginOf(period), neededTo: margins.to, from: yearsFrom, to: coverage.to });
  }
  const gap = coverage.gaps.find(({ from, to }) => from < margins.to && to > margins.from);
  if (gap !== undefined) return refuse('replay_facts_gap', { ...gap });
  const known = new Set(baseline.packs.map(packHash));
  const unknown = [...facts.trades, ...facts.gifts].find(({ stored }) => !known.has(stored.packHash));
  if (unknown !== undefined) return refuse('replay_pack_unknown', { tradeId: unknown.id, packHash: unknown.stored.packHash });
  const undecided = facts.attempts.find(({ recorded }) => !known.has(recorded.packHash));
  if (undecided !== undefined) return refuse('replay_pack_unknown', { attemptId: undecided.id, packHash: undecided.recorded.packHash });
  return (
    refuseExperiments(inputs) ??
    refuseMissingAttempts(inputs) ??
    (!assumeInForce && (draft.effectiveFrom > period.from || draft.effectiveTo < lastDay(period.to))
      ? refuse('replay_draft_not_in_force', { effectiveFrom: draft.effectiveFrom, effectiveTo: draft.effectiveTo })
      : null) ??
    refuseNotFollowed(draft)
  );
}

/** Facts lack what such a draft asks for: the replay would give the figures of another one. */
function refuseNotFollowed(draft: RulePack): Refusal | null {
  const found = findNotFollowed(draft, 'REPLAY');
  return found === null ? null : { kind: 'rejected', code: 'replay_draft_not_followed', facts: { ...found } };
}

function refuseExperiments({ facts, baseline }: ReplayInputs): Refusal | null {
  const known = new Set(baseline.experiments.map(({ id }) => id));
  const missing = [...facts.attempts, ...facts.trades].find(({ experiment }) => experiment !== null && !known.has(experiment.id));
  if (missing === undefined) return null;
  return { kind: 'rejected', code: 'replay_experiment_unknown', facts: { id: missing.id, experimentId: missing.experiment?.id ?? '' } };
}

/** A trade whose orders were never decided on record cannot be decided again. */
function refuseMissingAttempts({ facts }: ReplayInputs): Refusal | null {
  const decided = new Set(facts.attempts.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])));
  const missing = facts.trades.filter(({ sellOrderId, buyOrderId }) => !(decided.has(sellOrderId) && decided.has(buyOrderId)));
  const [first] = missing;
  if (first === undefined) return null;
  return { kind: 'rejected', code: 'replay_attempts_missing', facts: { tradeId: first.id, trades: `${missing.length}` } };
}

function lastDay(to: string): string {
  return isoDate(Date.parse(`${to}T00:00:00.000Z`) - DAY_MS);
}

/** The draft as if it were in force on every day of the facts. */
export function setDatesAside(pack: RulePack): RulePack {
  const [from, to] = ['0001-01-01', '9999-12-31'];
  const constants = Object.fromEntries(
    Object.entries(pack.constants).map(([name, parameter]) => [name, { ...parameter, effectiveFrom: from, effectiveTo: null }]),
  );
  return { ...pack, effectiveFrom: from, effectiveTo: to, constants };
}
