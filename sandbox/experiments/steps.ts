/**
 * The way of an experiment (rulebook 6.4): DRAFT, DECLARED, PUBLIC_NOTICE, REGISTERED, TESTING and PAUSED, then one of three ends. Each
 * step has its guard and its signers; the ledger checks the same table (`ledger.md` 6.2).
 */
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { addDays, checkExperiment, daysBetween, type Fault } from './check-experiment.ts';
import { type Declaration, missingAssessment } from './declaration.ts';
import type { Experiment, ExperimentState } from './experiment.ts';

export const STEPS = {
  declare: { from: ['DRAFT'], to: 'DECLARED', signers: 'O', stage: 1 },
  publish: { from: ['DECLARED'], to: 'PUBLIC_NOTICE', signers: 'O', stage: 2 },
  register: { from: ['PUBLIC_NOTICE'], to: 'REGISTERED', signers: 'S', stage: 3 },
  start: { from: ['REGISTERED'], to: 'TESTING', signers: 'O', stage: 4 },
  pause: { from: ['TESTING'], to: 'PAUSED', signers: 'O|S', stage: 5 },
  resume: { from: ['PAUSED'], to: 'TESTING', signers: 'S', stage: 4 },
  extend: { from: ['TESTING'], to: 'TESTING', signers: 'OS', stage: 4 },
  succeed: { from: ['TESTING', 'PAUSED'], to: 'EXITED_SUCCESS', signers: 'OS', stage: 6 },
  fail: { from: ['TESTING', 'PAUSED'], to: 'EXITED_FAILED', signers: 'O|S', stage: 7 },
  halt: { from: ['DECLARED', 'PUBLIC_NOTICE', 'REGISTERED', 'TESTING', 'PAUSED'], to: 'HALTED', signers: 'S', stage: 8 },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly from: readonly ExperimentState[];
      readonly to: ExperimentState;
      /** `O` operator, `S` supervisor, `OS` both, `O|S` either. */
      readonly signers: 'O' | 'S' | 'OS' | 'O|S';
      /** Its number on the ledger. */
      readonly stage: number;
    }
  >
>;
export type Step = keyof typeof STEPS;
export const STEP_NAMES = [
  'declare',
  'publish',
  'register',
  'start',
  'pause',
  'resume',
  'extend',
  'succeed',
  'fail',
  'halt',
] as const satisfies readonly Step[];

/** In order of precedence, before what `checkExperiment` says. */
export const STEP_REFUSALS = [
  'experiment_state',
  'reason_missing',
  'assessment_missing',
  'notice_running',
  'second_supervisor_missing',
  'experiment_not_begun',
  'experiment_over',
  'extension_used',
  'extension_too_long',
  'experiment_kinds_taken',
] as const;
export type StepRefusal = (typeof STEP_REFUSALS)[number];
export type StepAnswer = Fault | { readonly code: StepRefusal; readonly facts: Readonly<Record<string, string>> };

export type StepContext = {
  readonly now: Instant;
  readonly pack: RulePack;
  readonly isDemonstration: boolean;
  readonly declaration: Declaration | null;
  readonly noticeSince: Instant | null;
  /** People with a supervisor's certificate who agreed to the registration. */
  readonly supervisors: number;
  readonly extensions: number;
  readonly reason: string;
  /** New last Beijing date, for an extension. */
  readonly newEnd: string | null;
  /** Kinds of other experiments that test or pause. */
  readonly takenClasses: readonly string[];
};

const DAY_MS = 86_400_000;
const REASON_LEAST = 5;
const SUPERVISORS_NEEDED = 2;

/** The first reason against a step; `null`: from here on it must succeed. */
export function refuseStep(experiment: Experiment, step: Step, context: StepContext): StepAnswer | null {
  const from: readonly ExperimentState[] = STEPS[step].from;
  if (!from.includes(experiment.status)) return { code: 'experiment_state', facts: { state: experiment.status, step } };
  return GUARDS[step](experiment, context);
}

/** The document after the step. */
export function afterStep(experiment: Experiment, step: Step, newEnd: string | null): Experiment {
  const period = step === 'extend' && newEnd !== null ? { ...experiment.period, end: newEnd } : experiment.period;
  return { ...experiment, status: STEPS[step].to, period };
}

type Guard = (experiment: Experiment, context: StepContext) => StepAnswer | null;

const withReason: Guard = (_, { reason }) =>
  reason.trim().length < REASON_LEAST ? { code: 'reason_missing', facts: { least: `${REASON_LEAST}` } } : null;

const checked =
  (needsNotice: boolean): Guard =>
  (experiment, { pack, now, isDemonstration }) =>
    checkExperiment(experiment, { pack, today: beijingDate(now), isDemonstration, needsNotice });

const GUARDS: Readonly<Record<Step, Guard>> = {
  declare: (experiment, context) => {
    const missing = context.declaration === null ? 'declaration' : missingAssessment(context.declaration);
    if (missing !== null) return { code: 'assessment_missing', facts: { missing } };
    return checked(true)(experiment, context);
  },
  publish: checked(true),
  register: (experiment, context) => {
    const { noticeSince, now, supervisors } = context;
    const until = noticeSince === null ? null : noticeSince + experiment.period.publicNoticeDays * DAY_MS;
    if (until === null || now < until) {
      return { code: 'notice_running', facts: { until: until === null ? '' : new Date(until).toISOString() } };
    }
    if (supervisors < SUPERVISORS_NEEDED) return { code: 'second_supervisor_missing', facts: { approvals: `${supervisors}` } };
    return checked(false)(experiment, context);
  },
  start: (experiment, context) => {
    const today = beijingDate(context.now);
    const { start, end } = experiment.period;
    if (today < start) return { code: 'experiment_not_begun', facts: { start } };
    if (today > end) return { code: 'experiment_over', facts: { end } };
    const taken = experiment.eligibility.itemClasses.find((classId) => context.takenClasses.includes(classId));
    if (taken !== undefined) return { code: 'experiment_kinds_taken', facts: { classId: taken } };
    return checked(false)(experiment, context);
  },
  pause: withReason,
  resume: (experiment, context) => {
    const { end } = experiment.period;
    if (beijingDate(context.now) > end) return { code: 'experiment_over', facts: { end } };
    return withReason(experiment, context) ?? checked(false)(experiment, context);
  },
  extend: (experiment, context) => {
    const { period } = experiment;
    const { newEnd, extensions, now } = context;
    if (beijingDate(now) > period.end) return { code: 'experiment_over', facts: { end: period.end } };
    if (extensions >= period.maxExtensions) return { code: 'extension_used', facts: { most: `${period.maxExtensions}` } };
    const latest = addDays(period.end, period.maxExtensionDays);
    if (newEnd === null || newEnd <= period.end || daysBetween(period.end, newEnd) > period.maxExtensionDays) {
      return { code: 'extension_too_long', facts: { after: period.end, latest } };
    }
    return withReason(experiment, context) ?? checked(false)(afterStep(experiment, 'extend', newEnd), context);
  },
  succeed: withReason,
  fail: withReason,
  halt: withReason,
};
