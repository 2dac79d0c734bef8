import { expect, test } from 'vitest';
import { parseSpan, SPAN_KINDS, spanAround } from './span.ts';

// Weeks at the turn of a year, from the table in ISO 8601 and `date +%G-W%V`.
test.each([
  ['2026-01-01', '2026-W01', '2025-12-29', '2026-01-05'],
  ['2026-11-28', '2026-W48', '2026-11-23', '2026-11-30'],
  ['2026-12-31', '2026-W53', '2026-12-28', '2027-01-04'],
  ['2027-01-03', '2026-W53', '2026-12-28', '2027-01-04'],
  ['2027-01-04', '2027-W01', '2027-01-04', '2027-01-11'],
  ['2024-12-30', '2025-W01', '2024-12-30', '2025-01-06'],
])('%s lies in %s', (date, label, fromDate, beforeDate) => {
  expect(spanAround('week', date)).toBe(label);
  expect(parseSpan(label)).toMatchObject({ kind: 'week', label, fromDate, beforeDate });
});

test('the span around a date holds it, and is of the kind that was asked for', () => {
  for (const date of ['2026-01-01', '2026-03-31', '2026-11-28', '2026-12-31'])
    for (const kind of SPAN_KINDS) {
      const span = parseSpan(spanAround(kind, date));
      expect(span.kind).toBe(kind);
      expect(span.fromDate <= date && date < span.beforeDate).toBe(true);
    }
});

test('two dates are both inside', () => {
  expect(parseSpan('2026-11-01..2026-11-15')).toMatchObject({ kind: 'custom', fromDate: '2026-11-01', beforeDate: '2026-11-16' });
});

test.each([
  '2026-W00',
  '2025-W53',
  '2026-W54',
  '2026-11-15..2026-11-01',
  '2026-11-31..2026-12-01',
  '1990-01-01..2026-01-01',
  '2026-11..2026-12',
  '',
  7,
])('no span: %s', (text) => expect(() => parseSpan(text)).toThrow(expect.objectContaining({ code: 'period_malformed' })));
