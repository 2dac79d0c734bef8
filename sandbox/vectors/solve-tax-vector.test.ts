/** The published vectors (rulebook 2.8; test/vectors/tax-cn.json, computed by two independent programs). `DAOJU_TAX_VECTORS` names
 *  another file of the same form. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { solveTaxVector } from './solve-tax-vector.ts';

type Case = { readonly id: string; readonly kind?: string; readonly vatTaxable?: boolean; readonly expect: object };
const file = process.env.DAOJU_TAX_VECTORS ?? new URL('../../test/vectors/tax-cn.json', import.meta.url);
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(readFileSync(file, 'utf8'));

test.each(cases)('$id to the fen', (given) => {
  const { expect: wanted, ...asked } = given;
  const answer = solveTaxVector(asked);
  if ('error' in answer) throw new Error(answer.error);
  expectKeys(answer.lines, wanted);
  if (given.vatTaxable !== undefined) expect(answer.lines.vatTaxable).toBe(given.vatTaxable);
});

/** Exact for the keys that the case has; an integer and a string of the same digits are equal. */
function expectKeys(answer: unknown, wanted: unknown): void {
  if (typeof wanted !== 'object' || wanted === null) {
    expect(typeof wanted === 'number' ? String(answer) : answer).toBe(typeof wanted === 'number' ? String(wanted) : wanted);
  } else if (Array.isArray(wanted)) {
    expect(Array.isArray(answer) && answer.length).toBe(wanted.length);
    wanted.forEach((element, index) => {
      expectKeys(Array.isArray(answer) ? answer[index] : undefined, element);
    });
  } else {
    const given: Readonly<Record<string, unknown>> = typeof answer === 'object' && answer !== null ? { ...answer } : {};
    for (const [key, value] of Object.entries(wanted)) expectKeys(given[key], value);
  }
}

const DAY = { id: 'T', kind: 'TIMELINE', feeBp: 500, royaltyBp: 0 } as const;
const order = (id: string, at: string, gross: number, more: object = {}) => ({
  op: 'ORDER',
  id,
  at,
  gross,
  cost: 0,
  assessMode: 'COST',
  ...more,
});
function linesOf(given: object): { readonly [key: string]: unknown } {
  const answer = solveTaxVector(given);
  if ('error' in answer) throw new Error(answer.error);
  return answer.lines;
}

describe('windows', () => {
  test('exactly 1,000.00 without VAT is taxed, unless the boundary is switched to exempt', () => {
    const given = { id: 'B', gross: 101000, cost: 0, otherSameDayGross: 0, feeBp: 0, royaltyBp: 0, assessMode: 'COST' };
    expect(linesOf(given)).toMatchObject({ vatTaxable: true, sales: 100000, vat: 1000 });
    expect(linesOf({ ...given, pack: { thresholdInclusiveExempt: true } })).toMatchObject({ vatTaxable: false, vat: 0 });
  });

  test('a late callback crosses a past day and the earlier orders are assessed again in order of payment', () => {
    const events = [
      order('B', '2026-11-22T03:00:00.000Z', 40000),
      order('A', '2026-11-22T02:00:00.000Z', 40000),
      order('Z', '2026-11-23T02:00:00.000Z', 100),
      order('C', '2026-11-22T01:00:00.000Z', 40000),
    ];
    expect(linesOf({ ...DAY, events })).toMatchObject({
      events: [{ type: 'tax.day.threshold.crossed', window: '2026-11-22', by: 'C', gross: 120000, reassessed: ['A', 'B'] }],
      orders: { A: { taxable: true, vat: 396 }, Z: { taxable: false } },
    });
  });

  test('the day ends at midnight in Beijing', () => {
    const events = [order('A', '2026-11-22T15:59:59.999Z', 90000), order('B', '2026-11-22T16:00:00.000Z', 90000)];
    expect(linesOf({ ...DAY, events })).toMatchObject({ events: [], windows: { '2026-11-22': {}, '2026-11-23': {} } });
  });

  test('part refunds in later windows that reach zero add up to exactly minus the order', () => {
    const refund = (id: string, gross: number) => ({ op: 'REFUND', id, of: 'A', at: '2026-12-02T02:00:00.000Z', gross });
    const events = [
      order('A', '2026-11-22T02:00:00.000Z', 500003, { cost: 380000, royaltyBp: 200 }),
      refund('R1', 133337),
      refund('R2', 366666),
    ];
    const { orders, refunds } = linesOf({ ...DAY, events }) as {
      orders: { A: Record<string, number> };
      refunds: Record<'R1' | 'R2', Record<string, number>>;
    };
    for (const key of ['sales', 'vat', 'umct', 'es', 'les', 'fee', 'royalty', 'gain', 'iit', 'sellerAfterAll']) {
      expect((refunds.R1[key] ?? 0) + (refunds.R2[key] ?? 0), key).toBe(-(orders.A[key] ?? 0));
    }
  });

  test('a fee that is not returned stays as it was', () => {
    const events = [
      order('A', '2026-11-22T02:00:00.000Z', 50000),
      { op: 'REFUND', id: 'R', of: 'A', at: '2026-11-22T03:00:00.000Z', gross: 20000, feeReturned: false },
    ];
    expect(linesOf({ ...DAY, events })).toMatchObject({ orders: { A: { sales: 30000, fee: 2500, gain: 27500 } } });
  });

  test('a refund above what is left is refused', () => {
    const events = [
      order('A', '2026-11-22T02:00:00.000Z', 50000),
      { op: 'REFUND', id: 'R', of: 'A', at: '2026-11-22T03:00:00.000Z', gross: 50001 },
    ];
    expect(solveTaxVector({ ...DAY, events })).toEqual({ id: 'T', error: expect.stringContaining('refund_exceeds_sale') });
  });

  test('month mode adds up the month', () => {
    const events = [order('A', '2026-11-01T02:00:00.000Z', 6000000), order('B', '2026-11-30T02:00:00.000Z', 5000000)];
    expect(linesOf({ ...DAY, pack: { p2pThresholdMode: 'MONTH_100000' }, events })).toMatchObject({
      windows: { '2026-11': { gross: 11000000, taxable: true } },
      events: [{ by: 'B', window: '2026-11', reassessed: ['A'] }],
    });
  });
});

