import { expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { countComplaints } from './complaint-counts.ts';

const row = (dueAt: number, answeredAt: number | null) => ({
  dueAt: instant(dueAt),
  answeredAt: answeredAt === null ? null : instant(answeredAt),
});

test('a complaint is answered in time up to the end of its last day, late after it, and open until it is answered', () => {
  expect(countComplaints([], instant(0))).toEqual({ received: 0, answeredInTime: 0, answeredLate: 0, open: 0, openLate: 0 });
  const rows = [row(100, 99), row(100, 100), row(100, 101), row(100, null), row(200, null)];
  expect(countComplaints(rows, instant(100))).toEqual({ received: 5, answeredInTime: 2, answeredLate: 1, open: 2, openLate: 0 });
  expect(countComplaints(rows, instant(101))).toMatchObject({ open: 2, openLate: 1 });
});
