/** Pack EU-DPI 2026.1 (rulebook 10.1): reporting by platforms under DAC7 and the OECD Model Rules, and VAT on game currency sold by
 *  taxable persons. Items are intangible and out of scope of the report unless a member state extends it. */
import { adultsOnly, dated, marketConstants, openTrading } from '../common-rules.ts';
import type { RulePack } from '../rule-pack.ts';

const FROM = '2026-01-01';
const RATES: readonly (readonly [state: string, rate: string])[] = [
  ['LT', '21/100'],
  ['DE', '19/100'],
  ['FR', '20/100'],
  ['IE', '23/100'],
  ['LU', '17/100'],
];

export const PACK_EU_DPI_2026_1: RulePack = {
  schema: 'daoju.rule-pack/1',
  id: 'EU-DPI',
  version: '2026.1',
  effectiveFrom: FROM,
  effectiveTo: '2027-12-31',
  currency: 'EUR',
  minor: 2,
  timezone: 'Europe/Brussels',
  holidays: {
    citation: 'days without work differ by member state',
    confidence: 'DESIGN',
    years: {},
    fixed: ['01-01', '05-01', '12-25', '12-26'],
  },
  rounding: { mode: 'HALF_UP', level: 'TAX_LINE' },
  constants: {
    ...marketConstants('EU-MK-01', FROM),
    goodsCountMin: dated({
      name: ['须报告的销售笔数', 'number of sales from which goods are reported'],
      unit: 'count',
      value: '30',
      ruleId: 'EU-02',
      citation: 'Directive (EU) 2021/514, annex V section I B(4)',
      confidence: 'VERIFIED',
      from: FROM,
      stricterIs: 'LOWER',
    }),
    goodsAmountMax: dated({
      name: ['不须报告的最高金额', 'largest consideration that is not reported'],
      unit: 'fen',
      value: '200000',
      ruleId: 'EU-02',
      citation: 'Directive (EU) 2021/514, annex V section I B(4): did not exceed',
      confidence: 'KNOWN',
      from: FROM,
      stricterIs: 'LOWER',
    }),
    digitalItemsAsGoods: dated({
      name: ['道具视为货物报告', 'items are reported as goods'],
      unit: 'switch',
      value: 'false',
      ruleId: 'EU-01',
      citation: 'national extensions; goods are tangible property',
      confidence: 'VERIFIED',
      from: FROM,
      stricterIs: 'TRUE',
      statutory: false,
      allowed: ['true', 'false'],
    }),
    ...Object.fromEntries(
      RATES.map(([state, value]) => [
        `vatByState.${state}`,
        dated({
          name: [`增值税标准税率（${state}）`, `standard VAT rate, ${state}`],
          unit: 'rate',
          value,
          ruleId: 'EU-VAT-01',
          citation: 'Directive 2006/112/EC art. 96; CJEU C-472/24',
          confidence: state === 'LT' ? 'VERIFIED' : 'KNOWN',
          from: FROM,
          stricterIs: 'HIGHER',
        }),
      ]),
    ),
  },
  selectors: { vatByState: 'place' },
  aggregates: [],
  shares: {
    fee: { ruleId: 'EU-MK-01', citation: 'fee schedule shown before the order', confidence: 'DESIGN' },
    royalty: { ruleId: 'EU-MK-01', citation: 'terms of the item class', confidence: 'DESIGN' },
  },
  lines: [
    {
      id: 'EU-VAT',
      type: 'VAT',
      kind: 'vat',
      ruleId: 'EU-VAT-01',
      name: { zh: '增值税', en: 'VAT' },
      txTypes: ['PRIMARY', 'P2P'],
      payer: 'SELLER',
      when: { path: 'vatStatus', op: 'eq', value: 'TAXABLE_PERSON' },
      base: { ref: 'gross' },
      rate: { ref: 'const.vatByState' },
      dueRule: 'OSS_QUARTER',
      citation: 'Directive 2006/112/EC art. 135(1)(e); CJEU C-472/24 (March 2026)',
      confidence: 'VERIFIED',
    },
  ],
  values: [],
  withholding: [],
  dueRules: {
    DPI_YEAR: {
      ruleId: 'EU-03',
      citation: 'annual report',
      confidence: 'VERIFIED',
      monthsLater: 0,
      yearsLater: 1,
      on: '01-31',
      moves: false,
    },
    OSS_QUARTER: { ruleId: 'EU-VAT-03', citation: 'one-stop shop', confidence: 'KNOWN', monthsLater: 1, on: 'END', moves: false },
  },
  reporting: [
    {
      id: 'DPI',
      ruleId: 'EU-02',
      citation: 'Directive (EU) 2021/514; OECD Model Rules',
      confidence: 'VERIFIED',
      period: 'YEAR',
      due: 'DPI_YEAR',
      format: 'oecd-dpi-1.0',
      activities: { SERVICE: 'PersonalServices', P2P: null, P2B: null, PRIMARY: null, GIFT: null },
      extension: { switch: 'digitalItemsAsGoods', activity: 'SaleOfGoods' },
      exclude: {
        all: [
          { path: 'activity', op: 'eq', value: 'SaleOfGoods' },
          { path: 'count', op: 'lt', value: { ref: 'const.goodsCountMin' } },
          { path: 'gross', op: 'lte', value: { ref: 'const.goodsAmountMax' } },
        ],
      },
    },
  ],
  trading: openTrading('EU-MK-01', ['FIXED_PRICE', 'NEGOTIATED', 'PRICE_TIME_MATCH']),
  minors: adultsOnly('EU-MK-01'),
};
