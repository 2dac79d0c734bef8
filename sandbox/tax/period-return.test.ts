import { expect, test } from 'vitest';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { parsePeriod } from '../reports/period.ts';
import { returnOf, type Taxpayer, vatStatusOf, yearUpTo } from './period-return.ts';

const GENERAL: Taxpayer = { role: 'PLATFORM', vatStatus: 'GENERAL', citStatus: 'STANDARD', place: 'CITY' };
const NOVEMBER = parsePeriod('2026-11');

test('a month is computed from its sum: CN-ST-02 without input VAT', () => {
  const answer = returnOf(CN, { ...GENERAL, role: 'STUDIO' }, NOVEMBER, [{ unitFen: 6_800n, count: 10_000n }]);
  expect(answer).toMatchObject({
    grossFen: 68_000_000n,
    values: { sales: 64_150_943n, vat: 3_849_057n, unitVatSum: 3_850_000n, roundingDiff: -943n, payable: 3_849_057n },
    due: '2026-12-15',
  });
  // 7 %, 3 % and 2 % of 38,490.57.
  expect(answer.values).toMatchObject({ umct: 269_434n, es: 115_472n, les: 76_981n, surtaxTotal: 461_887n });
  expect(answer.totalFen).toBe(3_849_057n + 461_887n);
  expect(answer.trace.map(({ id }) => id)).toContain('roundingDiff');
});

test('one fee is CN-FEE-02, and a fee given back in the month takes it away again', () => {
  const fee = { unitFen: 2_500n, count: 1n };
  expect(returnOf(CN, GENERAL, NOVEMBER, [fee]).values).toMatchObject({ sales: 2_358n, vat: 142n, roundingDiff: 0n });
  const back = returnOf(CN, GENERAL, NOVEMBER, [fee, { unitFen: 2_500n, count: -1n }]);
  expect(back).toMatchObject({ grossFen: 0n, totalFen: 0n });
});

test('more given back than taken: nothing to pay', () => {
  expect(returnOf(CN, GENERAL, NOVEMBER, [{ unitFen: 2_500n, count: -1n }])).toMatchObject({ grossFen: -2_500n, totalFen: 0n });
});

test('CN-VAT-03: small-scale up to 5,000,000.00 of twelve months without VAT, the line included, and general above it', () => {
  expect(vatStatusOf(CN, 0n)).toBe('SMALL_SCALE');
  // 5,050,000.00 with 1 % in it.
  expect(vatStatusOf(CN, 505_000_000n)).toBe('SMALL_SCALE');
  expect(vatStatusOf(CN, 505_000_001n)).toBe('GENERAL');
  const { vatSmallScaleMax: _, ...constants } = CN.constants;
  expect(vatStatusOf({ ...CN, constants }, 0n)).toBe('GENERAL');
});

test('a small-scale payer below the line of the month owes nothing; above it 1 %, and half the surtaxes (CN-ST-04)', () => {
  const small = { ...GENERAL, vatStatus: 'SMALL_SCALE' };
  const month = (unitFen: bigint) => returnOf(CN, small, NOVEMBER, [{ unitFen, count: 1n }]);
  expect(month(10_099_999n)).toMatchObject({ values: { sales: 10_099_999n, vat: 0n }, totalFen: 0n });
  expect(month(10_100_000n)).toMatchObject({ values: { sales: 10_000_000n, vat: 100_000n, umct: 3_500n } });
});

test('the twelve months up to a month begin with the one after it, a year before', () => {
  const first = (label: string) => new Date(yearUpTo(parsePeriod(label))).toISOString();
  expect(first('2026-11')).toBe('2025-11-30T16:00:00.000Z');
  expect(first('2026-12')).toBe('2025-12-31T16:00:00.000Z');
});
