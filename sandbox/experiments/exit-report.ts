/** The report that an experiment leaves (product V-22), a function of its facts: the same facts give the same bytes. */
import type { Texts } from '../packs/rule-pack.ts';
import type { ComplaintCounts } from './complaint-counts.ts';
import type { Experiment, ExperimentState } from './experiment.ts';
import { ratioText } from './judge.ts';
import type { KpiValue } from './kpis.ts';
import type { StopState } from './stop-triggers.ts';

export type ExitFacts = {
  readonly experiment: Experiment;
  readonly declarationHash: string | null;
  readonly documentHash: string;
  readonly transitions: readonly {
    readonly from: ExperimentState | null;
    readonly to: ExperimentState;
    readonly at: string;
    readonly reason: string;
    readonly txId: string | null;
  }[];
  readonly kpis: readonly KpiValue[];
  readonly stops: readonly StopState[];
  readonly fired: readonly { readonly when: string; readonly action: string; readonly value: string; readonly at: string }[];
  readonly participants: readonly { readonly arm: string; readonly count: number }[];
  readonly alerts: readonly { readonly detector: string; readonly count: number; readonly confirmed: number }[];
  readonly money: Readonly<
    Record<'turnoverFen' | 'feeFen' | 'royaltyFen' | 'openFen' | 'refundedFen' | 'compensationFen' | 'fundFen', string>
  >;
  readonly orders: Readonly<Record<'placed' | 'filled' | 'canceled' | 'expired' | 'openTrades', number>>;
  readonly comments: number;
  readonly complaints: ComplaintCounts;
  /** Counted rows by table and their SM3. */
  readonly digests: readonly { readonly name: string; readonly rows: number; readonly sm3: string }[];
};

export const NOT_CAUSAL: Texts = {
  zh: '区间为 95%，只描述抽样误差；固定编组的人不计入指标。参与者自愿加入，结论不能推及未参与者。',
  en: 'Intervals are 95 % and cover sampling only; people placed in an arm by name are left out. Participants chose to join: nothing follows for those who did not.',
};

export function exitReport(facts: ExitFacts) {
  const { experiment } = facts;
  return {
    schema: 'daoju.exit-report/1',
    experimentId: experiment.id,
    title: experiment.title,
    hypothesis: experiment.hypothesis,
    outcome: experiment.status,
    simulatedAuthorization: experiment.authorization?.kind === 'SIMULATED' ? experiment.authorization.label : null,
    period: { start: experiment.period.start, end: experiment.period.end },
    arms: experiment.assignment.arms.map(({ id, share }) => ({
      id,
      share,
      people: facts.participants.find(({ arm }) => arm === id)?.count ?? 0,
      overrides: experiment.ruleOverrides.filter(({ arm }) => arm === id).map(({ path, value }) => ({ path, value })),
    })),
    results: facts.kpis.map((kpi) => ({
      kpi: kpi.kpiId,
      formula: experiment.kpis.find(({ id }) => id === kpi.kpiId)?.formula ?? '',
      arm: kpi.arm,
      n: kpi.n,
      value: kpi.value === null ? null : ratioText(kpi.value),
      low: kpi.interval === null ? null : decimalText(kpi.interval.low),
      high: kpi.interval === null ? null : decimalText(kpi.interval.high),
      target: kpi.target === null ? null : { bound: kpi.target.source, judgement: kpi.target.judgement },
      guardrail: kpi.guardrail === null ? null : { bound: kpi.guardrail.source, judgement: kpi.guardrail.judgement },
    })),
    note: NOT_CAUSAL,
    alerts: facts.alerts,
    stops: facts.stops.map(({ when, action, value, bound, unit, isFired }) => ({
      when,
      action,
      unit,
      value: `${value}`,
      bound: `${bound}`,
      isFired,
    })),
    fired: facts.fired,
    money: facts.money,
    orders: { ...facts.orders, openOrders: experiment.exit.openOrders },
    comments: facts.comments,
    complaints: { ...facts.complaints, slaWorkingDays: experiment.safeguards.complaintSlaWorkingDays },
    transitions: facts.transitions,
    exit: experiment.status === 'EXITED_SUCCESS' ? experiment.exit.success : experiment.exit.fail,
    data: { declaration: facts.declarationHash, document: facts.documentHash, keptDays: experiment.exit.dataDays, digests: facts.digests },
  };
}
export type ExitReport = ReturnType<typeof exitReport>;

const PLACES = 10_000;
/** A bound of an interval to four places. */
export function decimalText(value: number): string {
  return ratioText({ numerator: BigInt(Math.round(value * PLACES)), denominator: BigInt(PLACES) });
}
