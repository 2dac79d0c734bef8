/** Is a person's activity of a period reported, and as what (rulebook 3.1, 10)? The conditions stand in the pack. */

import { isOn } from '../packs/pack.ts';
import type { ReportRule, RulePack } from '../packs/rule-pack.ts';
import { holds } from './expression.ts';

export type ReportFacts = {
  /** A kind of trade of rulebook 0.4: `P2P`, `SERVICE`, … */
  readonly kind: string;
  readonly count: bigint;
  /** Consideration of the period in minor units. */
  readonly grossFen: bigint;
  readonly isCasual: boolean;
};
export type ReportScope = { readonly activity: string | null; readonly isReported: boolean };

/** `date` decides which constants are in force: the last day of the period. */
export function reportScope(pack: RulePack, rule: ReportRule, date: string, facts: ReportFacts): ReportScope {
  const activity = activityOf(pack, rule, facts.kind);
  if (activity === null) return { activity, isReported: false };
  const { count, grossFen, isCasual } = facts;
  const scope = { pack, date, facts: { activity, count, gross: grossFen, isCasual } };
  const isIncluded = rule.include === undefined || holds(rule.include, scope);
  return { activity, isReported: isIncluded && !(rule.exclude !== undefined && holds(rule.exclude, scope)) };
}

function activityOf(pack: RulePack, { activities, extension }: ReportRule, kind: string): string | null {
  const named = Object.hasOwn(activities, kind) ? (activities[kind] ?? null) : null;
  if (named !== null || extension === undefined || !isOn(pack, extension.switch)) return named;
  return extension.activity;
}