describe('who sells and what arrives late', () => {
  test('a seller’s place holds for gifts too, unless the gift has its own', () => {
    const gift = (id: string, more: object = {}) => ({
      ...{ op: 'ORDER', type: 'GIFT', id, at: '2026-11-22T00:00:00.000Z', refPrice: 300_000 },
      ...more,
    });
    const given = { ...DAY, place: 'OTHER', events: [gift('a'), gift('b', { place: 'COUNTY' })] };
    expect(linesOf(given)).toMatchObject({ orders: { a: { vat: 2_970, umct: 15 }, b: { vat: 2_970, umct: 74 } } });
  });

  test('a late sale crosses the window after part refunds of a later one: they still add up to minus the sale', () => {
    const refund = (id: string, gross: number) => ({ op: 'REFUND', id, of: 'A', at: '2026-12-02T02:00:00.000Z', gross });
    const early = order('A', '2026-11-22T02:00:00.000Z', 80_003);
    const late = order('B', '2026-11-22T03:00:00.000Z', 40_000);
    const inTurn = linesOf({ ...DAY, events: [early, late, refund('R1', 30_001), refund('R2', 50_002)] });
    const mixed = linesOf({ ...DAY, events: [early, refund('R1', 30_001), late, refund('R2', 50_002)] });
    expect(mixed.orders).toMatchObject({ A: { taxable: true, vat: 792 } });
    expect(mixed.refunds).toEqual(inTurn.refunds);
    expect(solveTaxVector({ ...DAY, events: [early, refund('R1', 30_001), late, refund('R2', 50_003)] })).toMatchObject({
      error: expect.stringContaining('refund_exceeds_sale'),
    });
  });
});

