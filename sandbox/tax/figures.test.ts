/** Edges of the yearly and single figures, computed by hand from rulebook 2.6.7 and 2.6.8. */
import { describe, expect, test } from 'vitest';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { solveTaxVector } from '../vectors/solve-tax-vector.ts';
import { computeFigure, figureOf } from './figures.ts';

function answer(given: object): unknown {
  const result = solveTaxVector({ id: 'X', ...given });
  return 'error' in result ? result.error : result.lines;
}

const SMALL = { role: 'STUDIO', vatStatus: 'SMALL_SCALE', place: 'CITY' };
const GENERAL = { role: 'STUDIO', vatStatus: 'GENERAL', place: 'CITY' };
function period(payer: object, unitGross: number, more: object = {}) {
  return answer({ kind: 'PERIOD', payer, period: 'MONTH', supplies: [{ type: 'PRIMARY', unitGross, count: 1 }], ...more });
}

describe('return of a period', () => {
  test('exactly 100,000.00 without VAT is taxed, and exempt with the switch', () => {
    expect(period(SMALL, 10_100_000)).toMatchObject({ thresholdSales: 10_000_000, exempt: false, vat: 100_000, umct: 3_500, es: 1_500 });
    expect(period(SMALL, 10_100_000, { pack: { thresholdInclusiveExempt: true } })).toMatchObject({
      exempt: true,
      sales: 10_100_000,
      vat: 0,
    });
  });

  test('exactly at the line education surcharges fall away only with their own switch, general taxpayers included', () => {
    expect(period(GENERAL, 10_600_000)).toMatchObject({
      thresholdSales: 10_000_000,
      payable: 600_000,
      umct: 42_000,
      es: 18_000,
      les: 12_000,
    });
    expect(period(GENERAL, 10_600_000, { pack: { eduExemptInclusive: true } })).toMatchObject({ umct: 42_000, es: 0, les: 0 });
    expect(period(GENERAL, 10_599_000)).toMatchObject({ exempt: false, es: 0, les: 0 });
  });

  test('a quarter has its own line', () => {
    expect(period(SMALL, 30_299_999, { period: 'QUARTER' })).toMatchObject({ exempt: true });
    expect(period(SMALL, 30_300_000, { period: 'QUARTER' })).toMatchObject({ exempt: false, vat: 300_000 });
  });

  test('refunds of the period are negative supplies', () => {
    const supplies = [
      { type: 'PRIMARY', unitGross: 6_800, count: 10_000 },
      { type: 'REFUND', unitGross: 6_800, count: 2_000 },
    ];
    expect(answer({ kind: 'PERIOD', payer: GENERAL, period: 'MONTH', supplies })).toMatchObject({
      gross: 54_400_000,
      sales: 51_320_755,
      vat: 3_079_245,
      unitVatSum: 3_080_000,
      roundingDiff: -755,
    });
  });

  test('input VAT above the output is carried forward and pays no surtax', () => {
    expect(period(GENERAL, 106_000, { inputVat: 5_000, carryIn: 2_000 })).toMatchObject({
      vat: 6_000,
      payable: 0,
      carryForward: 1_000,
      surtaxTotal: 0,
    });
  });

  test('a trader pays halved surtaxes by role, a high-tech general taxpayer whole ones', () => {
    const trader = { role: 'TRADER_REG', vatStatus: 'GENERAL', place: 'COUNTY' };
    expect(period(trader, 10_600_000)).toMatchObject({ umct: 15_000, es: 9_000, les: 6_000 });
    expect(period({ ...GENERAL, citStatus: 'HIGH_TECH', place: 'OTHER' }, 10_600_000)).toMatchObject({ umct: 6_000, es: 18_000 });
  });

  test('the statutory levy by switch', () => {
    expect(period(SMALL, 20_600_000, { pack: { vatLevy: '3/100' } })).toMatchObject({ sales: 20_000_000, vat: 600_000 });
  });

  test.each([
    [{ payer: { vatStatus: 'GENERAL' }, period: 'MONTH', supplies: [] }, 'figure_input_missing'],
    [{ payer: { ...GENERAL, role: 'KING' }, period: 'MONTH', supplies: [] }, 'figure_input_malformed'],
    [{ payer: GENERAL, period: 'DECADE', supplies: [] }, 'figure_input_malformed'],
    [{ payer: GENERAL, period: 'MONTH', supplies: [{ type: 'GOLD', unitGross: 1, count: 1 }] }, 'case_malformed'],
  ])('%j is refused with %s', (given, code) => {
    expect(answer({ kind: 'PERIOD', ...given })).toContain(code);
  });
});

