/** What an experiment, or a step of it, is refused with: one stable code, one sentence. */
import { EXPERIMENT_FAULTS } from '#sandbox/experiments/check-experiment.ts';
import { STEP_REFUSALS } from '#sandbox/experiments/steps.ts';
import { RefusalError } from '#server/refusal.ts';

export const EXPERIMENT_DESK_CODES = [
  ...EXPERIMENT_FAULTS,
  ...STEP_REFUSALS,
  'declaration_malformed',
  'experiment_known',
  'experiment_game_unknown',
  'experiment_kind_unknown',
  'approval_given',
  'second_role_missing',
  'notice_over',
  'report_missing',
  'compensation_not_participant',
  'compensation_too_late',
  'compensation_fund_spent',
  'compensation_unfunded',
  'compensation_reused',
] as const;
export type ExperimentDeskCode = (typeof EXPERIMENT_DESK_CODES)[number];

const SENTENCES: Readonly<Record<ExperimentDeskCode, string>> = {
  experiment_malformed: 'The document is no experiment. The place and what belongs there are named.',
  experiment_caps_missing: 'Every cap must be set. The missing one is named.',
  experiment_shares: 'The shares of the arms must be above zero and add up to 1.',
  kpi_malformed: 'A KPI cannot be computed. Use a published formula and a bound of the published form.',
  stop_trigger_malformed: 'A stop trigger cannot be read. Use one of the published forms.',
  experiment_contradictory: 'Parts of the experiment contradict each other at the place named.',
  experiment_period: 'The period is not possible: it lasts 1 to 366 days after a notice of at least 7.',
  experiment_too_early: 'The start leaves no room for the public notice. Choose a later day.',
  override_path_unknown: 'The rule pack has no rule at this place.',
  override_not_grantable: 'The rule pack does not allow this rule to be loosened.',
  authorization_missing: 'Loosening this rule needs an authorisation.',
  authorization_scope: 'The authorisation does not name this rule.',
  authorization_period: 'The authorisation does not cover the whole period.',
  authorization_simulated: 'A simulated authorisation is valid on a demonstration chain only.',
  experiment_state: 'The experiment has moved on. Load it again.',
  reason_missing: 'Give a reason of at least five characters.',
  assessment_missing: 'Both assessments must be attached and passed.',
  notice_running: 'The public notice still runs.',
  second_supervisor_missing: 'Two supervisors must agree to the registration.',
  experiment_not_begun: 'The first day has not come.',
  experiment_over: 'The last day has passed.',
  extension_used: 'The experiment was extended as often as it may be.',
  extension_too_long: 'The new end must lie after the present one and within the longest extension.',
  experiment_kinds_taken: 'Another experiment runs on one of these kinds.',
  declaration_malformed: 'The declaration is not complete. The place and what belongs there are named.',
  experiment_known: 'There is an experiment with this id. Choose the next number.',
  experiment_game_unknown: 'There is no game with the id named. Choose games of this market.',
  experiment_kind_unknown: 'There is no kind with the id named. Choose kinds of this market.',
  approval_given: 'You have agreed already.',
  second_role_missing: 'Operator and supervisor must both agree.',
  notice_over: 'Comments are taken during the public notice only.',
  report_missing: 'There is no report yet.',
  compensation_not_participant: 'Only who takes part in the experiment is compensated from its fund.',
  compensation_too_late: 'The time for claims is over for this person. The last day is named.',
  compensation_fund_spent: 'The fund of the experiment does not reach so far. What is left is named.',
  compensation_unfunded: 'The operator has not earned so much yet. What it has is named; try again when more fees are final.',
  compensation_reused: 'This decision was made before with other contents. Start it again.',
};

export function deskRefusal(code: ExperimentDeskCode, facts: Readonly<Record<string, string>> = {}): RefusalError {
  const kind = code === 'experiment_known' || code === 'experiment_state' || code === 'approval_given' ? 'conflict' : 'unprocessable';
  return new RefusalError(kind, code, SENTENCES[code], facts);
}

export function isDeskCode(code: string): code is ExperimentDeskCode {
  return EXPERIMENT_DESK_CODES.some((each) => each === code);
}
