/** Tax lines of pack CN in the grammar of rulebook 11. Their order is the order of computation and of `taxLines` on the ledger. */
import type { Cond, PackLine, PackValue, TxType, WithholdingRule } from '../rule-pack.ts';

const RESALE: readonly TxType[] = ['P2P', 'P2B'];
const RESALE_AND_GIFT: readonly TxType[] = ['P2P', 'P2B', 'GIFT'];

/** Reached is taxed in full (VAT Law art. 23); `thresholdInclusiveExempt` moves the boundary itself to the exempt side. */
function reaches(aggregate: string, threshold: string): Cond {
  const value = { ref: `const.${threshold}` };
  return {
    any: [
      { path: aggregate, op: 'gt', value },
      {
        all: [
          { path: 'const.thresholdInclusiveExempt', op: 'eq', value: false },
          { path: aggregate, op: 'eq', value },
        ],
      },
    ],
  };
}

const WINDOW_REACHED: Cond = {
  any: [
    { all: [{ path: 'const.p2pThresholdMode', op: 'eq', value: 'PER_DAY_1000' }, reaches('agg.sellerDayNet', 'vatThresholdDay')] },
    { all: [{ path: 'const.p2pThresholdMode', op: 'eq', value: 'MONTH_100000' }, reaches('agg.sellerMonthNet', 'vatThresholdMonth')] },
  ],
};

export const CN_LINES: readonly PackLine[] = [
  {
    id: 'CN-VAT-P2P',
    type: 'VAT',
    kind: 'vat',
    ruleId: 'CN-VAT-06',
    name: { zh: '增值税', en: 'VAT' },
    txTypes: RESALE_AND_GIFT,
    payer: 'SELLER',
    // The switch reads 物品 of VAT Law art. 24(3) to cover a natural person's items; then no window is ever reached.
    when: { all: [{ path: 'const.ownUsedGoodsExempt', op: 'eq', value: false }, WINDOW_REACHED] },
    base: { ref: 'gross' },
    rate: { ref: 'const.vatLevy' },
    dueRule: 'JUN30_NEXT_YEAR',
    citation: 'VAT Law art. 3, 23; Announcement 10 of 2026; Announcement 19 of 2023',
    confidence: 'VERIFIED',
  },
  {
    id: 'CN-VAT-SUPPLIER',
    type: 'VAT',
    kind: 'vat',
    ruleId: 'CN-VAT-02',
    name: { zh: '增值税（销项）', en: 'VAT (output)' },
    txTypes: ['PRIMARY', 'ROYALTY'],
    payer: 'STUDIO',
    base: { ref: 'gross' },
    rate: { ref: 'const.vatBySupplier' },
    dueRule: 'PERIOD_PLUS_15_DAYS',
    citation: 'VAT Law art. 10(3), 11; Cai Shui [2016] 36 annex',
    confidence: 'VERIFIED',
  },
  {
    id: 'CN-VAT-FEE',
    type: 'VAT',
    kind: 'vat',
    ruleId: 'CN-VAT-02',
    name: { zh: '增值税（平台服务费）', en: 'VAT (platform fee)' },
    txTypes: ['FEE'],
    payer: 'PLATFORM',
    base: { ref: 'gross' },
    rate: { ref: 'const.vatBySupplier' },
    dueRule: 'PERIOD_PLUS_15_DAYS',
    citation: 'VAT Law art. 10(3), 11',
    confidence: 'VERIFIED',
  },
  {
    id: 'CN-UMCT',
    type: 'SURTAX',
    kind: 'umct',
    ruleId: 'CN-SUR-01',
    name: { zh: '城市维护建设税', en: 'Urban maintenance and construction tax' },
    txTypes: RESALE_AND_GIFT,
    payer: 'SELLER',
    base: { ref: 'line.CN-VAT-P2P' },
    rate: { ref: 'const.umctByPlace' },
    reduce: { ref: 'const.smallHalf' },
    dueRule: 'WITH_VAT',
    citation: 'UMCT Law art. 2, 4; Announcement 12 of 2023',
    confidence: 'VERIFIED',
  },
  {
    id: 'CN-ES',
    type: 'SURTAX',
    kind: 'es',
    ruleId: 'CN-SUR-02',
    name: { zh: '教育费附加', en: 'Education surcharge' },
    txTypes: RESALE_AND_GIFT,
    payer: 'SELLER',
    when: { path: 'const.eduExemptForPerDay', op: 'eq', value: false },
    base: { ref: 'line.CN-VAT-P2P' },
    rate: { ref: 'const.edu' },
    reduce: { ref: 'const.smallHalf' },
    dueRule: 'WITH_VAT',
    citation: 'State Council rules on the education surcharge; Announcement 12 of 2023',
    confidence: 'KNOWN',
  },
  {
    id: 'CN-LES',
    type: 'SURTAX',
    kind: 'les',
    ruleId: 'CN-SUR-02',
    name: { zh: '地方教育附加', en: 'Local education surcharge' },
    txTypes: RESALE_AND_GIFT,
    payer: 'SELLER',
    when: { path: 'const.eduExemptForPerDay', op: 'eq', value: false },
    base: { ref: 'line.CN-VAT-P2P' },
    rate: { ref: 'const.localEdu' },
    reduce: { ref: 'const.smallHalf' },
    dueRule: 'WITH_VAT',
    citation: 'Cai Zong [2010] 98; Announcement 12 of 2023',
    confidence: 'KNOWN',
  },
  {
    id: 'CN-IIT-P2P',
    type: 'INCOME',
    kind: 'iit',
    ruleId: 'CN-IIT-01',
    name: { zh: '个人所得税（财产转让所得）', en: 'Individual income tax (transfer of property)' },
    txTypes: RESALE,
    payer: 'SELLER',
    base: { op: 'if', args: [{ ref: 'basis.isAssessed' }, { ref: 'sales' }, { op: 'maxZero', args: [{ ref: 'gain' }] }] },
    rate: { op: 'if', args: [{ ref: 'basis.isAssessed' }, { ref: 'const.iitAssessPct' }, { ref: 'const.iitTransfer' }] },
    floorZero: true,
    dueRule: 'DAY15_NEXT_MONTH',
    citation: 'Guo Shui Han [2008] 818; IIT Law art. 3, 6',
    confidence: 'VERIFIED',
  },
];