describe('switches of single sales', () => {
  const sale = { id: 'S', gross: 500_000, cost: 380_000, feeBp: 500, royaltyBp: 200, assessMode: 'COST' };

  test('items as own used things are exempt whatever the day comes to, and without VAT there is no surtax (CN-VAT-15, CN-SUR-05)', () => {
    expect(linesOf({ ...sale, pack: { ownUsedGoodsExempt: true } })).toMatchObject({
      ...{ vatTaxable: false, sales: 500_000, vat: 0, umct: 0, es: 0, les: 0 },
      ...{ gain: 95_000, iit: 19_000, sellerAfterAll: 446_000 },
    });
    const events = [
      { op: 'ORDER', id: 'a', at: '2026-11-22T02:00:00.000Z', gross: 90_000, cost: 50_000 },
      { op: 'ORDER', id: 'b', at: '2026-11-22T03:00:00.000Z', gross: 90_000, cost: 50_000 },
    ];
    const timeline = { id: 'T', kind: 'TIMELINE', feeBp: 500, royaltyBp: 0, events };
    expect(linesOf({ ...timeline, pack: { ownUsedGoodsExempt: true } })).toMatchObject({
      windows: { '2026-11-22': { gross: 180_000, taxable: false } },
      events: [],
    });
    expect(linesOf(timeline)).toMatchObject({ windows: { '2026-11-22': { taxable: true } } });
  });

  test('the day of release decides where the pack says so, and must then be known (CN-VAT-09)', () => {
    const order = (id: string, at: string, releasedAt: string) => ({ op: 'ORDER', id, at, releasedAt, gross: 60_000, cost: 40_000 });
    const events = [
      order('a', '2026-11-20T02:00:00.000Z', '2026-11-23T02:00:00.000Z'),
      order('b', '2026-11-21T02:00:00.000Z', '2026-11-23T03:00:00.000Z'),
    ];
    const timeline = { id: 'T', kind: 'TIMELINE', feeBp: 500, royaltyBp: 0, events };
    expect(linesOf(timeline)).toMatchObject({ windows: { '2026-11-20': { taxable: false }, '2026-11-21': { taxable: false } } });
    expect(linesOf({ ...timeline, pack: { vatTaxPoint: 'RELEASE' } })).toMatchObject({
      windows: { '2026-11-23': { gross: 120_000, sales: 118_812, taxable: true } },
      orders: { a: { sales: 59_406, vat: 594 }, b: { sales: 59_406, vat: 594 } },
    });
    expect(solveTaxVector({ ...sale, pack: { vatTaxPoint: 'RELEASE' } })).toMatchObject({
      error: expect.stringContaining('tax_point_unknown'),
    });
  });

  test('lots of interchangeable kinds follow the switch of the pack unless the case names a flow (CN-IIT-10)', () => {
    const lots = [
      { id: 'L1', at: '2026-03-01T02:00:00.000Z', units: 3, cost: 10_000 },
      { id: 'L2', at: '2026-04-01T02:00:00.000Z', units: 2, cost: 9_000 },
    ];
    const sales = [{ id: 's', at: '2026-05-01T02:00:00.000Z', units: 2, gross: 20_000 }];
    const given = { id: 'L', kind: 'LOTS', feeBp: 0, royaltyBp: 0, lots, sales };
    expect(linesOf(given)).toMatchObject({ sales: { s: { cost: 6_667 } } });
    expect(linesOf({ ...given, pack: { costFlow: 'WAVG' } })).toMatchObject({ sales: { s: { cost: 7_600 } } });
    expect(linesOf({ ...given, costFlow: 'FIFO', pack: { costFlow: 'WAVG' } })).toMatchObject({ sales: { s: { cost: 6_667 } } });
  });
});

describe('cost basis', () => {
  const given = { id: 'C', gross: 100000, otherSameDayGross: 0, feeBp: 500, royaltyBp: 0 };
  test.each([
    [
      'a cost that the platform knows cannot be hidden behind the 3 % mode',
      { cost: 90000, costKnownOnPlatform: true, assessMode: 'PCT_OF_REVENUE' },
      'COST',
      5000,
    ],
    ['a voucher proves the cost', { cost: 90000 }, 'COST', 5000],
    ['the tax office’s value counts without a voucher', { cost: null, fixedCost: 80000 }, 'FIXED_COST', 15000],
    ['earned by play is cost 0', { cost: null, origin: 'EARNED' }, 'ZERO_COST', 95000],
    ['a gift received costs its documented fees', { cost: null, origin: 'GIFT_RECEIVED', documentedFees: 1000 }, 'COST', 94000],
    ['otherwise 3 % of the sales, without a gain', { cost: null }, 'PCT_OF_REVENUE', null],
  ] as const)('%s', (_guarantee, more, mode, gain) => {
    expect(linesOf({ ...given, ...more })).toMatchObject({ assessModeApplied: mode, gain });
  });

  test('lots without proof among proven ones count 0 and are flagged', () => {
    const lots = [
      { id: 'L1', at: '2026-03-01T02:00:00.000Z', units: 1, cost: 1000 },
      { id: 'L2', at: '2026-03-02T02:00:00.000Z', units: 1, cost: null },
    ];
    const sales = [{ id: 'S', at: '2026-05-01T02:00:00.000Z', units: 2, gross: 9000 }];
    expect(linesOf({ id: 'L', kind: 'LOTS', costFlow: 'FIFO', feeBp: 0, royaltyBp: 0, lots, sales })).toMatchObject({
      sales: { S: { cost: 1000, flags: ['COST_PARTLY_UNPROVEN'] } },
    });
  });

  test('a sale takes only lots acquired before it', () => {
    const lots = [{ id: 'L1', at: '2026-06-01T02:00:00.000Z', units: 1, cost: 1000 }];
    const sales = [{ id: 'S', at: '2026-05-01T02:00:00.000Z', units: 1, gross: 9000 }];
    expect(solveTaxVector({ id: 'L', kind: 'LOTS', costFlow: 'FIFO', feeBp: 0, royaltyBp: 0, lots, sales })).toEqual({
      id: 'L',
      error: expect.stringContaining('lots_insufficient'),
    });
  });
});
