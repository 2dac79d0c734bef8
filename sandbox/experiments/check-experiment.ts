/** What stands against an experiment before it is declared: contradictions, shares, dates, rules that it may not touch. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { constantsOfOrders } from '../decisions/asked.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { parseRate } from '../parameters/decimal.ts';
import { constantOfPath, type Experiment, REGISTRATION_CODES, refuseRegistration, widens } from './experiment.ts';
import { parseComparison } from './judge.ts';
import { formulaOf, uncounted } from './kpis.ts';
import { findUnkept } from './not-followed.ts';
import { parseStopCondition } from './stop-triggers.ts';

/** In order of precedence. */
export const EXPERIMENT_FAULTS = [
  'experiment_malformed',
  'experiment_caps_missing',
  'experiment_shares',
  'kpi_malformed',
  'stop_trigger_malformed',
  'experiment_contradictory',
  'experiment_period',
  'experiment_too_early',
  ...REGISTRATION_CODES,
] as const;
export type ExperimentFault = (typeof EXPERIMENT_FAULTS)[number];
export type Fault = { readonly code: ExperimentFault; readonly facts: Readonly<Record<string, string>> };

export type CheckContext = {
  readonly pack: RulePack;
  /** Beijing date. */
  readonly today: string;
  readonly isDemonstration: boolean;
  /** Whether the start must still leave room for the notice: for a draft, not for one whose notice has run. */
  readonly needsNotice: boolean;
};

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;
const SHORTEST_NOTICE_DAYS = 7;

export function checkExperiment(experiment: Experiment, context: CheckContext): Fault | null {
  return (
    checkShares(experiment) ??
    checkFigures(experiment) ??
    checkReferences(experiment) ??
    checkPeriod(experiment, context) ??
    checkOverrides(experiment, context)
  );
}

function fault(code: ExperimentFault, facts: Readonly<Record<string, string>> = {}): Fault {
  return { code, facts };
}

function checkShares({ assignment: { arms } }: Experiment): Fault | null {
  let sum = { numerator: 0n, denominator: 1n };
  for (const { id, share } of arms) {
    try {
      const part = parseRate(share);
      if (part.numerator <= 0n) return fault('experiment_shares', { arm: id, share });
      sum = {
        numerator: sum.numerator * part.denominator + part.numerator * sum.denominator,
        denominator: sum.denominator * part.denominator,
      };
    } catch {
      return fault('experiment_shares', { arm: id, share });
    }
  }
  if (sum.numerator === sum.denominator) return null;
  return fault('experiment_shares', { sum: `${sum.numerator}/${sum.denominator}`, expected: '1' });
}

/** Formulas, bounds and triggers are read once here, so that nothing unreadable ever runs. */
function checkFigures({ kpis, stopTriggers }: Experiment): Fault | null {
  try {
    for (const { formula, target, guardrail } of kpis) {
      formulaOf(formula);
      for (const bound of [target, guardrail]) if (bound !== undefined) parseComparison(bound);
    }
    for (const { when } of stopTriggers) parseStopCondition(when);
    return null;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const code = error.code === 'kpi_malformed' ? 'kpi_malformed' : 'stop_trigger_malformed';
    return fault(code, Object.fromEntries(Object.entries(error.facts).map(([key, value]) => [key, String(value)])));
  }
}

