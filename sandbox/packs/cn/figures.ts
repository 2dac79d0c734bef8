/** Figures of pack CN that are not one trade's (rulebook 2.6.7, 2.6.8): return of a period, business income, services, creators,
 *  corporate income tax, stamp duty, late payment. */
import type { Cond, Expr, Figure, FigureInput, FigureStep, Scale, Texts } from '../rule-pack.ts';

const ref = (name: string): Expr => ({ ref: name });
const constant = (name: string): Expr => ({ ref: `const.${name}` });
const number = (value: string): Expr => ({ const: value });
const add = (...args: readonly Expr[]): Expr => ({ op: 'add', args });
const sub = (...args: readonly Expr[]): Expr => ({ op: 'sub', args });
const times = (...args: readonly Expr[]): Expr => ({ op: 'mulFrac', args });
const maxZero = (arg: Expr): Expr => ({ op: 'maxZero', args: [arg] });
const min = (a: Expr, b: Expr): Expr => sub(a, maxZero(sub(a, b)));
const bracket = (amount: Expr, scale: string): Expr => ({ op: 'bracket', args: [amount, ref(`scale.${scale}`)] });
const is = (path: string, value: string | boolean): Cond => ({ path, op: 'eq', value });
const compare = (path: string, op: 'lt' | 'lte' | 'gt' | 'eq', other: string): Cond => ({ path, op, value: { ref: other } });

type StepOptions = Pick<FigureStep, 'when' | 'over' | 'exact'>;
type Law = Pick<FigureStep, 'ruleId' | 'citation' | 'confidence'>;

function steps(law: Law) {
  return (id: string, name: Texts, value: Expr, options: StepOptions = {}): FigureStep => ({ id, ...law, name, value, ...options });
}

function fen(zh: string, en: string, fallback?: string): FigureInput {
  return { name: { zh, en }, unit: 'fen', ...(fallback === undefined ? {} : { default: fallback }) };
}
function word(zh: string, en: string, allowed: readonly string[], fallback?: string): FigureInput {
  return { name: { zh, en }, unit: 'word', allowed, ...(fallback === undefined ? {} : { default: fallback }) };
}

const STATUTE = {
  vat: { ruleId: 'CN-ALG-07', citation: 'VAT Law art. 7, 8, 9, 17, 23', confidence: 'VERIFIED' },
  input: { ruleId: 'CN-VAT-17', citation: 'VAT Law art. 16, 22', confidence: 'VERIFIED' },
  umct: { ruleId: 'CN-SUR-01', citation: 'UMCT Law art. 2, 4; Announcement 12 of 2023', confidence: 'VERIFIED' },
  edu: { ruleId: 'CN-SUR-02', citation: 'State Council rules; Cai Zong [2010] 98; Cai Shui [2016] 12', confidence: 'KNOWN' },
} as const satisfies Record<string, Law>;

const vat = steps(STATUTE.vat);
const surcharge = steps(STATUTE.edu);

/** Not reached: below the line, and on it where the switch says so. */
function below(sales: string, line: string, inclusiveSwitch: string): Cond {
  return { any: [compare(sales, 'lt', line), { all: [is(`const.${inclusiveSwitch}`, true), compare(sales, 'eq', line)] }] };
}

const HALVED: Cond = { any: [is('vatStatus', 'SMALL_SCALE'), is('role', 'TRADER_REG'), is('citStatus', 'SMALL_LOW_PROFIT')] };

