/** When what is due, and who is reported (rulebook 2.1, 2.2, 3.1). Months count from the month of the income or the last of the period. */
import type { DueRule, ReportRule } from '../rule-pack.ts';

export const CN_DUE_RULES: Readonly<Record<string, DueRule>> = {
  DAY15_NEXT_MONTH: {
    ruleId: 'CN-IIT-12',
    citation: 'IIT Law art. 13',
    confidence: 'VERIFIED',
    monthsLater: 1,
    on: '15',
    moves: true,
  },
  PERIOD_PLUS_15_DAYS: {
    ruleId: 'CN-VAT-12',
    citation: 'VAT Law art. 30',
    confidence: 'VERIFIED',
    monthsLater: 1,
    on: '15',
    moves: true,
  },
  JUN30_NEXT_YEAR: {
    ruleId: 'CN-VAT-12',
    citation: 'practice for per-transaction individuals',
    confidence: 'KNOWN',
    monthsLater: 0,
    yearsLater: 1,
    on: '06-30',
    moves: true,
  },
  WITH_VAT: {
    ruleId: 'CN-SUR-01',
    citation: 'UMCT Law art. 7: together with the VAT',
    confidence: 'VERIFIED',
    monthsLater: 0,
    yearsLater: 1,
    on: '06-30',
    moves: true,
  },
  BUSINESS_MAR31: {
    ruleId: 'CN-IIT-14',
    citation: 'IIT Law art. 12',
    confidence: 'VERIFIED',
    monthsLater: 0,
    yearsLater: 1,
    on: '03-31',
    moves: true,
  },
  CIT_MAY31: {
    ruleId: 'CN-CIT-04',
    citation: 'CIT Law art. 54',
    confidence: 'KNOWN',
    monthsLater: 0,
    yearsLater: 1,
    on: '05-31',
    moves: true,
  },
  QUARTER_REPORT: {
    ruleId: 'CN-RPT-04',
    citation: 'State Council Decree 810; STA Announcement 15 of 2025',
    confidence: 'VERIFIED',
    monthsLater: 1,
    on: 'END',
    moves: false,
  },
};

export const CN_REPORTING: readonly ReportRule[] = [
  {
    id: 'CN-810',
    ruleId: 'CN-RPT-04',
    citation: 'State Council Decree 810; STA Announcement 15 of 2025',
    confidence: 'VERIFIED',
    period: 'QUARTER',
    due: 'QUARTER_REPORT',
    format: 'cn-income-record',
    activities: { P2P: 'INTANGIBLE', P2B: 'INTANGIBLE', PRIMARY: 'INTANGIBLE', ROYALTY: 'INTANGIBLE', SERVICE: 'SERVICE', GIFT: null },
    // No minimum: everybody with income is reported, casual sellers by the switch.
    include: {
      all: [
        { path: 'gross', op: 'gt', value: '0' },
        {
          any: [
            { path: 'isCasual', op: 'eq', value: false },
            { path: 'const.reportCasualSellers', op: 'eq', value: true },
          ],
        },
      ],
    },
  },
];