describe('business income', () => {
  const business = (annualTaxable: number, more: object = {}) => answer({ kind: 'BUSINESS_IIT', annualTaxable, registered: true, ...more });

  test('upper ends of brackets belong to the lower rate', () => {
    expect(business(3_000_000, { registered: false })).toEqual({ taxBefore: 150_000, reduction: 0, tax: 150_000 });
    expect(business(3_000_001, { registered: false })).toEqual({ taxBefore: 150_000, reduction: 0, tax: 150_000 });
    expect(business(9_000_000, { registered: false })).toMatchObject({ tax: 750_000 });
  });

  test('a loss owes nothing', () => {
    expect(business(-5)).toEqual({ taxBefore: 0, reduction: 0, tax: 0 });
    expect(business(0, { otherReductions: 100 })).toEqual({ taxBefore: 0, reduction: 0, tax: 0 });
  });

  test('the reduction is rounded once: half of 19,500.0x', () => {
    // 150,000.03 at 20 % less 10,500.00 = 19,500.006; half = 9,750.003.
    expect(business(15_000_003)).toEqual({ taxBefore: 1_950_001, reduction: 975_000, tax: 975_001 });
  });
});

test('services: a month without income counts for the allowance, and nothing is paid back', () => {
  expect(answer({ kind: 'SERVICE', months: [{ income: 1_200_000 }, { income: 0 }, { income: 1_200_000 }] })).toEqual({
    months: [
      { cumTax: 13_800, withhold: 13_800 },
      { cumTax: 0, withhold: 0 },
      { cumTax: 12_600, withhold: 0 },
    ],
  });
});

test.each([
  [400_000, 64_000],
  [400_001, 64_000],
  [80_000, 0],
  [10_000_000, 1_600_000],
])('creators: of %s is withheld %s', (income, withhold) => {
  expect(answer({ kind: 'CREATOR', income })).toEqual({ withhold });
});

describe('corporate income tax', () => {
  const corporate = (given: object) => answer({ kind: 'CIT', citStatus: 'SMALL_LOW_PROFIT', ...given });
  test.each([
    [
      { taxableIncome: 300_000_000, staff: 300, assets: 5_000_000_000 },
      { ratePct: 5, tax: 15_000_000 },
    ],
    [
      { taxableIncome: 300_000_001, staff: 300, assets: 5_000_000_000 },
      { ratePct: 25, tax: 75_000_000 },
    ],
    [
      { taxableIncome: 100, staff: 301, assets: 0 },
      { ratePct: 25, tax: 25 },
    ],
    [
      { taxableIncome: 100, staff: 0, assets: '5000000001' },
      { ratePct: 25, tax: 25 },
    ],
    [
      { taxableIncome: -100, staff: 0, assets: 0 },
      { ratePct: 5, tax: 0 },
    ],
    [
      { taxableIncome: 100, citStatus: 'HIGH_TECH' },
      { ratePct: 15, tax: 15 },
    ],
  ])('%j gives %j', (given, expected) => {
    expect(corporate(given)).toEqual(expected);
  });
});

test.each([
  ['EQUITY_TRANSFER', 1_000_000, [500, 250]],
  ['ITEM_SALE', 1_000_000, [0, 0]],
  ['LICENCE', 1_000_000, [0, 0]],
])('stamp duty on %s of %s: %s', (contract, amountExVat, perParty) => {
  expect(answer({ kind: 'STAMP', contract, amountExVat, parties: [{ small: false }, { small: true }] })).toEqual({ perParty });
});

test.each([
  [
    { tax: 17_951, dueDate: '2026-12-15', paidDate: '2026-12-01' },
    { days: 0, surcharge: 0 },
  ],
  [
    { tax: 17_951, days: 30 },
    { days: 30, surcharge: 269 },
  ],
])('late payment %j: %j', (given, expected) => {
  expect(answer({ kind: 'LATE_FEE', ...given })).toEqual(expected);
});

test('the report record keeps a fee that was not returned, and part refunds of the quarter', () => {
  const orders = [
    { id: 'A', at: '2026-10-20T02:00:00.000Z', gross: 50_000 },
    { id: 'B', at: '2026-10-21T02:00:00.000Z', gross: 10_000 },
    { id: 'G', at: '2026-10-22T02:00:00.000Z', gross: 10_000, type: 'GIFT' },
  ];
  const refunds = [
    { id: 'R1', of: 'A', at: '2026-11-01T02:00:00.000Z', gross: 20_000, feeReturned: false },
    { id: 'R2', of: 'B', at: '2026-11-02T02:00:00.000Z', gross: 10_000 },
  ];
  expect(answer({ kind: 'REPORT', feeBp: 500, orders, refunds })).toEqual({
    quarters: { '2026-Q4': { gross: 60_000, refund: 30_000, net: 30_000, orders: 1, fees: 2_500 } },
  });
});