const PERIOD: Figure = {
  id: 'PERIOD',
  name: { zh: '增值税及附加申报', en: 'Return of VAT and surtaxes' },
  inputs: {
    role: word('纳税人', 'taxpayer', ['STUDIO', 'PLATFORM', 'TRADER_REG', 'PLAYER']),
    vatStatus: word('增值税身份', 'VAT status', ['GENERAL', 'SMALL_SCALE']),
    citStatus: word('企业所得税身份', 'income tax status', ['STANDARD', 'SMALL_LOW_PROFIT', 'HIGH_TECH'], 'STANDARD'),
    place: word('所在地', 'place', ['CITY', 'COUNTY', 'OTHER'], 'CITY'),
    period: word('申报期', 'period', ['MONTH', 'QUARTER']),
    gross: fen('含税销售额', 'gross incl. VAT'),
    inputVat: fen('进项税额', 'input VAT', '0'),
    carryIn: fen('上期留抵', 'carried in', '0'),
  },
  perUnit: { unitVatSum: sub(ref('unit'), { op: 'netOfRate', args: [ref('unit'), constant('vatBySupplier')] }) },
  steps: [
    vat(
      'thresholdSales',
      { zh: '不含税销售额（判断起征点）', en: 'sales without VAT, against the line' },
      { op: 'netOfRate', args: [ref('gross'), constant('vatBySupplier')] },
    ),
    vat('line', { zh: '起征点', en: 'line' }, constant('vatThresholdByPeriod')),
    vat('exempt', { zh: '免征', en: 'exempt' }, number('1'), {
      when: { all: [is('vatStatus', 'SMALL_SCALE'), below('thresholdSales', 'line', 'thresholdInclusiveExempt')] },
    }),
    vat('exempt', { zh: '不免征', en: 'not exempt' }, number('0')),
    vat('sales', { zh: '销售额', en: 'sales' }, ref('gross'), { when: is('exempt', '1') }),
    vat('sales', { zh: '销售额', en: 'sales' }, ref('thresholdSales')),
    vat('vat', { zh: '增值税', en: 'VAT' }, sub(ref('gross'), ref('sales'))),
    vat('unitVatSum', { zh: '逐件税额', en: 'VAT by unit' }, number('0'), { when: is('exempt', '1') }),
    vat('unitVatSum', { zh: '逐件税额', en: 'VAT by unit' }, ref('units.unitVatSum')),
    vat('roundingDiff', { zh: '尾差', en: 'rounding difference' }, sub(ref('vat'), ref('unitVatSum'))),
    ...[
      steps(STATUTE.input)('payable', { zh: '应纳税额', en: 'VAT payable' }, maxZero(sub(ref('vat'), ref('inputVat'), ref('carryIn'))), {
        when: is('vatStatus', 'GENERAL'),
      }),
      vat('payable', { zh: '应纳税额', en: 'VAT payable' }, ref('vat')),
      steps(STATUTE.input)(
        'carryForward',
        { zh: '期末留抵', en: 'carried forward' },
        maxZero(sub(add(ref('inputVat'), ref('carryIn')), ref('vat'))),
        { when: is('vatStatus', 'GENERAL') },
      ),
      vat('carryForward', { zh: '期末留抵', en: 'carried forward' }, number('0')),
    ],
    steps({ ruleId: 'CN-SUR-03', citation: 'MOF/STA Announcement 12 of 2023', confidence: 'VERIFIED' })(
      'part',
      { zh: '减征后比例', en: 'part left by the relief' },
      constant('smallHalf'),
      { when: HALVED },
    ),
    steps(STATUTE.umct)('part', { zh: '比例', en: 'part' }, number('1')),
    steps(STATUTE.umct)(
      'umct',
      { zh: '城市维护建设税', en: 'Urban maintenance and construction tax' },
      times(ref('payable'), constant('umctByPlace'), ref('part')),
    ),
    surcharge('eduExempt', { zh: '附加免征', en: 'surcharges exempt' }, number('1'), {
      when: below('thresholdSales', 'line', 'eduExemptInclusive'),
    }),
    surcharge('eduExempt', { zh: '附加不免征', en: 'surcharges not exempt' }, number('0')),
    ...(
      [
        ['es', { zh: '教育费附加', en: 'Education surcharge' }, 'edu'],
        ['les', { zh: '地方教育附加', en: 'Local education surcharge' }, 'localEdu'],
      ] as const
    ).flatMap(([id, name, rate]) => [
      surcharge(id, name, number('0'), { when: is('eduExempt', '1') }),
      surcharge(id, name, times(ref('payable'), constant(rate), ref('part'))),
    ]),
    steps(STATUTE.umct)('surtaxTotal', { zh: '附加税费合计', en: 'surtaxes' }, add(ref('umct'), ref('es'), ref('les'))),
  ],
};

const business = steps({ ruleId: 'CN-IIT-14', citation: 'IIT Law art. 3(2), 12', confidence: 'KNOWN' });
const relief = steps({
  ruleId: 'CN-IIT-15',
  citation: 'MOF/STA Announcement 12 of 2023; STA Announcement 12 of 2023',
  confidence: 'VERIFIED',
});
const REGISTERED: Cond = { all: [is('registered', true), { path: 'annualTaxable', op: 'gt', value: '0' }] };

