/**
 * Ready-made experiments X1 to X8 (rulebook 6.5), filled from the pack in force. A template is a draft like every other: whoever uses it
 * sets kinds, dates and, for a wider rule, an authorisation. Where the pack has no rule for what varies, the template is a shadow: arms are
 * measured and nothing is applied.
 */

import { findConstant } from '../packs/pack.ts';
import type { RulePack, Texts } from '../packs/rule-pack.ts';
import { addDays } from './check-experiment.ts';
import type { Caps, Experiment, Override } from './experiment.ts';
import { TAX_RESERVE_PATH } from './tax-reserve.ts';

type Kpi = Experiment['kpis'][number];
export type Template = {
  readonly id: string;
  readonly title: Texts;
  readonly varies: Texts;
  readonly hypothesis: string;
  readonly arms: readonly { readonly id: string; readonly share: string }[];
  /** A rule by arm, as a multiple of what the pack says or a value. */
  readonly overrides: readonly { readonly arm: string; readonly path: string; readonly value: boolean | number }[];
  readonly kpis: readonly Kpi[];
  readonly isShadow: boolean;
};

const HALVES = (a: string, b: string) => [
  { id: a, share: '50/100' },
  { id: b, share: '50/100' },
];
const THIRDS = (a: string, b: string, c: string) => [
  { id: a, share: '34/100' },
  { id: b, share: '33/100' },
  { id: c, share: '33/100' },
];
const COMPLETION: Kpi = { id: 'completionRate', formula: 'releasedOrders / paidOrders', target: '>= 97/100', guardrail: '< 90/100' };
const COMPLAINTS: Kpi = { id: 'complaintsPer10k', formula: 'complaints * 10000 / orders', guardrail: '> 50' };
const PRECISION: Kpi = { id: 'alertPrecision', formula: 'confirmedAlerts / reviewedAlerts', target: '>= 3/10' };

