/** The periods of reports (product V-24): a Beijing day, month, quarter or year, from its first instant to that of the next. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';

export const PERIOD_KINDS = ['day', 'month', 'quarter', 'year'] as const;
export type PeriodKind = (typeof PERIOD_KINDS)[number];

export type Period = {
  readonly kind: PeriodKind;
  /** `2026-11-27`, `2026-11`, `2026-Q4` or `2026`. */
  readonly label: string;
  /** First date, and the first date after it. */
  readonly fromDate: string;
  readonly beforeDate: string;
  readonly from: Instant;
  readonly before: Instant;
};

const MONTHS_OF_QUARTER = 3;

/** @throws {ParseError} `period_malformed` */
export function parsePeriod(input: unknown): Period {
  const text = typeof input === 'string' ? input : '';
  const [, year = '', quarter, month, day] = /^(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2])(?:-(\d\d))?)?$/.exec(text) ?? [];
  if (year === '') throw malformed();
  if (quarter !== undefined) return monthsOf('quarter', text, Number(year), (Number(quarter) - 1) * MONTHS_OF_QUARTER, MONTHS_OF_QUARTER);
  if (month === undefined) return monthsOf('year', text, Number(year), 0, 12);
  if (day === undefined) return monthsOf('month', text, Number(year), Number(month) - 1, 1);
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // The 31st of a month of thirty days is the 1st of the next to `Date`.
  if (isoDate(at) !== text) throw malformed();
  return period('day', text, text, isoDate(at + 86_400_000));
}

function malformed(): ParseError {
  return new ParseError('period_malformed', { expected: '2026-11-27, 2026-11, 2026-Q4 or 2026' });
}

function monthsOf(kind: PeriodKind, label: string, year: number, month: number, count: number): Period {
  return period(kind, label, isoDate(Date.UTC(year, month, 1)), isoDate(Date.UTC(year, month + count, 1)));
}

function period(kind: PeriodKind, label: string, fromDate: string, beforeDate: string): Period {
  return { kind, label, fromDate, beforeDate, from: startOfBeijingDate(fromDate), before: startOfBeijingDate(beforeDate) };
}

function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** The label of the period of that kind around a Beijing date (`2026-11-27`). */
export function labelAround(kind: PeriodKind, date: string): string {
  const [year = '', month = '1'] = date.split('-');
  if (kind === 'year') return year;
  if (kind === 'quarter') return `${year}-Q${Math.ceil(Number(month) / MONTHS_OF_QUARTER)}`;
  return kind === 'month' ? `${year}-${month}` : date;
}

/** A report is made of what cannot change any more. */
export function isOver(period: Period, now: Instant): boolean {
  return now >= period.before;
}