function checkReferences(experiment: Experiment): Fault | null {
  const contradiction = (place: string, reason: string) => fault('experiment_contradictory', { place, reason });
  const { assignment, kpis, ruleOverrides, stopTriggers, caps, eligibility } = experiment;
  const arms = assignment.arms.map(({ id }) => id);
  if (new Set(arms).size !== arms.length) return contradiction('assignment.arms', 'an arm twice');
  if (new Set(kpis.map(({ id }) => id)).size !== kpis.length) return contradiction('kpis', 'a KPI twice');
  const stray = Object.values(assignment.pinned).find((arm) => !arms.includes(arm));
  if (stray !== undefined) return contradiction('assignment.pinned', `no arm ${stray}`);
  const lost = ruleOverrides.find(({ arm }) => !arms.includes(arm));
  if (lost !== undefined) return contradiction('ruleOverrides', `no arm ${lost.arm}`);
  const places = ruleOverrides.map(({ arm, path }) => `${arm} ${path}`);
  if (new Set(places).size !== places.length) return contradiction('ruleOverrides', 'one rule twice in an arm');
  for (const { id, formula, target, guardrail } of kpis) {
    const missing = uncounted(formula, experiment);
    if (missing !== null) return contradiction(`kpis.${id}`, `nothing here counts ${missing}`);
    for (const bound of [target, guardrail]) {
      const arm = bound === undefined ? null : parseComparison(bound).arm;
      if (arm !== null && !arms.includes(arm)) return contradiction(`kpis.${id}`, `no arm ${arm}`);
    }
  }
  for (const { when } of stopTriggers) {
    const condition = parseStopCondition(when);
    if (condition.kind !== 'guardrail') continue;
    if (kpis.find(({ id }) => id === condition.kpiId)?.guardrail === undefined)
      return contradiction('stopTriggers', `${when}: no guardrail`);
  }
  if (!stopTriggers.some(({ when }) => when === 'supervisorOrder')) return contradiction('stopTriggers', 'supervisorOrder is missing');
  const unkept = findUnkept(experiment);
  if (unkept !== null) return contradiction(unkept.place, unkept.reason);
  if (caps.perTradeFen > caps.perPersonDayFen) return contradiction('caps', 'perTradeFen above perPersonDayFen');
  if (caps.perPersonDayFen > caps.perPersonMonthFen) return contradiction('caps', 'perPersonDayFen above perPersonMonthFen');
  if (eligibility.itemClasses.length === 0 || eligibility.games.length === 0) return contradiction('eligibility', 'no kind or no game');
  return null;
}

function checkPeriod({ period, authorization }: Experiment, { today, needsNotice }: CheckContext): Fault | null {
  const days = daysBetween(period.start, period.end) + 1;
  if (days < 1 || days > LONGEST_DAYS)
    return fault('experiment_period', { start: period.start, end: period.end, mostDays: `${LONGEST_DAYS}` });
  if (period.publicNoticeDays < SHORTEST_NOTICE_DAYS)
    return fault('experiment_period', { publicNoticeDays: `${period.publicNoticeDays}`, least: `${SHORTEST_NOTICE_DAYS}` });
  if (authorization !== null && authorization.from > authorization.to) return fault('experiment_period', { place: 'authorization' });
  if (!needsNotice) return null;
  const earliest = addDays(today, period.publicNoticeDays);
  return period.start < earliest ? fault('experiment_too_early', { start: period.start, earliest }) : null;
}

function checkOverrides(experiment: Experiment, { pack, isDemonstration }: CheckContext): Fault | null {
  const code = refuseRegistration(experiment, pack, isDemonstration);
  if (code !== null) {
    const lax = experiment.ruleOverrides.find(
      (override) => refuseRegistration({ ...experiment, ruleOverrides: [override] }, pack, isDemonstration) !== null,
    );
    return fault(code, { path: lax?.path ?? '' });
  }
  const asked = constantsOfOrders(pack);
  const unasked = experiment.ruleOverrides.map(({ path }) => constantOfPath(path)).find((name) => name !== null && !asked.has(name));
  if (experiment.mode !== 'SHADOW' && unasked !== undefined) {
    return fault('experiment_contradictory', {
      place: 'ruleOverrides',
      reason: `no order is decided by ${unasked}: compute it in the shadow`,
    });
  }
  const wider = experiment.ruleOverrides.find((override) => widens(pack, override));
  if (experiment.mode === 'LIVE_STRICTER' && wider !== undefined) {
    return fault('experiment_contradictory', { place: 'mode', reason: `${wider.path} is widened` });
  }
  if (experiment.mode === 'LIVE_WIDER' && experiment.authorization === null) return fault('authorization_missing', { path: '' });
  if (wider !== undefined && experiment.onCap !== 'REJECT') {
    return fault('experiment_contradictory', { place: 'onCap', reason: 'a widened rule is refused at its caps' });
  }
  return null;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00.000Z`) - Date.parse(`${from}T00:00:00.000Z`)) / DAY_MS);
}
