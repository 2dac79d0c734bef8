/** Constants and switches of pack CN (rulebook 2.9 and 11), each dated, cited and flagged. What is UNSURE is a switch or at least
 *  overridable here, never a number in code. */
import type { Parameter } from '../../parameters/parameter.ts';
import type { Confidence } from '../rule-pack.ts';
import { CN_CONSTANT_NAMES } from './constant-names.ts';

const AS_OF = '2026-11-22';
const START = '2026-01-01';
const RELIEF_END = '2027-12-31';

type Options = {
  readonly until?: string;
  readonly stricterIs?: Parameter['stricterIs'];
  readonly statutory?: boolean;
  readonly allowed?: readonly string[];
};

function parameter(
  unit: Parameter['unit'],
  ruleId: string,
  value: string,
  citation: string,
  confidence: Confidence,
  options: Options = {},
): Parameter {
  return {
    ruleId,
    value,
    unit,
    confidence,
    citation,
    asOf: AS_OF,
    effectiveFrom: START,
    effectiveTo: options.until ?? null,
    statutory: options.statutory ?? unit !== 'switch',
    ...(options.stricterIs === undefined ? {} : { stricterIs: options.stricterIs }),
    ...(options.allowed === undefined ? {} : { allowed: options.allowed }),
  };
}

const YES_NO = ['true', 'false'] as const;
function onOff(ruleId: string, value: boolean, citation: string, confidence: Confidence = 'UNSURE', stricterIs?: 'TRUE' | 'FALSE') {
  return parameter('switch', ruleId, value ? 'true' : 'false', citation, confidence, {
    allowed: YES_NO,
    ...(stricterIs === undefined ? {} : { stricterIs }),
  });
}

const RELIEF = { until: RELIEF_END } as const;
const HIGHER = { stricterIs: 'HIGHER' } as const;
const LOWER = { stricterIs: 'LOWER' } as const;
const OWN = { statutory: false } as const;

