/** The desk of experiments (product V-20 to V-22). */

import type { Declaration } from '#sandbox/experiments/declaration.ts';
import type { Authorization, ExperimentState } from '#sandbox/experiments/experiment.ts';
import type { InterimKind } from '#sandbox/experiments/interim.ts';
import type { KpiMeasure, KpiUnit } from '#sandbox/experiments/kpis.ts';
import type { Step } from '#sandbox/experiments/steps.ts';
import type { Texts } from '#sandbox/packs/rule-pack.ts';
import type { Parameter } from '#sandbox/parameters/parameter.ts';
import type { CoSignView } from './co-sign.ts';
import type { ExperimentView } from './market.ts';
import type { PersonalSignature } from './packs.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type ExperimentStep = Step;
export type ExperimentStepView = {
  readonly step: string;
  readonly from: ExperimentState | null;
  readonly to: ExperimentState;
  readonly at: IsoText;
  readonly reason: string;
  readonly by: string;
  readonly txId: Hex | null;
};
export type ExperimentKpiView = {
  readonly kpiId: string;
  /** What its formula measures, and how its value reads. */
  readonly measure: KpiMeasure;
  readonly unit: KpiUnit;
  /** False: this market does not count what its formula asks for. */
  readonly isCounted: boolean;
  readonly arm: string;
  readonly value: string | null;
  readonly n: number;
  readonly low: string | null;
  readonly high: string | null;
  readonly target: string | null;
  readonly isTargetMet: boolean | null;
  readonly guardrail: string | null;
  readonly isGuardrailTouched: boolean | null;
};
export type ExperimentStopView = {
  readonly when: string;
  readonly action: 'PAUSE_NEW' | 'HALT_ALL';
  readonly isFired: boolean;
  readonly value: string;
  readonly bound: string;
  readonly unit: 'days' | 'fen' | 'breaks' | 'switch';
};
export type ExperimentCommentView = { readonly commentId: string; readonly at: IsoText; readonly text: string };
/** A rule as the pack in force has it, and as it would be for the people of an arm. */
export type ExperimentOverrideView = {
  readonly arm: string;
  readonly path: string;
  readonly name: Texts;
  readonly unit: Parameter['unit'];
  readonly before: string | null;
  readonly after: string;
  readonly isWider: boolean;
  readonly ruleId: string | null;
  readonly citation: string | null;
};
/** What it would do, for whom, up to where, by whose leave: read before anybody agrees. */
export type ExperimentTerms = {
  readonly mode: 'LIVE_STRICTER' | 'LIVE_WIDER' | 'SHADOW';
  readonly packVersion: string;
  readonly arms: readonly { readonly id: string; readonly share: string }[];
  readonly overrides: readonly ExperimentOverrideView[];
  readonly authorization: Authorization | null;
  readonly minAge: number;
  readonly level: string;
  readonly kinds: number;
  readonly excludesOpenAmlCase: boolean;
  readonly limits: readonly { readonly name: string; readonly limit: string; readonly isMoney: boolean }[];
  /** A full cap refuses; else it leaves the order to the pack's rules. */
  readonly refusesAtCap: boolean;
  readonly noticeDays: number;
  readonly maxExtensions: number;
  readonly maxExtensionDays: number;
  readonly compensationClaimDays: number;
};
/** What everybody may see of the way so far. */
export type ExperimentNotice = {
  readonly experimentId: string;
  readonly hypothesis: Names;
  readonly from: string;
  readonly to: string;
  readonly terms: ExperimentTerms;
  /** What was declared, with both assessments; null: the seed entered it without. */
  readonly declaration: Declaration | null;
  readonly noticeUntil: IsoText | null;
  readonly takesComments: boolean;
  readonly steps: readonly ExperimentStepView[];
  readonly comments: readonly ExperimentCommentView[];
  readonly report: { readonly at: IsoText; readonly bodyHash: Hex; readonly signature: Hex } | null;
};
export type ExperimentDeskRow = {
  readonly experimentId: string;
  readonly title: Texts;
  readonly status: ExperimentState;
  readonly mode: string;
  readonly from: string;
  readonly to: string;
  readonly participants: number;
};
export type ExperimentDeskView = ExperimentNotice & {
  readonly experiment: ExperimentView;
  readonly forecasts: readonly { readonly name: string; readonly fullAt: IsoText | null }[];
  readonly kpis: readonly ExperimentKpiView[];
  /** As they stood at the end of each day, for charts; null: no sample. */
  readonly kpiDays: readonly { readonly day: string; readonly kpiId: string; readonly arm: string; readonly value: string | null }[];
  readonly stops: readonly ExperimentStopView[];
  readonly fired: readonly { readonly when: string; readonly action: string; readonly value: string; readonly at: IsoText }[];
  readonly fundFen: FenText;
  /** What a decision to compensate is signed for. */
  readonly chain: Hex;
  /** Days after a participant's last trade in it, or joining, within which he is compensated. */
  readonly compensationClaimDays: number;
  readonly compensationFen: FenText;
  readonly compensations: readonly {
    readonly at: IsoText;
    readonly acct: string;
    readonly amountFen: FenText;
    readonly by: string;
    readonly reason: string;
  }[];
  /** Signatures under the steps that people took. */
  readonly taken: readonly { readonly step: string; readonly at: string; readonly signed: PersonalSignature }[];
  /** Signed reports so far, newest first. */
  readonly interims: readonly {
    readonly kind: InterimKind;
    readonly label: string;
    readonly at: IsoText;
    readonly bodyHash: Hex;
    readonly signature: Hex;
  }[];
  readonly approvals: readonly {
    readonly step: string;
    readonly subject: string;
    readonly role: string;
    readonly name: string;
    readonly organisation: string;
    readonly at: IsoText;
    /** Null: agreed before personal signatures were asked. */
    readonly signed: PersonalSignature | null;
  }[];
  /** Steps since the last that wait for a supervisor elsewhere, or did and ended. */
  readonly coSigns: readonly CoSignView[];
  /** The document as it stands, for reading and as a base for another. */
  readonly document: string;
};
export type ExperimentTemplateView = { readonly id: string; readonly title: Texts; readonly varies: Texts; readonly isShadow: boolean };
