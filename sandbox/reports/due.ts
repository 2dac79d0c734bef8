/** When reports are due (product V-24, rulebook 3.1): by the pack's calendar where the law gives one, else by what the market promises. */
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { addTradingDays } from '../decisions/calendar.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { dueDate } from '../tax/filing-calendar.ts';
import { labelAround, type Period, type PeriodKind, parsePeriod } from './period.ts';

/** `law`: the named rule of the pack; `next_day`: the Beijing day after the period; `working_days`: so many of
 *  them after its last day; `month_after`: the last day of the month after it. */
export type ReportDue =
  | { readonly by: 'law'; readonly rule: string; readonly otherwise: 'month_after' }
  | { readonly by: 'next_day' }
  | { readonly by: 'working_days'; readonly days: number }
  | { readonly by: 'month_after' };

const DAY_MS = 86_400_000;

/** The last day on which the report of a period is in time. */
export function reportDueOn(pack: RulePack, due: ReportDue, period: Period): string {
  if (due.by === 'next_day') return period.beforeDate;
  const lastDay = beijingDate(instant(period.before - DAY_MS));
  if (due.by === 'working_days') return addTradingDays(pack, lastDay, due.days);
  const lastMonth = lastDay.slice(0, 'yyyy-mm'.length);
  if (due.by === 'law' && pack.dueRules?.[due.rule] !== undefined) return dueDate(pack, due.rule, lastMonth);
  // `beforeDate` is the first of the month after the period; day 0 of the next is its last.
  const [year = 0, month = 1] = period.beforeDate.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** The day itself is still in time. */
export function isPast(dueOn: string, at: Instant): boolean {
  return beijingDate(at) > dueOn;
}

/** Periods of a kind that are over at an instant, the newest first, none that ended before `since`. */
export function closedPeriods(
  kind: PeriodKind,
  now: Instant,
  { since, most }: { readonly since: Instant; readonly most: number },
): Period[] {
  const found: Period[] = [];
  for (let running = parsePeriod(labelAround(kind, beijingDate(now))); found.length < most; ) {
    const period = parsePeriod(labelAround(kind, beijingDate(instant(running.from - DAY_MS / 2))));
    if (period.before <= since) break;
    found.push(period);
    running = period;
  }
  return found;
}
