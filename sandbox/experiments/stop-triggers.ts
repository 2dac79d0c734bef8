/** Stop triggers (rulebook 6.4): a small grammar, no evaluation of text. Each says how far it is from acting. */
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Experiment } from './experiment.ts';

export type StopAction = Experiment['stopTriggers'][number]['action'];
export type StopCondition =
  | { readonly kind: 'guardrail'; readonly kpiId: string; readonly days: number }
  | { readonly kind: 'compensation'; readonly numerator: bigint; readonly denominator: bigint }
  | { readonly kind: 'loss'; readonly fen: bigint }
  | { readonly kind: 'ledgerVerifyFailed' }
  | { readonly kind: 'supervisorOrder' };

export type StopFacts = {
  /** Whole days in a row, up to yesterday, in which some arm touched the guardrail; and whether it is touched over the whole run. */
  readonly guardrails: Readonly<Record<string, { readonly days: number; readonly isTouched: boolean }>>;
  readonly compensationPaidFen: bigint;
  readonly fundFen: bigint;
  /** `null`: nobody has bought and sold yet. */
  readonly participantLossMedianFen: bigint | null;
  /** Differences between the books and the ledger; `null`: not compared yet. */
  readonly ledgerBreaks: bigint | null;
  readonly isOrdered: boolean;
};
export type StopState = {
  readonly when: string;
  readonly action: StopAction;
  readonly isFired: boolean;
  /** False: the fact it asks for is not there yet, so that it is neither fired nor at rest. */
  readonly isKnown: boolean;
  /** In the unit of the trigger: days, fen, differences, or 0 and 1. */
  readonly value: bigint;
  /** It acts above this (`days`: at it). */
  readonly bound: bigint;
  readonly unit: 'days' | 'fen' | 'breaks' | 'switch';
};

const GUARDRAIL = /^guardrail\(([A-Za-z0-9][A-Za-z0-9_-]{0,39})\)(?: for (\d{1,2}) consecutive days)?$/;
const COMPENSATION = /^compensationPaid > (\d{1,6})\/(\d{1,6}) of fund$/;
const LOSS = /^participantLossMedian > (\d{1,12}) fen$/;
const DAYS_MAX = 30;

/** @throws {ParseError} `stop_trigger_malformed` */
export function parseStopCondition(when: string): StopCondition {
  if (when === 'ledgerVerifyFailed' || when === 'supervisorOrder') return { kind: when };
  const [, kpiId, days] = GUARDRAIL.exec(when) ?? [];
  if (kpiId !== undefined) {
    const count = days === undefined ? 0 : Number(days);
    if (days === undefined || (count >= 1 && count <= DAYS_MAX)) return { kind: 'guardrail', kpiId, days: count };
  }
  const [, numerator, denominator] = COMPENSATION.exec(when) ?? [];
  if (numerator !== undefined && denominator !== undefined && BigInt(denominator) > 0n) {
    return { kind: 'compensation', numerator: BigInt(numerator), denominator: BigInt(denominator) };
  }
  const [, fen] = LOSS.exec(when) ?? [];
  if (fen !== undefined) return { kind: 'loss', fen: BigInt(fen) };
  throw new ParseError('stop_trigger_malformed', { when, expected: 'one of the published forms' });
}

export function evaluateStops(experiment: Experiment, facts: StopFacts): readonly StopState[] {
  return experiment.stopTriggers.map(({ when, action }) => {
    const condition = parseStopCondition(when);
    const isKnown = condition.kind !== 'ledgerVerifyFailed' || facts.ledgerBreaks !== null;
    return { when, action, isKnown, ...evaluate(condition, facts) };
  });
}

function evaluate(condition: StopCondition, facts: StopFacts): Pick<StopState, 'isFired' | 'value' | 'bound' | 'unit'> {
  switch (condition.kind) {
    case 'guardrail': {
      const touched = facts.guardrails[condition.kpiId];
      if (condition.days === 0) return onOff(touched?.isTouched === true);
      const days = touched?.days ?? 0;
      return { isFired: days >= condition.days, value: BigInt(days), bound: BigInt(condition.days), unit: 'days' };
    }
    case 'compensation': {
      const { numerator, denominator } = condition;
      const isFired = facts.compensationPaidFen * denominator > facts.fundFen * numerator;
      return { isFired, value: facts.compensationPaidFen, bound: (facts.fundFen * numerator) / denominator, unit: 'fen' };
    }
    case 'loss': {
      const loss = facts.participantLossMedianFen ?? 0n;
      return { isFired: loss > condition.fen, value: loss, bound: condition.fen, unit: 'fen' };
    }
    case 'ledgerVerifyFailed': {
      const breaks = facts.ledgerBreaks ?? 0n;
      return { isFired: breaks > 0n, value: breaks, bound: 0n, unit: 'breaks' };
    }
    case 'supervisorOrder':
      return onOff(facts.isOrdered);
  }
}

function onOff(isFired: boolean): Pick<StopState, 'isFired' | 'value' | 'bound' | 'unit'> {
  return { isFired, value: isFired ? 1n : 0n, bound: 0n, unit: 'switch' };
}

/** What is to be done now: everything stops rather than only what is new. */
export function actionOf(stops: readonly StopState[]): StopState | null {
  const fired = stops.filter(({ isFired }) => isFired);
  return fired.find(({ action }) => action === 'HALT_ALL') ?? fired[0] ?? null;
}
