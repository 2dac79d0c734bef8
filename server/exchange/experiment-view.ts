/** An experiment as its page shows it: caps burning down, the caller's own use, the label that stands on everything it touches. */
import { type AccountId, parseClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
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

function disclosureOf({ id, ruleOverrides, title }: Running['experiment']): ExperimentView['disclosure'] {
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
