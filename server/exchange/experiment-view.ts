/** An experiment as its page shows it: caps burning down, the caller's own use, the label that stands on everything it touches. */
import { type AccountId, parseClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { triesReserve } from '#sandbox/experiments/tax-reserve.ts';
import type { ExperimentView } from '#server/trpc/views.ts';
import type { Running } from './experiments.ts';

const NO_LABEL = { zh: '', en: '' };

export function experimentView({ experiment, caps, joined }: Running, acct: AccountId | null, at: Instant): ExperimentView {
  const gauges = caps.gauges(acct ?? '', at);
  const used = (code: string) => String(gauges.find((gauge) => gauge.code === code)?.usedFen ?? 0n);
  const mine = acct === null ? undefined : joined.get(acct);
  return {
    experimentId: experiment.id,
    title: experiment.title,
    status: experiment.status,
    label: experiment.authorization?.label ?? NO_LABEL,
    isSeeded: experiment.authorization?.kind === 'SIMULATED',
    from: experiment.period.start,
    to: experiment.period.end,
    arms: experiment.assignment.arms,
    classIds: experiment.eligibility.itemClasses.map(parseClassId),
    caps: [
      {
        name: 'PARTICIPANTS',
        limit: String(experiment.caps.participants),
        used: String(caps.participants()),
        reserved: '0',
        isMoney: false,
      },
      ...gauges.map((gauge) => ({
        name: gauge.code.slice('SBX_CAP_'.length),
        limit: String(gauge.limitFen),
        used: String(gauge.usedFen),
        reserved: String(gauge.reservedFen),
        isMoney: true,
      })),
    ],
    mine:
      acct === null
        ? null
        : {
            hasJoined: mine?.disclosureVersion === experiment.safeguards.disclosureVersion,
            arm: mine?.arm ?? null,
            dayUsedFen: used('SBX_CAP_PER_PERSON_DAY'),
            monthUsedFen: used('SBX_CAP_PER_PERSON_MONTH'),
          },
    disclosure: disclosureOf(experiment),
  };
}

function disclosureOf({ id, mode, ruleOverrides, title }: Running['experiment']): ExperimentView['disclosure'] {
  if (triesReserve({ mode, ruleOverrides })) {
    return {
      zh: `本实验试行税款预留（${id}）。您会被随机编入一组。若在预留组：您此后在本实验内的销售到账时，支付机构把该笔销售的估算税款留在您本人名下的子账户；这笔钱始终属于您，不是缴税，也不归平台，但预留期间不能使用或提现。提交申报凭证（税务机关的凭证号和日期）并经确认后释放，最迟在法定期限后第 15 天自动释放：个人所得税一般在次月 15 日后第 15 天，增值税及附加在次年 6 月 30 日后第 15 天。若在对照组：不预留。两组都请在申报后提交凭证。您可随时停止参与，退出或实验结束时立即释放全部预留。`,
      en: `This is a trial of a tax reserve (${id}). You are drawn into one of two groups. In the group with the reserve: when a sale that you make inside the trial is paid out, the payment institution keeps its estimated taxes in a sub-account of your own. The money stays yours; it is no tax payment and never the platform’s, but while it is kept you cannot spend or withdraw it. It comes free when your proof of filing (receipt number and date of the tax office) is confirmed, and by itself 15 days after the statutory date: for income tax as a rule 15 days after the 15th of the next month, for VAT and surtaxes 15 days after 30 June of the next year. In the other group nothing is kept. In both, please show your receipt when you have filed. You can stop taking part at any time; leaving, or the end of the trial, frees all that is kept at once.`,
    };
  }
  if (ruleOverrides.some(({ path }) => path === 'trading.matching.PRICE_TIME_MATCH')) {
    return {
      zh: `本实验为监管沙盒内的价格时间优先撮合试点（${id}）。订单由系统按价格、时间优先成交，并受实验上限约束；您可随时停止参与。`,
      en: `This is a price-time matching pilot in the regulatory sandbox (${id}). Orders are paired by price, then time, under the caps of the experiment; you can stop taking part at any time.`,
    };
  }
  return {
    zh: `本实验为监管沙盒内的实验“${title.zh}”（${id}）。您会被随机编入一组，该组的规则可能不同；实验结束后恢复原规则；您可随时停止参与。`,
    en: `This is an experiment in the regulatory sandbox: “${title.en}” (${id}). You are drawn into one of its groups, whose rules may differ; when it ends, the old rules hold again; you can stop taking part at any time.`,
  };
}
