/** KPIs by arm: value with its interval, sample size, target and guardrail, in words and with units. */
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { Chip, Panel } from '#app/_components/ui.tsx';
import { useArmName } from '#app/_components/use-arm-name.ts';
import { useKpiWords } from '#app/_components/use-kpi-words.ts';
import type { ExperimentDeskView, ExperimentKpiView } from '#server/trpc/views.ts';
import { KpiCharts } from './kpi-chart.tsx';

const RIGHT = new Set(['value', 'interval', 'sample']);

export function Kpis({ view }: { readonly view: ExperimentDeskView }) {
  const t = useTranslations('experimentDesk');
  return (
    <Panel title={t('kpis')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable without a mouse */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={t('kpis')}>
        <table className="w-full min-w-[860px] text-[13px]">
          <thead className="text-start text-ink-2">
            <tr>
              {(['kpi', 'arm', 'value', 'interval', 'sample', 'target', 'guardrail'] as const).map((name) => (
                <th
                  key={name}
                  scope="col"
                  className={`py-1 pe-4 font-medium whitespace-nowrap ${RIGHT.has(name) ? 'text-end' : 'text-start'}`}
                >
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
  return (
    <tr className={isFirst ? 'border-t border-line' : ''}>
      <th scope="row" className="py-1.5 pe-4 text-start font-semibold">
        <span className={isFirst ? '' : 'sr-only'}>{words.name(kpi)}</span>
      </th>
      <td className="pe-4 whitespace-nowrap">{armName(kpi.arm)}</td>
      <td className="num pe-4 text-end font-semibold whitespace-nowrap">
        {kpi.value === null ? <span className="font-normal text-ink-3">{t('noSample')}</span> : shown(kpi.value)}
      </td>
      <td className="num pe-4 text-end whitespace-nowrap text-ink-2">
        {kpi.low === null || kpi.high === null ? '' : `${shown(kpi.low)} – ${shown(kpi.high)}`}
      </td>
      <td className="num pe-4 text-end">{formatCount(kpi.n)}</td>
      <td className="pe-4 whitespace-nowrap">
        {kpi.target === null ? '' : words.bound(kpi.unit, kpi.target)}{' '}
        {kpi.isTargetMet === null ? null : <Chip tone={kpi.isTargetMet ? 'good' : 'wait'}>{t(kpi.isTargetMet ? 'met' : 'notMet')}</Chip>}
      </td>
      <td className="whitespace-nowrap">
        {kpi.guardrail === null ? '' : words.bound(kpi.unit, kpi.guardrail)}{' '}
        {kpi.isGuardrailTouched === null ? null : (
          <Chip tone={kpi.isGuardrailTouched ? 'bad' : 'good'}>{t(kpi.isGuardrailTouched ? 'touched' : 'clear')}</Chip>
        )}
      </td>
    </tr>
  );
}
