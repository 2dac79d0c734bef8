/** KPIs by arm: value with its interval, sample size, target and guardrail, in words and with units. */
import { useTranslations } from 'use-intl';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { Chip, Panel } from '#app/_components/ui.tsx';
import { useArmName } from '#app/_components/use-arm-name.ts';
import { useKpiWords } from '#app/_components/use-kpi-words.ts';
import { isSampleMoney } from '#sandbox/experiments/kpis.ts';
import type { ExperimentDeskView, ExperimentKpiView } from '#server/trpc/views.ts';
import { KpiCharts } from './kpi-chart.tsx';

const COLUMNS = ['kpi', 'arm', 'value', 'interval', 'sample', 'target', 'guardrail'] as const;
const RIGHT: ReadonlySet<string> = new Set(['value', 'interval', 'sample']);

export function Kpis({ view }: { readonly view: ExperimentDeskView }) {
  const t = useTranslations('experimentDesk');
  return (
    <Panel title={t('kpis')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable without a mouse */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={t('kpis')}>
        <table className="data-table as-cards text-[13px]">
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col" className={RIGHT.has(name) ? 'end' : ''}>
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.kpis.map((kpi, index) => (
              <Row key={`${kpi.kpiId} ${kpi.arm}`} kpi={kpi} isFirst={view.kpis[index - 1]?.kpiId !== kpi.kpiId} />
            ))}
          </tbody>
        </table>
      </section>
      <KpiCharts view={view} />
    </Panel>
  );
}

/** The name stands once for all arms; a screen reader hears it in each row. */
function Row({ kpi, isFirst }: { readonly kpi: ExperimentKpiView; readonly isFirst: boolean }) {
  const t = useTranslations('experimentDesk');
  const words = useKpiWords();
  const armName = useArmName();
  const shown = (text: string) => words.value(kpi.unit, text);
  const interval = kpi.low === null || kpi.high === null ? null : `${shown(kpi.low)} – ${shown(kpi.high)}`;
  return (
    <tr>
      <th scope="row" className="text-[13px]! font-semibold! text-ink! max-sm:block max-sm:border-0! max-sm:p-0!">
        <span className={isFirst ? '' : 'sm:sr-only'}>{words.name(kpi)}</span>
      </th>
      <td data-label={t('arm')}>{armName(kpi.arm)}</td>
      <td data-label={t('value')} className="end num font-semibold">
        {kpi.value === null ? (
          <span className="font-normal text-ink-3">{kpi.isCounted ? t('noSample') : t('notCounted')}</span>
        ) : (
          shown(kpi.value)
        )}
      </td>
      <td data-label={t('interval')} className={`end num text-ink-2 ${interval === null ? 'max-sm:hidden!' : ''}`}>
        {interval}
      </td>
      <td data-label={t('sample')} className="end num">
        {isSampleMoney(kpi.measure) ? formatYuan(BigInt(kpi.n)) : formatCount(kpi.n)}
      </td>
      <td data-label={t('target')} className={kpi.target === null ? 'max-sm:hidden!' : ''}>
        <span>
          {kpi.target === null ? '' : words.bound(kpi.unit, kpi.target)}{' '}
          {kpi.isTargetMet === null ? null : <Chip tone={kpi.isTargetMet ? 'good' : 'wait'}>{t(kpi.isTargetMet ? 'met' : 'notMet')}</Chip>}
        </span>
      </td>
      <td data-label={t('guardrail')} className={kpi.guardrail === null ? 'max-sm:hidden!' : ''}>
        <span>
          {kpi.guardrail === null ? '' : words.bound(kpi.unit, kpi.guardrail)}{' '}
          {kpi.isGuardrailTouched === null ? null : (
            <Chip tone={kpi.isGuardrailTouched ? 'bad' : 'good'}>{t(kpi.isGuardrailTouched ? 'touched' : 'clear')}</Chip>
          )}
        </span>
      </td>
    </tr>
  );
}