export const CN_VALUES: readonly PackValue[] = [
  {
    id: 'gain',
    ruleId: 'CN-IIT-02',
    name: { zh: '应纳税所得额', en: 'Taxable gain' },
    txTypes: RESALE,
    when: { path: 'basis.isAssessed', op: 'eq', value: false },
    after: ['VAT', 'SURTAX'],
    value: {
      op: 'sub',
      args: [
        { ref: 'sales' },
        { ref: 'cost' },
        { ref: 'line.CN-UMCT' },
        { ref: 'line.CN-ES' },
        { ref: 'line.CN-LES' },
        { op: 'if', args: [{ ref: 'const.deductPlatformFee' }, { ref: 'fee' }, { const: '0' }] },
        { op: 'if', args: [{ ref: 'const.deductRoyalty' }, { ref: 'royalty' }, { const: '0' }] },
      ],
    },
    citation: 'IIT Law art. 6(5); IIT Regulations art. 16, 17',
    confidence: 'VERIFIED',
  },
];

/** A buying company pays the seller's tax for the seller (rulebook 2.6.5). */
export const CN_WITHHOLDING: readonly WithholdingRule[] = [
  { ruleId: 'CN-IIT-13', txTypes: ['P2B'], lineTypes: ['INCOME'], citation: 'IIT Law art. 9', confidence: 'VERIFIED' },
  {
    ruleId: 'CN-VAT-16',
    txTypes: ['P2B'],
    lineTypes: ['VAT', 'SURTAX'],
    when: { path: 'const.vatWithholdingForNaturalPersons', op: 'eq', value: true },
    citation: 'VAT implementing regulations (State Council Decree 826)',
    confidence: 'UNSURE',
  },
];
