'use client';
/** KPIs, bounds and stop triggers of an experiment as people read them. */
import { useTranslations } from 'use-intl';
import { formatCount, formatFen, formatYuan } from '#app/_client/format.ts';
import { parseComparison, ratioText } from '#sandbox/experiments/judge.ts';
import type { KpiUnit } from '#sandbox/experiments/kpis.ts';
import { parseStopCondition } from '#sandbox/experiments/stop-triggers.ts';
import type { ExperimentKpiView, ExperimentStopView } from '#server/trpc/views.ts';
import { useArmName } from './use-arm-name.ts';

const SIGNS = { '<=': '≤', '>=': '≥', '<': '<', '>': '>' } as const;

const TEN_THOUSAND = 10_000n;
const MINUTES = 60n;
/** `0.9712`, as the server writes ratios, without a float in between. */
function tenThousandths(text: string): bigint {
  const [whole = '0', part = ''] = text.split('.');
  return BigInt(`${whole}${part.slice(0, 4).padEnd(4, '0')}`);
}
/** Hundredths with their two places. */
const twoPlaces = formatFen;

export function useKpiWords() {
  const t = useTranslations('experimentDesk');
  const measure = useTranslations('code.measure');
  const armName = useArmName();

  /** Shares show as percentages, hours below one as minutes. */
  function value(unit: KpiUnit, text: string): string {
    const exact = tenThousandths(text);
    const whole = exact / TEN_THOUSAND;
    if (unit === 'fen') return formatYuan(whole);
    if (unit === 'count') return formatCount(whole);
    if (unit === 'share') return `${twoPlaces(exact)} %`;
    if (unit === 'per10k') return twoPlaces(exact / 100n);
    return exact < TEN_THOUSAND
      ? t('minutes', { count: twoPlaces((exact * MINUTES) / 100n) })
      : t('hours', { count: twoPlaces(exact / 100n) });
  }
  return {
    name: ({ measure: known }: Pick<ExperimentKpiView, 'measure'>) => measure(known),
    value,
    /** `<= 1/2 of manual` as `≤ 1/2 × agreed by hand`, `>= 97/100` as `≥ 97.00 %`. */
    bound: (unit: KpiUnit, source: string) => {
      const { operator, bound, arm } = parseComparison(source);
      const { numerator, denominator } = bound;
      const ratio = denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;
      if (arm !== null) return `${SIGNS[operator]} ${ratio} × ${armName(arm)}`;
      return `${SIGNS[operator]} ${value(unit, ratioText(bound))}`;
    },
  };
}

/** How the market begins the reason of a step of its own (`server/experiments/watch.ts`). */
const BY_ITSELF = 'trigger: ';

export function useStopWords(kpis: readonly ExperimentKpiView[]) {
  const t = useTranslations('experimentDesk');
  const { name } = useKpiWords();
  const nameOf = (kpiId: string) => {
    const kpi = kpis.find((each) => each.kpiId === kpiId);
    return kpi === undefined ? kpiId : name(kpi);
  };
  const condition = (when: string): string => {
    const parsed = parseStopCondition(when);
    switch (parsed.kind) {
      case 'guardrail':
        return parsed.days === 0
          ? t('stop.touched', { kpi: nameOf(parsed.kpiId) })
          : t('stop.days', { kpi: nameOf(parsed.kpiId), days: parsed.days });
      case 'compensation':
        return t('stop.compensation', { share: `${parsed.numerator}/${parsed.denominator}` });
      case 'loss':
        return t('stop.loss', { amount: formatYuan(parsed.fen) });
      case 'ledgerVerifyFailed':
      case 'supervisorOrder':
        return t(`stop.${parsed.kind}`);
    }
  };
  return {
    condition,
    /** A person's reason as it was written; the market's own step says which condition it acted on. */
    reason: (reason: string) => {
      const when = reason.startsWith(BY_ITSELF) ? reason.slice(BY_ITSELF.length) : null;
      return when === null ? reason : t('byItself', { condition: condition(when) });
    },
    /** How far it is from acting. */
    distance: ({ unit, value, bound }: Pick<ExperimentStopView, 'unit' | 'value' | 'bound'>) => {
      const shown = (text: string) =>
        unit === 'fen' ? formatYuan(text) : `${formatCount(BigInt(text))}${unit === 'switch' ? '' : ` ${t(`unit.${unit}`)}`}`;
      return t('distance', { value: shown(value), bound: shown(bound) });
    },
  };
}
