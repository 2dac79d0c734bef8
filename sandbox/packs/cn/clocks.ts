/** Terms of pack CN that product 1.6 leaves to the pack, and those of the rulebook's duties: freezes, disputes, takeovers, false claims,
 *  questions, re-checks, keeping. A pack that names none of them is read with these (`packs/clocks.ts`). */
import { dated, type ParameterDraft } from '../common-rules.ts';
import type { Confidence } from '../rule-pack.ts';

const START = '2026-01-01';

type Source = Pick<ParameterDraft, 'ruleId' | 'citation' | 'confidence'>;
const law = (ruleId: string, citation: string, confidence: Confidence = 'VERIFIED'): Source => ({ ruleId, citation, confidence });
const ours = (citation: string): Source => ({ ruleId: 'CN-MK-13', citation, confidence: 'DESIGN' });

type Name = ParameterDraft['name'];
const term = (unit: 'days' | 'count', stricterIs: 'LOWER' | 'HIGHER') => (value: string, source: Source, name: Name) =>
  dated({ name, unit, value, from: START, stricterIs, ...source });
const daysAtMost = term('days', 'LOWER');
const daysAtLeast = term('days', 'HIGHER');
const countAtMost = term('count', 'LOWER');
const countAtLeast = term('count', 'HIGHER');

const LADDER = ours('product 1.6, P-34: ladder for abuse');

export const CN_CLOCKS = {
  temporaryFreezeHours: countAtMost('48', law('CN-AML-07', 'AML Law art. 45'), ['临时冻结上限（小时）', 'longest temporary freeze, hours']),
  operatorFreezeDays: daysAtMost('7', ours('product 1.6, P-34; ledger op 11 (at most 7 days)'), [
    '平台失窃冻结天数',
    'days of the operator’s freeze on a stolen or disputed item',
  ]),
  longestFreezeDays: daysAtMost('90', ours('product 1.6, P-34; ledger op 11 (at most 90 days)'), [
    '凭案号冻结最长天数',
    'longest freeze with a case number, days',
  ]),
  restrictionAnswerDays: daysAtMost('15', law('CN-AML-06', 'AML Law art. 39'), [
    '限制措施异议答复天数',
    'days to answer an objection to a restriction',
  ]),
  caseWorkingDays: daysAtMost('5', law('CN-AML-04', 'PBoC Order 3 of 2016 as amended; AML Law art. 35', 'KNOWN'), [
    '案件决定期限（工作日）',
    'working days to decide a case or report',
  ]),
  claimAnswerHours: countAtMost('48', ours('product 1.6, P-32'), ['争议答复时限（小时）', 'hours to answer a claim']),
  claimDecisionWorkingDays: daysAtMost('5', ours('product 1.6, P-32'), [
    '平台争议决定期限（工作日）',
    'working days for the desk to decide a claim',
  ]),
  claimAppealDays: daysAtLeast('7', ours('product 1.6, P-32'), ['争议申诉期天数', 'days to appeal a decision on a claim']),
  claimReviewDays: daysAtMost('15', ours('product 1.6, P-32; after AML Law art. 39'), [
    '监管复核争议天数',
    'days for a supervisor to answer an appeal on a claim',
  ]),
  takeoverTradesDays: daysAtLeast('7', ours('product 1.6, P-33'), [
    '账户被盗用：追溯交易天数',
    'account taken over: days of trades that are claimed',
  ]),
  takeoverCoolDays: daysAtLeast('30', ours('product 1.6, P-33'), ['账户被盗用：冷静期天数', 'account taken over: days of cooling down']),
  'falseClaimDays.1': daysAtLeast('2', LADDER, ['虚假申报：第一次停权天数', 'false claim: days barred, first time']),
  'falseClaimDays.2': daysAtLeast('7', LADDER, ['虚假申报：第二次停权天数', 'false claim: days barred, second time']),
  'falseClaimDays.3': daysAtLeast('30', LADDER, ['虚假申报：第三次停权天数', 'false claim: days barred, third time']),
  'falseClaimDays.4': daysAtLeast('365', LADDER, ['虚假申报：第四次起停权天数', 'false claim: days barred, from the fourth time']),
  inquiryDays: daysAtMost('90', ours('product V-14'), ['询问答复期上限天数', 'longest term to answer a question in a case, days']),
  inquiryExtensionDays: daysAtMost('30', ours('product V-14'), ['询问延期上限天数', 'longest extension of a question, days']),
  sellerCheckMonths: countAtMost('6', law('CN-MK-11', 'E-Commerce Law art. 27; six months: practice', 'KNOWN'), [
    '卖方身份复核间隔（月）',
    'months until a seller’s identity is checked again',
  ]),
  retentionYears: countAtLeast('10', law('CN-AML-05', 'AML Law art. 34; Tax Administration rules art. 29'), [
    '实名与交易资料保存年数',
    'years that identity and dealings are kept',
  ]),
  accessLogMonths: countAtLeast(
    '6',
    law('CN-BC-02', 'CAC Order 3 of 2019 art. 17; Cybersecurity Law: network logs at least six months', 'KNOWN'),
    ['登录记录保存月数', 'months that entries of officials are logged'],
  ),
  sealingDays: daysAtMost('180', ours('product V-13; CN-PI-03'), [
    '查看身份后告知本人的最长推迟天数',
    'days until a person is told that their identity was opened',
  ]),
} as const;
