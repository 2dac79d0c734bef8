/** What a year of sales says about a person who sells (rulebook 3.1, 2.1): the line above which a seller registers, and the hint that
 *  trade looks like a business. A hint and nothing more: nobody is reclassified by it. */
import type { Cond, Figure, Texts } from '../rule-pack.ts';

const TURNOVER: Texts = { zh: '年交易额', en: 'turnover of the year' };
const LINE: Texts = { zh: '免登记额度', en: 'turnover without registration' };

const registrationLaw = {
  ruleId: 'CN-RPT-13',
  citation: 'E-Commerce Law art. 10, 28; Measures for Online Trading Supervision art. 8',
  confidence: 'KNOWN',
} as const;

const REGISTRATION: Figure = {
  id: 'REGISTRATION',
  name: { zh: '零星小额交易免登记', en: 'Small sporadic trade without registration' },
  inputs: {
    turnover: { name: TURNOVER, unit: 'fen' },
    registered: { name: { zh: '已登记', en: 'registered' }, unit: 'switch', default: 'false' },
  },
  steps: [
    { ...registrationLaw, id: 'line', name: LINE, value: { ref: 'const.noRegistrationMaxYear' } },
    {
      ...registrationLaw,
      id: 'left',
      name: { zh: '尚余额度', en: 'left below the line' },
      value: { op: 'maxZero', args: [{ op: 'sub', args: [{ ref: 'line' }, { ref: 'turnover' }] }] },
    },
    {
      ...registrationLaw,
      id: 'due',
      name: { zh: '须提示登记', en: 'registration is due' },
      // Exactly at the line no registration is needed.
      when: {
        all: [
          { path: 'registered', op: 'eq', value: false },
          { path: 'turnover', op: 'gt', value: { ref: 'line' } },
        ],
      },
      value: { const: '1' },
    },
    { ...registrationLaw, id: 'due', name: { zh: '无须登记', en: 'no registration needed' }, value: { const: '0' } },
  ],
};

const businessTest = { ruleId: 'CN-IIT-16', citation: 'rulebook: no numeric rule exists', confidence: 'DESIGN' } as const;

const MANY_AND_BOUGHT: Cond = {
  all: [
    { path: 'sales', op: 'gte', value: { ref: 'const.businessSalesMin' } },
    { path: 'itemsBought', op: 'gte', value: { ref: 'needed' } },
  ],
};

const BUSINESS_TEST: Figure = {
  id: 'BUSINESS_TEST',
  name: { zh: '是否形似经营', en: 'Does trade look like a business' },
  inputs: {
    sales: { name: { zh: '十二个月出售笔数', en: 'sales in twelve months' }, unit: 'count' },
    itemsSold: { name: { zh: '售出件数', en: 'items sold' }, unit: 'count' },
    itemsBought: { name: { zh: '其中购入件数', en: 'of them bought' }, unit: 'count' },
    grossFen: { name: { zh: '十二个月销售额', en: 'sales amount in twelve months' }, unit: 'fen' },
  },
  steps: [
    {
      ...businessTest,
      id: 'needed',
      name: { zh: '购入件数的界限', en: 'items bought at the line' },
      value: { op: 'mulFrac', args: [{ ref: 'itemsSold' }, { ref: 'const.businessBoughtShare' }] },
      exact: true,
    },
    {
      ...businessTest,
      id: 'suggested',
      name: { zh: '形似经营', en: 'looks like a business' },
      when: { any: [MANY_AND_BOUGHT, { path: 'grossFen', op: 'gte', value: { ref: 'const.businessGrossMin' } }] },
      value: { const: '1' },
    },
    { ...businessTest, id: 'suggested', name: { zh: '不似经营', en: 'does not look like a business' }, value: { const: '0' } },
  ],
};

export const CN_STANDING: readonly Figure[] = [REGISTRATION, BUSINESS_TEST];
