/** The spans that a supervisor looks at (product V-05): the periods of reports, an ISO 8601 week, or two dates of one's own. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { labelAround, type Period, type PeriodKind, parsePeriod } from './period.ts';

export const SPAN_KINDS = ['day', 'week', 'month', 'quarter', 'year', 'custom'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** `label`: that of a period, `2026-W48`, or `2026-11-01..2026-11-15` with both dates inside. */
export type Span = Omit<Period, 'kind'> & { readonly kind: SpanKind };

const DAY_MS = 86_400_000;
/** Sums over more are asked for year by year. */
const MOST_DAYS = 3_660;

/** @throws {ParseError} `period_malformed` */
export function parseSpan(input: unknown): Span {
  const text = typeof input === 'string' ? input : '';
  const [, first, last] = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text) ?? [];
  if (first !== undefined && last !== undefined) {
    const [from, to] = [parsePeriod(first), parsePeriod(last)];
    if (to.from < from.from || to.before - from.from > MOST_DAYS * DAY_MS) throw malformed();
    return { kind: 'custom', label: text, fromDate: from.fromDate, beforeDate: to.beforeDate, from: from.from, before: to.before };
  }
  const [, year, week] = /^(\d{4})-W(\d\d)$/.exec(text) ?? [];
  if (year === undefined || week === undefined) return parsePeriod(text);
  // The 4th of January lies in the first week of its year.
  const monday = mondayOf(Date.UTC(Number(year), 0, 4)) + (Number(week) - 1) * 7 * DAY_MS;
  // A year has 52 or 53 weeks; of any other number the Thursday lies in another year.
  if (weekLabel(monday) !== text) throw malformed();
  const [fromDate, beforeDate] = [isoDate(monday), isoDate(monday + 7 * DAY_MS)];
  return { kind: 'week', label: text, fromDate, beforeDate, from: startOfBeijingDate(fromDate), before: startOfBeijingDate(beforeDate) };
}

/** The label of the span of that kind around a Beijing date; of two dates of one's own it is that one day, to begin with. */
export function spanAround(kind: SpanKind, date: string): string {
  if (kind === 'custom') return `${date}..${date}`;
  return kind === 'week' ? weekLabel(Date.parse(`${date}T00:00:00Z`)) : labelAround(kind satisfies PeriodKind, date);
}

function mondayOf(at: number): number {
  return at - ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS;
}

/** ISO 8601: a week belongs to the year that its Thursday lies in. */
function weekLabel(at: number): string {
  const thursday = mondayOf(at) + 3 * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MS));
  return `${year}-W${String(week).padStart(2, '0')}`;
}

function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

function malformed(): ParseError {
  return new ParseError('period_malformed', { expected: '2026-11-27, 2026-W48, 2026-11, 2026-Q4, 2026 or 2026-11-01..2026-11-15' });
}
