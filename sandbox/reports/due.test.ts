import { expect, test } from 'vitest';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { getPack } from '../packs/pack.ts';
import { writeBusinessHeader } from './business-header.ts';
import { closedPeriods, isPast, type ReportDue, reportDueOn } from './due.ts';
import { parsePeriod } from './period.ts';

const LAW: ReportDue = { by: 'law', rule: 'QUARTER_REPORT', otherwise: 'month_after' };
test.each([
  ['2026-Q4', LAW, '2027-01-31'],
  ['2027-Q1', LAW, '2027-04-30'],
  ['2026-Q2', LAW, '2026-07-31'],
  ['2026-Q3', LAW, '2026-10-31'],
  ['2026', { by: 'month_after' }, '2027-01-31'],
  ['2026-Q3', { by: 'month_after' }, '2026-10-31'],
  ['2026-12-31', { by: 'next_day' }, '2027-01-01'],
  // A Friday: Monday to Friday of the week after.
  ['2026-11-27', { by: 'working_days', days: 5 }, '2026-12-04'],
] as const)('the report of %s (%o) is due on %s', (period, due, on) => {
  expect(reportDueOn(getPack('CN'), due, parsePeriod(period))).toBe(on);
});
test('a pack without the rule leaves the end of the month after', () => {
  const { dueRules: _, ...pack } = getPack('CN');
  expect(reportDueOn(pack, LAW, parsePeriod('2026-Q3'))).toBe('2026-10-31');
});
test('the day itself is in time, in Beijing', () => {
  expect(isPast('2026-10-31', parseInstant('2026-10-31T15:59:59Z'))).toBe(false);
  expect(isPast('2026-10-31', parseInstant('2026-10-31T16:00:00Z'))).toBe(true);
});
test('closed periods go back to the first that the ledger knows', () => {
  const since = parseInstant('2026-08-15T00:00:00Z');
  const labels = (kind: 'day' | 'quarter' | 'year', most: number) =>
    closedPeriods(kind, parseInstant('2027-01-02T00:00:00Z'), { since, most }).map(({ label }) => label);
  expect(labels('quarter', 8)).toEqual(['2026-Q4', '2026-Q3']);
  expect(labels('year', 8)).toEqual(['2026']);
  expect(labels('day', 2)).toEqual(['2027-01-01', '2026-12-31']);
});
test('the header names sender, receiver, message and time, in the order of head.001', () => {
  const xml = writeBusinessHeader({
    from: 'DAOJU',
    to: 'STA (demonstration)',
    messageId: 'auth.034-2026-11-27',
    definition: 'auth.034.001.01',
    createdAt: parseInstant('2026-11-27T16:00:00Z'),
  });
  expect([...xml.matchAll(/<(Fr|To|BizMsgIdr|MsgDefIdr|CreDt)>/g)].map(([, name]) => name)).toEqual([
    'Fr',
    'To',
    'BizMsgIdr',
    'MsgDefIdr',
    'CreDt',
  ]);
  expect(xml).toContain('<MsgDefIdr>auth.034.001.01</MsgDefIdr>');
});
