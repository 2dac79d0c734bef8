/** When something is due (rulebook 0.2): the rule's date, moved by long holidays inside the filing month and past a rest day. The tax
 *  office's published calendar, where a pack carries it, would come first; this is the rule behind it. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { isTradingDay } from '../decisions/calendar.ts';
import type { DueRule, RulePack } from '../packs/rule-pack.ts';

const DAY_MS = 86_400_000;
/** From three days in a row on, statutory holidays inside the period extend it (Tax Administration Law implementing rules art. 109). */
const LONG_HOLIDAY_DAYS = 3;

/** @param month the month of the event or the last month of the period, `2026-11` @throws {ParseError} `due_rule_unknown` */
export function dueDate(pack: RulePack, ruleName: string, month: string): string {
  const rules = pack.dueRules ?? {};
  const rule = Object.hasOwn(rules, ruleName) ? rules[ruleName] : undefined;
  if (rule === undefined) throw new ParseError('due_rule_unknown', { rule: ruleName, pack: pack.id });
  const date = plainDate(rule, month);
  return rule.moves ? moved(pack, date) : date;
}

function plainDate({ monthsLater, yearsLater = 0, on }: DueRule, month: string): string {
  const year = Number(month.slice(0, 4)) + yearsLater;
  if (on.length === 'mm-dd'.length) return `${year}-${on}`;
  const index = Number(month.slice(5, 7)) - 1 + monthsLater;
  // Day 0 of the month after is the last day of the month.
  const at = on === 'END' ? Date.UTC(year, index + 1, 0) : Date.UTC(year, index, Number(on));
  return isoDate(at);
}

function moved(pack: RulePack, date: string): string {
  let due = Date.parse(`${date}T00:00:00.000Z`) + longHolidayDays(pack, date) * DAY_MS;
  while (!isTradingDay(pack, isoDate(due))) due += DAY_MS;
  return isoDate(due);
}

/** Days of holidays of three days or more that lie wholly between the first of the due month and the due date. */
function longHolidayDays(pack: RulePack, date: string): number {
  const year = pack.holidays.years[date.slice(0, 'yyyy'.length)];
  let total = 0;
  let run: string[] = [];
  const first = Date.parse(`${date.slice(0, 'yyyy-mm'.length)}-01T00:00:00.000Z`);
  const last = Date.parse(`${date}T00:00:00.000Z`);
  const isStatutory = (day: string) =>
    year === undefined ? pack.holidays.fixed.includes(day.slice('yyyy-'.length)) : year.closed.includes(day);
  const close = () => {
    if (run.length >= LONG_HOLIDAY_DAYS && run.some(isStatutory)) total += run.length;
    run = [];
  };
  for (let at = first; at <= last; at += DAY_MS) {
    const day = isoDate(at);
    if (isTradingDay(pack, day)) close();
    else run.push(day);
  }
  close();
  return total;
}

/** Days from the due date to the payment, at least 0. */
export function daysLate(due: string, paid: string): number {
  return Math.max(0, Math.round((Date.parse(`${paid}T00:00:00.000Z`) - Date.parse(`${due}T00:00:00.000Z`)) / DAY_MS));
}

function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
}
