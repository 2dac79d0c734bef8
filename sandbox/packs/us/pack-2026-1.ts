/** Pack US 2026.1 (rulebook 10.4): form 1099-K of third-party settlement organisations. No tax line: sales tax by state is not
 *  modelled. */
import { adultsOnly, dated, marketConstants, openTrading } from '../common-rules.ts';
import type { RulePack } from '../rule-pack.ts';

const FROM = '2026-01-01';
const LAW = {
  ruleId: 'US-01',
  citation: 'IRC 6050W as amended by the One Big Beautiful Bill Act sec. 70432',
  confidence: 'VERIFIED',
} as const;

export const PACK_US_2026_1: RulePack = {
  schema: 'daoju.rule-pack/1',
  id: 'US',
  version: '2026.1',
  effectiveFrom: FROM,
  effectiveTo: '2027-12-31',
  currency: 'USD',
  minor: 2,
  timezone: 'America/New_York',
  holidays: {
    citation: 'fixed federal holidays only',
    confidence: 'DESIGN',
    years: {},
    fixed: ['01-01', '06-19', '07-04', '11-11', '12-25'],
  },
  rounding: { mode: 'HALF_UP', level: 'TAX_LINE' },
  constants: {
    ...marketConstants('US-MK-01', FROM),
    form1099kAmount: dated({
      name: ['1099-K 金额门槛（超过）', '1099-K amount (above)'],
      unit: 'fen',
      value: '2000000',
      from: FROM,
      stricterIs: 'LOWER',
      ...LAW,
    }),
    form1099kCount: dated({
      name: ['1099-K 笔数门槛（超过）', '1099-K transactions (above)'],
      unit: 'count',
      value: '200',
      from: FROM,
      stricterIs: 'LOWER',
      ...LAW,
    }),
    digitalAssetReporting: dated({
      name: ['按数字资产报告（1099-DA）', 'reported as digital assets (1099-DA)'],
      unit: 'switch',
      value: 'false',
      ruleId: 'US-03',
      citation: 'broker regulations; a cash marketplace may break the closed system',
      confidence: 'UNSURE',
      from: FROM,
      stricterIs: 'TRUE',
      statutory: false,
      allowed: ['true', 'false'],
    }),
  },
  selectors: {},
  aggregates: [],
  shares: {
    fee: { ruleId: 'US-MK-01', citation: 'fee schedule shown before the order', confidence: 'DESIGN' },
    royalty: { ruleId: 'US-MK-01', citation: 'terms of the item class', confidence: 'DESIGN' },
  },
  lines: [],
  values: [],
  withholding: [],
  dueRules: {
    FORM_1099K: { ...LAW, monthsLater: 0, yearsLater: 1, on: '01-31', moves: false },
  },
  reporting: [
    {
      id: '1099-K',
      ...LAW,
      period: 'YEAR',
      due: 'FORM_1099K',
      format: 'irs-1099-k',
      activities: { P2P: 'PAYMENT', P2B: 'PAYMENT', SERVICE: 'PAYMENT', PRIMARY: null, GIFT: null },
      include: {
        all: [
          { path: 'gross', op: 'gt', value: { ref: 'const.form1099kAmount' } },
          { path: 'count', op: 'gt', value: { ref: 'const.form1099kCount' } },
        ],
      },
    },
  ],
  trading: openTrading('US-MK-01', ['FIXED_PRICE', 'NEGOTIATED']),
  minors: adultsOnly('US-MK-01'),
};
