import { expect, test } from 'vitest';
import { labelAround, PERIOD_KINDS, parsePeriod } from './period.ts';

test('the period around a date holds it, and is of the kind that was asked for', () => {
  for (const date of ['2026-01-01', '2026-03-31', '2026-04-01', '2026-11-28', '2026-12-31'])
    for (const kind of PERIOD_KINDS) {
      const period = parsePeriod(labelAround(kind, date));
      expect(period.kind).toBe(kind);
      expect(period.fromDate <= date && date < period.beforeDate).toBe(true);
    }
});