test('a figure tells each step in words and numbers', () => {
  const { trace } = computeFigure(CN, figureOf(CN, 'CREATOR'), '2026-11-22', { income: 300_000n });
  expect(trace).toEqual([
    expect.objectContaining({
      id: 'withhold',
      formula: {
        zh: 'max(0, 收入 − 特许权使用费减除额) × 特许权使用费预扣率',
        en: 'max(0, income − royalty allowance) × withholding rate on royalties',
      },
      numbers: 'max(0, 300000 − 80000) × 20/100',
      result: '44000',
      ruleId: 'CN-IIT-18',
    }),
  ]);
});

describe('what a year of sales says of its seller', () => {
  const registration = (turnover: bigint, registered = false) => {
    const { values, trace } = computeFigure(CN, figureOf(CN, 'REGISTRATION'), '2026-11-22', { turnover, registered });
    return { left: values.get('left')?.numerator, due: values.get('due')?.numerator === 1n, trace };
  };

  test('100,000.00 in a year needs no registration, one fen more does, unless there is one (CN-RPT-13)', () => {
    expect(registration(9_999_999n)).toMatchObject({ left: 1n, due: false });
    expect(registration(10_000_000n)).toMatchObject({ left: 0n, due: false });
    expect(registration(10_000_001n)).toMatchObject({ left: 0n, due: true });
    expect(registration(10_000_001n, true)).toMatchObject({ due: false });
    expect(registration(0n).trace.map(({ id, ruleId, result }) => [id, ruleId, result])).toEqual([
      ['line', 'CN-RPT-13', '10000000'],
      ['left', 'CN-RPT-13', '10000000'],
      ['due', 'CN-RPT-13', '0'],
    ]);
  });

  const looksLikeBusiness = (given: { sales: bigint; itemsSold: bigint; itemsBought: bigint; grossFen: bigint }) =>
    computeFigure(CN, figureOf(CN, 'BUSINESS_TEST'), '2026-11-22', given).values.get('suggested')?.numerator === 1n;

  test.each([
    ['100 sales, 60 of 100 items bought', 100n, 100n, 60n, 1_000n, true],
    ['99 sales', 99n, 100n, 100n, 1_000n, false],
    ['100 sales, 59 of 100 items bought', 100n, 100n, 59n, 1_000n, false],
    // 60 % of 101 is 60.6: sixty are not enough, sixty-one are.
    ['60 of 101 items', 100n, 101n, 60n, 1_000n, false],
    ['61 of 101 items', 100n, 101n, 61n, 1_000n, true],
    ['100,000.00 in twelve months in one sale of an earned item', 1n, 1n, 0n, 10_000_000n, true],
    ['99,999.99', 1n, 1n, 0n, 9_999_999n, false],
  ] as const)('%s (CN-IIT-16)', (_what, sales, itemsSold, itemsBought, grossFen, expected) => {
    expect(looksLikeBusiness({ sales, itemsSold, itemsBought, grossFen })).toBe(expected);
  });
});

describe('stamp duty beyond intellectual property', () => {
  const stamp = (contract: string, more: object = {}) =>
    answer({ kind: 'STAMP', contract, amountExVat: 20_000_000, parties: [{ small: false }, { small: true }], ...more });

  test('a sale of goods is 0.03 %, and nothing where an individual is a party (CN-STP-03)', () => {
    expect(stamp('GOODS_SALE')).toEqual({ perParty: [6_000, 3_000] });
    expect(stamp('GOODS_SALE', { individual: true })).toEqual({ perParty: [0, 0] });
  });

  test('an electronic order between an individual and an operator is exempt, one between companies is not (CN-STP-04)', () => {
    expect(stamp('COPYRIGHT_TRANSFER', { individual: true, electronicOrder: true })).toEqual({ perParty: [0, 0] });
    expect(stamp('COPYRIGHT_TRANSFER', { electronicOrder: true })).toEqual({ perParty: [6_000, 3_000] });
    expect(stamp('COPYRIGHT_TRANSFER', { individual: true })).toEqual({ perParty: [6_000, 3_000] });
  });

  test('a loan is 0.005 %, factoring is not listed (CN-STP-05)', () => {
    expect(stamp('LOAN')).toEqual({ perParty: [1_000, 500] });
    expect(stamp('FACTORING')).toEqual({ perParty: [0, 0] });
  });
});