export const TEMPLATES: readonly Template[] = [
  {
    id: 'X1',
    title: { zh: '税款预留', en: 'Tax reserve' },
    varies: {
      zh: '放款时机构把卖家预计税款留在卖家自己的子账户，直至申报',
      en: 'At release the institution keeps the estimated taxes in the seller’s own sub-account until filing',
    },
    hypothesis:
      'Sellers whose estimated taxes are kept aside until they file do so in time more often than others, and few of them lack the money',
    arms: HALVES('none', 'reserve'),
    overrides: [{ arm: 'reserve', path: TAX_RESERVE_PATH, value: true }],
    kpis: [
      { id: 'filedOnTime', formula: 'filedOnTime / filingsDue', target: '> 1 x none' },
      { id: 'liquidityComplaints', formula: 'liquidityComplaints * 10000 / reserves', guardrail: '> 500' },
      { id: 'reservedShare', formula: 'reservedTax / turnover' },
    ],
    isShadow: false,
  },
  {
    id: 'X2',
    title: { zh: '转售等待期', en: 'Resale cool-down' },
    varies: { zh: '等待 5 个交易日或更长', en: 'The wait before an item may be sold again: as the pack says, or longer' },
    hypothesis: 'A longer cool-down halves short-cycle flips without cutting completed sales by more than a tenth',
    arms: HALVES('control', 'cool'),
    overrides: [{ arm: 'cool', path: 'trading.resaleCooldownTradingDays', value: 10 }],
    kpis: [{ id: 'flipShare7d', formula: 'resoldWithin7d / delivered', target: '<= 1/2 of control' }, COMPLETION, COMPLAINTS, PRECISION],
    isShadow: false,
  },
  {
    id: 'X3',
    title: { zh: '价格区间', en: 'Price band' },
    varies: { zh: '无区间、参考价的正负一半、一倍', en: 'No band, half, or the whole of the reference price up or down' },
    hypothesis: 'A price band moves less value away from the market price without more listings given up',
    arms: THIRDS('none', 'half', 'full'),
    overrides: [],
    kpis: [
      { id: 'offMarketShare', formula: 'offMarketValue / turnover', target: '<= 1/2 of none' },
      { id: 'outsideHalf', formula: 'outsideHalfBand / turnover' },
      { id: 'outsideFull', formula: 'outsideFullBand / turnover' },
      { id: 'abandonment', formula: 'abandonedListings / listings', guardrail: '> 2 x none' },
    ],
    isShadow: true,
  },
  {
    id: 'X4',
    title: { zh: '核定方式', en: 'Assessment mode' },
    varies: { zh: '据实成本或按收入 3%，仅影子计算', en: 'Proven cost or 3 % of revenue, computed in the shadow only' },
    hypothesis: 'Assessing by proven cost changes the tax by a figure that is known before anybody is bound by it',
    arms: HALVES('control', 'provenCost'),
    overrides: [],
    kpis: [{ id: 'taxDifference', formula: 'shadowTax / tax' }],
    isShadow: true,
  },
  {
    id: 'X5',
    title: { zh: '版权分成', en: 'Royalty' },
    varies: { zh: '0、2%、5%', en: 'None, 2 %, 5 %' },
    hypothesis: 'A royalty earns the studio more than the volume that it costs',
    arms: THIRDS('none', 'two', 'five'),
    overrides: [],
    kpis: [
      { id: 'studioRevenue', formula: 'sum(royalty)' },
      { id: 'volume', formula: 'sum(turnover)', guardrail: '< 8/10 of none' },
    ],
    isShadow: true,
  },
  {
    id: 'X6',
    title: { zh: '未成年人保护', en: 'Minor shield' },
    varies: { zh: '年龄闸门，或另加 100 元以上人脸复核', en: 'The age gate, or the gate and a face check above 100.00' },
    hypothesis: 'A second check above 100.00 would have found the purchases that guardians complain about',
    arms: HALVES('gate', 'recheck'),
    overrides: [],
    kpis: [
      { id: 'minorComplaints', formula: 'minorComplaints * 10000 / orders', guardrail: '> 50' },
      { id: 'recheckedMinors', formula: 'recheckedMinors / rechecks', target: '>= 1/100' },
      // Of what the shield stops, or its second check would stop for good, the share that no guardian turned out to be right about.
      { id: 'falseRejection', formula: 'falseRejections / rejections' },
    ],
    isShadow: true,
  },
  {
    id: 'X7',
    title: { zh: '反洗钱线', en: 'AML threshold' },
    varies: { zh: '强化实名的日线：与规则包相同，或减半', en: 'The day line for the enhanced level: as the pack says, or half' },
    hypothesis: 'A lower line finds more confirmed cases than it costs in reviews',
    arms: HALVES('control', 'half'),
    overrides: [{ arm: 'half', path: 'const.enhancedLevelAboveDay', value: 500_000 }],
    kpis: [
      PRECISION,
      { id: 'recall', formula: 'seededFound / seededCases', target: '>= 9/10' },
      { id: 'backlog', formula: 'count(openReviews)', guardrail: '> 2 x control' },
    ],
    isShadow: false,
  },
  {
    id: 'X8',
    title: { zh: '披露时延', en: 'Disclosure latency' },
    varies: { zh: '监管实时、15 分钟后或每日看到成交', en: 'Supervisors see trades live, after 15 minutes, or daily' },
    hypothesis: 'Seeing trades live shortens the time until an alert is confirmed',
    arms: THIRDS('live', 'quarter', 'daily'),
    overrides: [],
    kpis: [{ id: 'hoursToConfirm', formula: 'median(confirmedAt - raisedAt) of alerts' }],
    isShadow: true,
  },
];

export type TemplateFill = {
  readonly id: string;
  readonly declarationNo: string;
  readonly pack: RulePack;
  /** Beijing date. */
  readonly today: string;
  readonly gameIds: readonly string[];
  readonly classIds: readonly string[];
};