const BUSINESS_IIT: Figure = {
  id: 'BUSINESS_IIT',
  name: { zh: '个人所得税（经营所得）', en: 'Individual income tax (business income)' },
  inputs: {
    annualTaxable: fen('全年应纳税所得额', 'taxable income of the year'),
    registered: { name: { zh: '个体工商户', en: 'registered sole trader' }, unit: 'switch' },
    otherReductions: fen('其他减免', 'other reductions', '0'),
  },
  steps: [
    business(
      'taxBefore',
      { zh: '减半前税额', en: 'tax before the relief' },
      times(bracket(maxZero(ref('annualTaxable')), 'iitBusiness'), number('1')),
    ),
    relief('reliefPart', { zh: '减半部分所得', en: 'income under the relief' }, min(ref('annualTaxable'), constant('traderReliefMax')), {
      when: REGISTERED,
    }),
    relief('otherOnPart', { zh: '其他减免分摊', en: 'other reductions on that part' }, times(ref('otherReductions'), ref('reliefPart')), {
      when: REGISTERED,
      over: ref('annualTaxable'),
      exact: true,
    }),
    relief(
      'reduction',
      { zh: '减免税额', en: 'reduction' },
      times(maxZero(sub(bracket(ref('reliefPart'), 'iitBusiness'), ref('otherOnPart'))), constant('traderReliefHalf')),
      { when: REGISTERED },
    ),
    relief('reduction', { zh: '减免税额', en: 'reduction' }, number('0')),
    business('tax', { zh: '应纳税额', en: 'tax due' }, maxZero(sub(ref('taxBefore'), ref('otherReductions'), ref('reduction')))),
  ],
};

const service = steps({ ruleId: 'CN-IIT-17', citation: 'STA Announcement 16 of 2025 item 1', confidence: 'VERIFIED' });

const SERVICE: Figure = {
  id: 'SERVICE',
  name: { zh: '劳务报酬累计预扣', en: 'Cumulative withholding on services' },
  inputs: {
    income: fen('收入', 'income'),
    exempt: fen('免税收入', 'exempt income', '0'),
    other: fen('其他扣除', 'other deductions', '0'),
    reductions: fen('减免税额', 'reductions', '0'),
  },
  cumulative: { inputs: ['income', 'exempt', 'other', 'reductions'], steps: ['withhold'] },
  steps: [
    service('netIncome', { zh: '累计收入净额', en: 'income less expenses' }, times(ref('cum.income'), constant('serviceNetPart')), {
      exact: true,
    }),
    service('allowance', { zh: '累计减除费用', en: 'allowance' }, times(constant('serviceAllowanceMonth'), ref('month'))),
    service(
      'taxable',
      { zh: '累计预扣预缴应纳税所得额', en: 'taxable so far' },
      maxZero(sub(ref('netIncome'), ref('cum.exempt'), ref('allowance'), ref('cum.other'))),
    ),
    service('cumTax', { zh: '累计应预扣税额', en: 'tax so far' }, times(bracket(ref('taxable'), 'iitWithholding'), number('1'))),
    service(
      'withhold',
      { zh: '本月应预扣', en: 'withheld this month' },
      maxZero(sub(ref('cumTax'), ref('cum.reductions'), ref('cum.withhold'))),
    ),
  ],
};

const creator = steps({ ruleId: 'CN-IIT-18', citation: 'STA Announcement 61 of 2018', confidence: 'KNOWN' });

const CREATOR: Figure = {
  id: 'CREATOR',
  name: { zh: '特许权使用费预扣', en: 'Withholding on royalties of creators' },
  inputs: { income: fen('收入', 'income') },
  steps: [
    creator(
      'withhold',
      { zh: '预扣税额', en: 'withheld' },
      times(maxZero(sub(ref('income'), constant('creatorAllowance'))), constant('creatorRate')),
      { when: compare('income', 'lte', 'const.creatorAllowanceUpTo') },
    ),
    creator('withhold', { zh: '预扣税额', en: 'withheld' }, times(ref('income'), constant('creatorNetPart'), constant('creatorRate'))),
  ],
};

const corporate = steps({ ruleId: 'CN-CIT-01', citation: 'CIT Law art. 4, 28; Announcement 12 of 2023', confidence: 'VERIFIED' });
const RATE_NAME: Texts = { zh: '税率', en: 'rate' };

const CIT: Figure = {
  id: 'CIT',
  name: { zh: '企业所得税（估算）', en: 'Corporate income tax (estimate)' },
  inputs: {
    citStatus: word('身份', 'status', ['STANDARD', 'SMALL_LOW_PROFIT', 'HIGH_TECH']),
    taxableIncome: fen('应纳税所得额', 'taxable income'),
    staff: { name: { zh: '从业人数', en: 'staff' }, unit: 'count', default: '0' },
    assets: fen('资产总额', 'assets', '0'),
  },
  steps: [
    corporate('rate', RATE_NAME, constant('citHighTech'), { when: is('citStatus', 'HIGH_TECH') }),
    corporate('rate', RATE_NAME, constant('citSmall'), {
      when: {
        all: [
          is('citStatus', 'SMALL_LOW_PROFIT'),
          compare('taxableIncome', 'lte', 'const.citSmallIncomeMax'),
          compare('staff', 'lte', 'const.citSmallStaffMax'),
          compare('assets', 'lte', 'const.citSmallAssetsMax'),
        ],
      },
    }),
    corporate('rate', RATE_NAME, constant('cit')),
    corporate('tax', { zh: '应纳税额', en: 'tax' }, times(maxZero(ref('taxableIncome')), ref('rate'))),
  ],
};