const CONSTANTS: Readonly<Record<string, Parameter>> = {
  // VAT
  vatGeneral: parameter('rate', 'CN-VAT-02', '6/100', 'VAT Law art. 10(3)', 'VERIFIED', HIGHER),
  vatLevy: parameter('rate', 'CN-VAT-05', '1/100', 'MOF/STA Announcement 19 of 2023; STA Announcement 16 of 2025', 'UNSURE', {
    ...RELIEF,
    ...HIGHER,
    allowed: ['1/100', '3/100'],
  }),
  vatLevyStatutory: parameter('rate', 'CN-VAT-03', '3/100', 'VAT Law art. 9, 11', 'VERIFIED', HIGHER),
  vatThresholdDay: parameter('fen', 'CN-VAT-06', '100000', 'VAT Law art. 23; Announcement 10 of 2026', 'VERIFIED', { ...RELIEF, ...LOWER }),
  vatThresholdMonth: parameter('fen', 'CN-VAT-06', '10000000', 'VAT Law art. 23; Announcement 10 of 2026', 'VERIFIED', {
    ...RELIEF,
    ...LOWER,
  }),
  vatThresholdQuarter: parameter('fen', 'CN-VAT-06', '30000000', 'VAT Law art. 23; Announcement 10 of 2026', 'VERIFIED', {
    ...RELIEF,
    ...LOWER,
  }),
  vatSmallScaleMax: parameter('fen', 'CN-VAT-03', '500000000', 'VAT Law art. 9', 'VERIFIED', LOWER),
  thresholdInclusiveExempt: onOff('CN-VAT-07', false, 'VAT Law art. 23, wording at the boundary', 'UNSURE', 'FALSE'),
  p2pThresholdMode: parameter('switch', 'CN-VAT-08', 'PER_DAY_1000', 'STA announcement on threshold standards 2026', 'UNSURE', {
    allowed: ['PER_DAY_1000', 'MONTH_100000'],
  }),
  vatTaxPoint: parameter('switch', 'CN-VAT-09', 'PAYMENT', 'VAT Law art. 28(1)', 'UNSURE', { allowed: ['PAYMENT', 'RELEASE'] }),
  giftDeemedSale: onOff('CN-VAT-13', true, 'VAT Law art. 5(3), 19', 'UNSURE', 'TRUE'),
  ownUsedGoodsExempt: onOff('CN-VAT-15', false, 'VAT Law art. 24(3)', 'UNSURE', 'FALSE'),
  vatWithholdingForNaturalPersons: onOff('CN-VAT-16', true, 'VAT implementing regulations (State Council Decree 826)', 'UNSURE', 'TRUE'),
  // Surtaxes
  'umctByPlace.CITY': parameter('rate', 'CN-SUR-01', '7/100', 'UMCT Law art. 2, 4', 'VERIFIED', HIGHER),
  'umctByPlace.COUNTY': parameter('rate', 'CN-SUR-01', '5/100', 'UMCT Law art. 2, 4', 'VERIFIED', HIGHER),
  'umctByPlace.OTHER': parameter('rate', 'CN-SUR-01', '1/100', 'UMCT Law art. 2, 4', 'VERIFIED', HIGHER),
  edu: parameter('rate', 'CN-SUR-02', '3/100', 'State Council rules on the education surcharge', 'KNOWN', HIGHER),
  localEdu: parameter('rate', 'CN-SUR-02', '2/100', 'Cai Zong [2010] 98', 'KNOWN', HIGHER),
  smallHalf: parameter('rate', 'CN-SUR-03', '1/2', 'MOF/STA Announcement 12 of 2023', 'VERIFIED', { ...RELIEF, ...HIGHER }),
  eduExemptForPerDay: onOff('CN-SUR-04', false, 'Cai Shui [2016] 12, practice of some offices', 'UNSURE', 'FALSE'),
  eduExemptInclusive: onOff('CN-SUR-04', false, 'Cai Shui [2016] 12, wording at the boundary', 'UNSURE', 'FALSE'),
  // Income tax
  iitTransfer: parameter('rate', 'CN-IIT-01', '20/100', 'IIT Law art. 3(3); Guo Shui Han [2008] 818', 'VERIFIED', HIGHER),
  iitAssessPct: parameter('rate', 'CN-IIT-05', '3/100', 'Beijing procedure 2008; Guo Shui Fa [2007] 38', 'UNSURE', HIGHER),
  assessMode: parameter('switch', 'CN-IIT-05', 'PCT_OF_REVENUE', 'Guo Shui Han [2008] 818 item 3', 'UNSURE', {
    allowed: ['PCT_OF_REVENUE', 'ZERO_COST', 'FIXED_COST'],
  }),
  costKnownOnPlatform: parameter('switch', 'CN-ALG-01', 'COST', 'rulebook 2.6.1: a known cost may not be hidden', 'DESIGN', {
    allowed: ['COST'],
  }),
  deductPlatformFee: onOff('CN-IIT-06', true, 'IIT Regulations art. 16; analogy to Guo Shui Fa [2007] 38', 'UNSURE', 'FALSE'),
  deductRoyalty: onOff('CN-IIT-06', false, 'IIT Regulations art. 16', 'UNSURE', 'FALSE'),
  earnedMode: parameter('switch', 'CN-IIT-09', 'ZERO_COST', 'Guo Shui Han [2008] 818, silent on earned items', 'UNSURE', {
    allowed: ['ZERO_COST', 'PCT_OF_REVENUE'],
  }),
  costFlow: parameter('switch', 'CN-IIT-10', 'FIFO', 'no rule for items; cautious audit choice', 'DESIGN', { allowed: ['FIFO', 'WAVG'] }),
  giftReceivedCost: parameter('switch', 'CN-IIT-11', 'DOCUMENTED_FEES', 'analogy to Guo Shui Fa [2007] 38', 'UNSURE', {
    allowed: ['DOCUMENTED_FEES', 'GIVER_COST', 'REF_PRICE'],
  }),
  handlingFee: parameter('rate', 'CN-IIT-13', '2/100', 'IIT Law art. 17', 'VERIFIED'),
  lateFeeDaily: parameter('rate', 'CN-IIT-19', '5/10000', 'Tax Administration Law art. 32', 'VERIFIED', HIGHER),
  traderReliefMax: parameter('fen', 'CN-IIT-15', '200000000', 'MOF/STA Announcement 12 of 2023', 'VERIFIED', { ...RELIEF, ...LOWER }),
  traderReliefHalf: parameter('rate', 'CN-IIT-15', '1/2', 'MOF/STA Announcement 12 of 2023', 'VERIFIED', { ...RELIEF, ...LOWER }),
  serviceNetPart: parameter('rate', 'CN-IIT-17', '80/100', 'STA Announcement 16 of 2025 item 1', 'VERIFIED', HIGHER),
  serviceAllowanceMonth: parameter('fen', 'CN-IIT-17', '500000', 'STA Announcement 16 of 2025 item 1', 'VERIFIED', LOWER),
  creatorAllowance: parameter('fen', 'CN-IIT-18', '80000', 'STA Announcement 61 of 2018', 'KNOWN', LOWER),
  creatorAllowanceUpTo: parameter('fen', 'CN-IIT-18', '400000', 'STA Announcement 61 of 2018', 'KNOWN', LOWER),
  creatorNetPart: parameter('rate', 'CN-IIT-18', '80/100', 'STA Announcement 61 of 2018', 'KNOWN', HIGHER),
  creatorRate: parameter('rate', 'CN-IIT-18', '20/100', 'STA Announcement 61 of 2018', 'KNOWN', HIGHER),
  // Companies
  stampIp: parameter('rate', 'CN-STP-02', '3/10000', 'Stamp Duty Law, table of tax items', 'KNOWN', HIGHER),
  stampProperty: parameter('rate', 'CN-STP-02', '5/10000', 'Stamp Duty Law, table of tax items', 'KNOWN', HIGHER),
  stampGoods: parameter('rate', 'CN-STP-03', '3/10000', 'Stamp Duty Law, table of tax items: sales contracts', 'KNOWN', HIGHER),
  stampLoan: parameter('rate', 'CN-STP-05', '5/100000', 'Stamp Duty Law, table of tax items: loan contracts', 'KNOWN', HIGHER),
  stampNone: parameter('rate', 'CN-STP-01', '0', 'Stamp Duty Law art. 2, 4: a closed list', 'VERIFIED', HIGHER),
  cit: parameter('rate', 'CN-CIT-01', '25/100', 'CIT Law art. 4', 'VERIFIED', HIGHER),
  citHighTech: parameter('rate', 'CN-CIT-02', '15/100', 'CIT Law art. 28', 'VERIFIED', HIGHER),
  citSmall: parameter('rate', 'CN-CIT-03', '5/100', 'MOF/STA Announcement 12 of 2023', 'VERIFIED', { ...RELIEF, ...HIGHER }),
  citSmallIncomeMax: parameter('fen', 'CN-CIT-03', '300000000', 'CIT Law art. 28; Announcement 12 of 2023', 'VERIFIED', {
    ...RELIEF,
    ...LOWER,
  }),
  citSmallStaffMax: parameter('count', 'CN-CIT-03', '300', 'CIT Law art. 28; Announcement 12 of 2023', 'VERIFIED', { ...RELIEF, ...LOWER }),
  citSmallAssetsMax: parameter('fen', 'CN-CIT-03', '5000000000', 'CIT Law art. 28; Announcement 12 of 2023', 'VERIFIED', {
    ...RELIEF,
    ...LOWER,
  }),
  noRegistrationMaxYear: parameter('fen', 'CN-RPT-13', '10000000', 'Measures for Online Trading Supervision art. 8', 'KNOWN', LOWER),
  businessSalesMin: parameter('count', 'CN-IIT-16', '100', 'rulebook: no numeric rule exists', 'DESIGN', { ...LOWER, ...OWN }),
  businessBoughtShare: parameter('rate', 'CN-IIT-16', '60/100', 'rulebook: no numeric rule exists', 'DESIGN', { ...LOWER, ...OWN }),
  businessGrossMin: parameter('fen', 'CN-IIT-16', '10000000', 'rulebook: no numeric rule exists', 'DESIGN', { ...LOWER, ...OWN }),
  reportCasualSellers: onOff('CN-RPT-12', true, 'E-Commerce Law art. 9, 27', 'UNSURE', 'TRUE'),
  // Money laundering (the payment institution's lines)
  amlNaturalDay: parameter('fen', 'CN-AML-03', '50000000', 'PBoC Order 3 of 2016', 'VERIFIED', LOWER),
  amlEntityDay: parameter('fen', 'CN-AML-03', '200000000', 'PBoC Order 3 of 2016', 'VERIFIED', LOWER),
  amlCross: parameter('fen', 'CN-AML-03', '20000000', 'PBoC Order 3 of 2016', 'VERIFIED', LOWER),
  amlCash: parameter('fen', 'CN-AML-03', '5000000', 'PBoC Order 3 of 2016', 'VERIFIED', LOWER),
  // Minors
  minor8Single: parameter('fen', 'CN-MIN-01', '5000', 'NPPA notice 2019', 'VERIFIED', LOWER),
  minor8Month: parameter('fen', 'CN-MIN-01', '20000', 'NPPA notice 2019', 'VERIFIED', LOWER),
  minor16Single: parameter('fen', 'CN-MIN-01', '10000', 'NPPA notice 2019', 'VERIFIED', LOWER),
  minor16Month: parameter('fen', 'CN-MIN-01', '40000', 'NPPA notice 2019', 'VERIFIED', LOWER),
  // Trading
  resaleCooldownTradingDays: parameter('days', 'CN-MK-02', '5', 'State Council [2011] 38; General Office [2012] 37', 'UNSURE', {
    ...HIGHER,
    ...OWN,
  }),
  maxCoHolders: parameter('count', 'CN-MK-02', '1', 'State Council [2011] 38 (law: 200)', 'UNSURE', LOWER),
  tradeHoldDaysAfterPrimary: parameter('days', 'CN-MK-02', '7', 'product 1.6', 'DESIGN', { ...HIGHER, ...OWN }),
  virtualCurrencyTradable: onOff('CN-MK-06', false, 'Wen Shi Fa [2009] 20', 'UNSURE', 'FALSE'),
  buyback: onOff('CN-MK-07', false, 'draft Measures for Online Games 2023; Wen Shi Fa [2016] 32', 'UNSURE', 'FALSE'),
  drawnItemsResale: onOff('CN-MK-08', true, 'Wen Shi Fa [2009] 20 item 20; Wen Shi Fa [2016] 32', 'UNSURE', 'FALSE'),
  sunsetNoticeDays: parameter('days', 'CN-MK-12', '60', 'Wen Shi Fa [2016] 32', 'UNSURE', HIGHER),
  unitPriceMin: parameter('fen', 'CN-MK-02', '1', 'product 1.6', 'DESIGN', { ...HIGHER, ...OWN }),
  unitPriceMax: parameter('fen', 'CN-MK-02', '100000000', 'product 1.6', 'DESIGN', { ...LOWER, ...OWN }),
  platformFeeBpsMax: parameter('count', 'CN-ALG-02', '10000', 'fee schedule shown before the order (product 1.6)', 'DESIGN', {
    ...LOWER,
    ...OWN,
  }),
  enhancedLevelAboveDay: parameter('fen', 'CN-ID-01', '1000000', 'product 1.6; rulebook 4.3', 'DESIGN', { ...LOWER, ...OWN }),
  payoutHoursMin: parameter('count', 'CN-PAY-05', '72', 'product 1.6', 'DESIGN', { ...HIGHER, ...OWN }),
  offMarketFactor: parameter('rate', 'CN-SV-05', '2', 'VAT Law art. 20; rulebook 9.2', 'DESIGN', { ...LOWER, ...OWN }),
  offMarketMinDifference: parameter('fen', 'CN-SV-05', '50000', 'rulebook 9.2', 'DESIGN', { ...LOWER, ...OWN }),
};

export const CN_CONSTANTS: Readonly<Record<string, Parameter>> = Object.fromEntries(
  Object.entries(CONSTANTS).map(([name, { ruleId, ...rest }]): [string, Parameter] => {
    const words = CN_CONSTANT_NAMES[name];
    return [name, { ruleId, ...(words === undefined ? {} : { name: words }), ...rest }];
  }),
);