const NOTICE_DAYS = 7;
const LASTS_DAYS = 120;
const CAPS: Caps = {
  participants: 500,
  perTradeFen: 500_000,
  perPersonDayFen: 1_000_000,
  perPersonMonthFen: 5_000_000,
  experimentOpenExposureFen: 20_000_000,
  experimentTotalTurnoverFen: 200_000_000,
  lossCompensationFundFen: 2_000_000,
};

/** A draft that its author goes on with. */
export function fillTemplate(template: Template, fill: TemplateFill): Experiment {
  const start = addDays(fill.today, NOTICE_DAYS + 1);
  const guarded = template.kpis.find(({ guardrail }) => guardrail !== undefined);
  return {
    id: fill.id,
    title: template.title,
    declarationNo: fill.declarationNo,
    hypothesis: template.hypothesis,
    status: 'DRAFT',
    authorization: null,
    mode: template.isShadow ? 'SHADOW' : 'LIVE_STRICTER',
    assignment: { unit: 'PERSON', method: 'HASH_SM3', salt: template.id.toLowerCase(), arms: template.arms, pinned: {} },
    eligibility: {
      minAge: fill.pack.trading.minAge.secondary,
      kycLevel: fill.pack.trading.levels.secondary,
      jurisdictions: [fill.pack.id],
      games: fill.gameIds,
      itemClasses: fill.classIds,
      excludeOpenAmlCase: true,
      consent: 'OPT_IN',
    },
    caps: CAPS,
    period: { publicNoticeDays: NOTICE_DAYS, start, end: addDays(start, LASTS_DAYS), maxExtensions: 1, maxExtensionDays: 90 },
    ruleOverrides: template.overrides.map((override) => stricterThanPack(fill.pack, override)),
    safeguards: {
      disclosureVersion: 'd1',
      riskAcknowledgement: true,
      coolingOffHours: 24,
      refundGuarantee: 'FULL_UNTIL_DELIVERY',
      complaintSlaWorkingDays: 5,
      compensationClaimDays: 30,
    },
    kpis: template.kpis,
    reporting: {
      live: true,
      daily: true,
      monthly: true,
      interimEveryDays: 60,
      finalWithinDaysAfterEnd: 30,
      recipients: ['SUP_TAX', 'SUP_MARKET', 'SUP_FIN'],
    },
    stopTriggers: [
      ...(guarded === undefined ? [] : [{ when: `guardrail(${guarded.id}) for 3 consecutive days`, action: 'PAUSE_NEW' as const }]),
      { when: 'compensationPaid > 1/2 of fund', action: 'PAUSE_NEW' },
      { when: 'ledgerVerifyFailed', action: 'HALT_ALL' },
      { when: 'supervisorOrder', action: 'HALT_ALL' },
    ],
    exit: {
      // Nobody may be made to set tax aside (rulebook 1): the trial ends with itself.
      success: template.overrides.some(({ path }) => path === TAX_RESERVE_PATH) ? 'KEEP_PACK' : 'PROMOTE_TO_PACK_PROPOSAL',
      fail: 'ROLLBACK_TO_CONTROL',
      openOrders: 'SETTLE_UNDER_OLD_RULES',
      dataDays: 3650,
      publishReport: true,
    },
  };
}

/** What a template sets was stricter than the pack when it was written; a pack that has moved on is doubled or halved instead. */
function stricterThanPack(pack: RulePack, override: Override): Override {
  const name = override.path.replace(/^(?:const|trading)\./, '');
  const parameter = findConstant(pack, name);
  if (parameter === null || typeof override.value !== 'number') return override;
  const now = Number(parameter.value);
  const isStricter = parameter.stricterIs === 'LOWER' ? override.value < now : override.value > now;
  if (!Number.isSafeInteger(now) || isStricter) return override;
  return { ...override, value: parameter.stricterIs === 'LOWER' ? Math.floor(now / 2) : now * 2 };
}