const duty = steps({ ruleId: 'CN-STP-02', citation: 'Stamp Duty Law, table of tax items, art. 5, 10', confidence: 'KNOWN' });

const exemptGoods = steps({ ruleId: 'CN-STP-03', citation: 'Stamp Duty Law, table of tax items: sales contracts', confidence: 'KNOWN' });
const exemptOrder = steps({ ruleId: 'CN-STP-04', citation: 'Stamp Duty Law art. 12(8)', confidence: 'VERIFIED' });

const STAMP: Figure = {
  id: 'STAMP',
  name: { zh: '印花税', en: 'Stamp duty' },
  inputs: {
    contract: word('合同', 'contract', [
      ...['COPYRIGHT_TRANSFER', 'EQUITY_TRANSFER', 'ITEM_SALE', 'LICENCE'],
      ...['GOODS_SALE', 'LOAN', 'FACTORING'],
    ]),
    amountExVat: fen('不含税金额', 'amount without VAT'),
    small: { name: { zh: '小微主体', en: 'small party' }, unit: 'switch', default: 'false' },
    individual: { name: { zh: '含个人一方', en: 'an individual is a party' }, unit: 'switch', default: 'false' },
    electronicOrder: {
      name: { zh: '与电商经营者的电子订单', en: 'electronic order with an e-commerce operator' },
      unit: 'switch',
      default: 'false',
    },
  },
  steps: [
    exemptGoods('part', { zh: '个人书立的动产买卖合同不在税目内', en: 'goods contracts made by individuals are not listed' }, number('0'), {
      when: { all: [is('contract', 'GOODS_SALE'), is('individual', true)] },
    }),
    exemptOrder('part', { zh: '个人与电商经营者的电子订单免征', en: 'electronic orders of individuals are exempt' }, number('0'), {
      when: { all: [is('individual', true), is('electronicOrder', true)] },
    }),
    duty('part', { zh: '减征后比例', en: 'part left by the relief' }, constant('smallHalf'), { when: is('small', true) }),
    duty('part', { zh: '比例', en: 'part' }, number('1')),
    duty('duty', { zh: '应纳税额', en: 'duty' }, times(ref('amountExVat'), constant('stampByContract'), ref('part'))),
  ],
};

const late = steps({ ruleId: 'CN-IIT-19', citation: 'Tax Administration Law art. 32', confidence: 'VERIFIED' });

const LATE_FEE: Figure = {
  id: 'LATE_FEE',
  name: { zh: '滞纳金', en: 'Late payment surcharge' },
  inputs: { tax: fen('税额', 'tax'), days: { name: { zh: '滞纳天数', en: 'days late' }, unit: 'count' } },
  steps: [
    late('days', { zh: '滞纳天数', en: 'days late' }, maxZero(ref('days'))),
    late('surcharge', { zh: '滞纳金', en: 'surcharge' }, times(ref('tax'), constant('lateFeeDaily'), ref('days'))),
  ],
};

export const CN_FIGURES: readonly Figure[] = [PERIOD, BUSINESS_IIT, SERVICE, CREATOR, CIT, STAMP, LATE_FEE];

function rows(...brackets: readonly (readonly [upTo: string | null, rate: string, quick: string])[]): Scale['brackets'] {
  return brackets.map(([upTo, rate, quick]) => ({ upTo, rate, quick }));
}

export const CN_SCALES: Readonly<Record<string, Scale>> = {
  iitBusiness: {
    ruleId: 'CN-IIT-14',
    name: { zh: '经营所得税率表', en: 'Rates of business income' },
    citation: 'IIT Law, rate table 2',
    confidence: 'KNOWN',
    brackets: rows(
      ['3000000', '5/100', '0'],
      ['9000000', '10/100', '150000'],
      ['30000000', '20/100', '1050000'],
      ['50000000', '30/100', '4050000'],
      [null, '35/100', '6550000'],
    ),
  },
  iitWithholding: {
    ruleId: 'CN-IIT-17',
    name: { zh: '累计预扣率表', en: 'Rates of cumulative withholding' },
    citation: 'IIT Law, rate table 1; STA Announcement 16 of 2025',
    confidence: 'KNOWN',
    brackets: rows(
      ['3600000', '3/100', '0'],
      ['14400000', '10/100', '252000'],
      ['30000000', '20/100', '1692000'],
      ['42000000', '25/100', '3192000'],
      ['66000000', '30/100', '5292000'],
      ['96000000', '35/100', '8592000'],
      [null, '45/100', '18192000'],
    ),
  },
};
