/** Pack CN 2026.1: mainland China, 1 January 2026 to 31 December 2027, when the reliefs it relies on end. */
import type { RulePack } from '../rule-pack.ts';
import { CN_CONSTANTS } from './constants.ts';
import { CN_FIGURES, CN_SCALES } from './figures.ts';
import { CN_DUE_RULES, CN_REPORTING } from './filing.ts';
import { CN_LINES, CN_VALUES, CN_WITHHOLDING } from './lines.ts';
import { CN_STANDING } from './standing.ts';
import { CN_SURVEILLANCE } from './surveillance.ts';
import { CN_CALENDAR, CN_MINORS, CN_TRADING } from './trading.ts';

export const PACK_CN_2026_1: RulePack = {
  schema: 'daoju.rule-pack/1',
  id: 'CN',
  version: '2026.1',
  effectiveFrom: '2026-01-01',
  effectiveTo: '2027-12-31',
  currency: 'CNY',
  minor: 2,
  timezone: 'Asia/Shanghai',
  holidays: CN_CALENDAR,
  rounding: { mode: 'HALF_UP', level: 'TAX_LINE' },
  constants: { ...CN_CONSTANTS, ...CN_SURVEILLANCE },
  selectors: {
    umctByPlace: 'place',
    vatBySupplier: { fact: 'vatStatus', constants: { GENERAL: 'vatGeneral', SMALL_SCALE: 'vatLevy' } },
    vatThresholdByPeriod: { fact: 'period', constants: { MONTH: 'vatThresholdMonth', QUARTER: 'vatThresholdQuarter' } },
    stampByContract: {
      fact: 'contract',
      constants: {
        COPYRIGHT_TRANSFER: 'stampIp',
        EQUITY_TRANSFER: 'stampProperty',
        GOODS_SALE: 'stampGoods',
        LOAN: 'stampLoan',
        FACTORING: 'stampNone',
        ITEM_SALE: 'stampNone',
        LICENCE: 'stampNone',
      },
    },
  },
  aggregates: [
    { id: 'sellerDayNet', subject: 'SELLER_PERSON', measure: 'SALES_NET', window: 'DAY' },
    { id: 'sellerMonthNet', subject: 'SELLER_PERSON', measure: 'SALES_NET', window: 'MONTH' },
  ],
  thresholdWindow: {
    switch: 'p2pThresholdMode',
    choices: {
      PER_DAY_1000: { aggregate: 'sellerDayNet', threshold: 'vatThresholdDay' },
      MONTH_100000: { aggregate: 'sellerMonthNet', threshold: 'vatThresholdMonth' },
    },
    txTypes: ['P2P', 'P2B', 'GIFT'],
  },
  shares: {
    fee: { ruleId: 'CN-ALG-02', citation: 'fee schedule shown before the order (product 1.6)', confidence: 'DESIGN' },
    royalty: { ruleId: 'CN-ALG-02', citation: 'terms of the item class, on the ledger', confidence: 'DESIGN' },
  },
  lines: CN_LINES,
  values: CN_VALUES,
  withholding: CN_WITHHOLDING,
  scales: CN_SCALES,
  figures: [...CN_FIGURES, ...CN_STANDING],
  dueRules: CN_DUE_RULES,
  reporting: CN_REPORTING,
  trading: CN_TRADING,
  minors: CN_MINORS,
};
