/** Rulebook 10: other jurisdictions are data for the same engine. */
import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { capWindow } from '../decisions/caps.ts';
import { decide } from '../decisions/decide.ts';
import { assess } from '../tax/assess.ts';
import type { AssessInput } from '../tax/assessment.ts';
import { dueDate } from '../tax/filing-calendar.ts';
import { reportScope } from '../tax/report-scope.ts';
import { PACK_CN_2026_1 as CN } from './cn/pack-2026-1.ts';
import { PACK_EU_DPI_2026_1 as EU } from './eu-dpi/pack-2026-1.ts';
import { PACK_KR_2026_1 as KR } from './kr/pack-2026-1.ts';
import { withConstants } from './pack.ts';
import type { RulePack } from './rule-pack.ts';
import { PACK_US_2026_1 as US } from './us/pack-2026-1.ts';

const AT = parseInstant('2026-11-22T04:00:00.000Z');

function assessed(pack: RulePack, gross: bigint, vatStatus: string, place = 'CITY') {
  const input: AssessInput = {
    txType: 'P2P',
    paidAt: AT,
    grossFen: fen(gross),
    feeBps: 0,
    royaltyBps: 0,
    feeFen: null,
    royaltyFen: null,
    basis: null,
    window: { kind: 'total', totalFen: fen(gross) },
    place,
    vatStatus,
    flags: [],
  };
  const answer = assess(input, pack);
  if (answer.kind === 'rejected') throw new Error(answer.code);
  const { salesFen, taxTotalFen, lines } = answer.assessment;
  return { salesFen, taxTotalFen, lines: lines.map(({ id, amountFen }) => [id, amountFen]) };
}

function isReported(pack: RulePack, kind: string, count: bigint, gross: bigint, isCasual = true): boolean {
  const [rule] = pack.reporting ?? [];
  if (rule === undefined) throw new Error('the pack has a report');
  return reportScope(pack, rule, '2026-12-31', { kind, count, grossFen: gross, isCasual }).isReported;
}

describe('EU-DPI', () => {
  const goods = withConstants(EU, { digitalItemsAsGoods: 'true' });

  test.each([
    [25n, 200_000n, false],
    [25n, 200_001n, true],
    [30n, 10_000n, true],
    [29n, 200_000n, false],
  ])('%s sales of goods for %s cents: reported %s', (count, gross, reported) => {
    expect(isReported(goods, 'P2P', count, gross)).toBe(reported);
  });

  test('items are intangible and out of scope by default; one service of 5.00 is reported', () => {
    expect(isReported(EU, 'P2P', 1000n, 10_000_000n)).toBe(false);
    expect(isReported(EU, 'SERVICE', 1n, 500n)).toBe(true);
  });

  test('Lithuania: a trader sells game currency for 121.00, of which 21.00 is VAT; a private person owes none', () => {
    expect(assessed(EU, 12_100n, 'TAXABLE_PERSON', 'LT')).toMatchObject({ salesFen: 10_000n, lines: [['EU-VAT', 2_100n]] });
    expect(assessed(EU, 12_100n, 'PRIVATE', 'LT')).toMatchObject({ salesFen: 12_100n, taxTotalFen: 0n });
  });

  test('the report of a year is due by 31 January of the next', () => {
    expect(dueDate(EU, 'DPI_YEAR', '2026-12')).toBe('2027-01-31');
  });
});

describe('KR', () => {
  test('a general taxpayer sells 110,000 won: base 100,000, VAT 10,000', () => {
    expect(assessed(KR, 110_000n, 'GENERAL')).toMatchObject({ salesFen: 100_000n, taxTotalFen: 10_000n });
  });

  test('a simplified taxpayer owes 110,000 × 15 % × 10 % = 1,650', () => {
    expect(assessed(KR, 110_000n, 'SIMPLIFIED')).toMatchObject({ salesFen: 110_000n, taxTotalFen: 1_650n });
  });

  test('won are rounded down, not half up', () => {
    // 109 × 10/11 = 99.09 and 119 × 15/1000 = 1.785.
    expect(assessed(KR, 109n, 'GENERAL').salesFen).toBe(99n);
    expect(assessed(KR, 119n, 'SIMPLIFIED').taxTotalFen).toBe(1n);
  });

  test.each([
    [60_000n, 'deny'],
    [50_000n, 'allow'],
  ])('11,950,000 sold in the half-year, then a listing of %s: %s', (price, kind) => {
    const person = {
      personRef: 'amy',
      birthDate: '1990-01-01',
      realNameLevel: 'R3',
      secondaryDayFen: fen(0n),
      primaryMonthFen: fen(0n),
      isIssuer: false,
      hasOpenAmlCase: false,
      capTotals: { 'KR-04': 11_950_000n },
    };
    const itemClass = {
      classId: 'cls_1',
      gameId: 'demo',
      approvalNo: 'GC-1',
      isVirtualCurrency: false,
      isCollectible: false,
      isInterchangeable: true,
      isGiftable: true,
      resaleWaitTradingDays: 0,
      referencePriceFen: null,
    };
    const attempt = { at: AT, act: 'secondary', side: 'sell', mechanism: 'fixed_price', unitPriceFen: fen(price), quantity: 1 } as const;
    const decision = decide(attempt, { person, itemClass, items: [] }, KR);
    expect(decision.kind).toBe(kind);
    if (kind === 'deny')
      expect(decision.reasons[0]).toMatchObject({ code: 'cap_exceeded', facts: { totalFen: '12010000', window: '2026-H2' } });
  });

  test.each([
    ['2026-06-30', '2026-H1'],
    ['2026-07-01', '2026-H2'],
  ])('%s counts in %s', (date, window) => {
    expect(capWindow('HALF_YEAR', date)).toBe(window);
  });
});

test.each([
  [2_000_000n, 300n, false],
  [2_000_001n, 200n, false],
  [2_000_001n, 201n, true],
])('US: %s cents in %s payments, form 1099-K %s', (gross, count, reported) => {
  expect(isReported(US, 'P2P', count, gross)).toBe(reported);
});

describe('CN', () => {
  test('everybody with income is reported, casual sellers by the switch', () => {
    expect(isReported(CN, 'P2P', 1n, 1n)).toBe(true);
    expect(isReported(CN, 'P2P', 0n, 0n)).toBe(false);
    const without = withConstants(CN, { reportCasualSellers: 'false' });
    expect([isReported(without, 'P2P', 1n, 1n), isReported(without, 'P2P', 1n, 1n, false)]).toEqual([false, true]);
  });

  test.each([
    // 1 to 7 October 2026 is a holiday of seven days inside the filing period: 15 + 7 = 22 October (rulebook 0.2).
    ['DAY15_NEXT_MONTH', '2026-09', '2026-10-22'],
    ['DAY15_NEXT_MONTH', '2026-11', '2026-12-15'],
    // 15 August 2026 is a Saturday.
    ['DAY15_NEXT_MONTH', '2026-07', '2026-08-17'],
    ['JUN30_NEXT_YEAR', '2026-11', '2027-06-30'],
    ['PERIOD_PLUS_15_DAYS', '2026-04', '2026-05-20'],
    // The quarter's report is not moved: 31 October 2026 is a Saturday.
    ['QUARTER_REPORT', '2026-09', '2026-10-31'],
  ])('%s of %s is due on %s', (rule, month, due) => {
    expect(dueDate(CN, rule, month)).toBe(due);
  });

  test('a rule that the pack does not have is refused', () => {
    expect(() => dueDate(CN, 'SOMEDAY', '2026-11')).toThrow('due_rule_unknown');
  });
});
