/** KPIs by arm: value with its interval, sample size, target and guardrail. */
import { useTranslations } from 'use-intl';
import { Chip, Panel } from '#app/_components/ui.tsx';
import type { ExperimentDeskView, ExperimentKpiView } from '#server/trpc/views.ts';
import { KpiCharts } from './kpi-chart.tsx';

export function Kpis({ view }: { readonly view: ExperimentDeskView }) {
  const t = useTranslations('experimentDesk');
  return (
    <Panel title={t('kpis')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable without a mouse */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={t('kpis')}>
        <table className="w-full min-w-[640px] text-[13px]">
          <thead className="text-start text-ink-2">
            <tr>
              {(['kpi', 'arm', 'value', 'sample', 'target', 'guardrail'] as const).map((name) => (
                <th key={name} scope="col" className="py-1 pe-3 text-start font-medium">
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.kpis.map((kpi) => (
              <Row key={`${kpi.kpiId} ${kpi.arm}`} kpi={kpi} />
            ))}
          </tbody>
        </table>
      </section>
      <KpiCharts days={view.kpiDays} />
    </Panel>
  );
}

function Row({ kpi }: { readonly kpi: ExperimentKpiView }) {
  const t = useTranslations('experimentDesk');
  const interval = kpi.low === null || kpi.high === null ? '' : ` (${kpi.low} – ${kpi.high})`;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="py-2 pe-3 text-start font-semibold">
        {kpi.kpiId}
      </th>
      <td className="pe-3">{kpi.arm}</td>
      <td className="num pe-3">{kpi.value === null ? t('noSample') : `${kpi.value}${interval}`}</td>
      <td className="num pe-3">{kpi.n}</td>
      <td className="pe-3">
        {kpi.target}{' '}
        {kpi.isTargetMet === null ? null : <Chip tone={kpi.isTargetMet ? 'good' : 'wait'}>{t(kpi.isTargetMet ? 'met' : 'notMet')}</Chip>}
      </td>
      <td>
        {kpi.guardrail}{' '}
        {kpi.isGuardrailTouched === null ? null : (
          <Chip tone={kpi.isGuardrailTouched ? 'bad' : 'good'}>{t(kpi.isGuardrailTouched ? 'touched' : 'clear')}</Chip>
        )}
      </td>
    </tr>
  );
}
