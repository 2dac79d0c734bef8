/** One KPI by day, a line for each arm, with its fixed target and guardrail: our own SVG, and a table of the same figures. A day without a
 *  sample is a gap. */
import { Fragment } from 'react';
import { useTranslations } from 'use-intl';
import { useArmName } from '#app/_components/use-arm-name.ts';
import { useKpiWords } from '#app/_components/use-kpi-words.ts';
import { parseComparison, ratioText } from '#sandbox/experiments/judge.ts';
import type { ExperimentDeskView, ExperimentKpiView } from '#server/trpc/views.ts';

const [WIDTH, HEIGHT, HEAD, FOOT, SIDE] = [640, 176, 22, 26, 10];
/** Told apart by their dashes and marks too. */
const STROKES = [
  ['stroke-accent fill-accent', 'none'],
  ['stroke-amber fill-amber', '7 4'],
  ['stroke-green fill-green', '2 3'],
] as const;

type Days = ExperimentDeskView['kpiDays'];

export function KpiCharts({ view }: { readonly view: ExperimentDeskView }) {
  const t = useTranslations('experimentDesk');
  const kpis = view.kpis.filter(({ kpiId }, index) => view.kpis.findIndex((each) => each.kpiId === kpiId) === index);
  const charts = kpis.flatMap((kpi) => {
    const days = view.kpiDays.filter(({ kpiId, value }) => kpiId === kpi.kpiId && value !== null);
    return days.length === 0 ? [] : [{ kpi, days }];
  });
  if (charts.length === 0) return <p className="mt-4 text-[13px] text-ink-3">{t('noDays')}</p>;
  return (
    <div className="mt-5 grid gap-x-6 gap-y-5 border-t border-line pt-4 lg:grid-cols-2">
      {charts.map(({ kpi, days }) => (
        <KpiChart key={kpi.kpiId} kpi={kpi} days={days} />
      ))}
    </div>
  );
}

/** Only a bound that no other arm moves is a line. */
function fixedBound(source: string | null): string | null {
  if (source === null) return null;
  const { arm, bound } = parseComparison(source);
  return arm === null ? ratioText(bound) : null;
}

function KpiChart({ kpi, days }: { readonly kpi: ExperimentKpiView; readonly days: Days }) {
  const t = useTranslations('experimentDesk');
  const words = useKpiWords();
  const armName = useArmName();
  const dates = [...new Set(days.map(({ day }) => day))].sort();
  const arms = [...new Set(days.map(({ arm }) => arm))].sort();
  const guardrail = fixedBound(kpi.guardrail);
  const target = fixedBound(kpi.target);
  const lines = [
    ...(target === null ? [] : [{ at: target, tone: 'stroke-green', name: t('target') }]),
    ...(guardrail === null ? [] : [{ at: guardrail, tone: 'stroke-red', name: t('guardrail') }]),
  ];
  const values = [...days.map(({ value }) => Number(value)), ...lines.map(({ at }) => Number(at))];
  const [low, high] = [Math.min(0, ...values), Math.max(...values)];
  const x = (day: string) => SIDE + (dates.length === 1 ? 0.5 : dates.indexOf(day) / (dates.length - 1)) * (WIDTH - 2 * SIDE);
  const y = (value: number) => HEIGHT - FOOT - ((value - low) / (high - low || 1)) * (HEIGHT - FOOT - HEAD);
  const name = words.name(kpi);
  const shown = (value: number | string) => words.value(kpi.unit, String(value));
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-center gap-x-4 text-[13px]">
        <strong>{name}</strong>
        {arms.map((arm, index) => (
          <Sample key={arm} name={armName(arm)} index={index} />
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="block h-auto w-full" role="img" aria-label={t('kpiChart', { name })}>
        <line x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} className="stroke-line-strong" />
        {lines.map(({ at, tone, name: bound }) => (
          <line
            key={bound}
            x1={0}
            x2={WIDTH}
            y1={y(Number(at))}
            y2={y(Number(at))}
            className={tone}
            strokeDasharray="1 4"
            strokeLinecap="round"
            strokeWidth={2}
          >
            <title>{`${bound} ${shown(at)}`}</title>
          </line>
        ))}
        {arms.map((arm, index) => (
          <Line
            key={arm}
            index={index}
            points={days
              .filter((each) => each.arm === arm)
              .map(({ day, value }) => ({ x: x(day), y: y(Number(value)), text: `${day} ${armName(arm)}: ${shown(value ?? '0')}` }))}
          />
        ))}
        <text x={SIDE} y={16} className="num fill-ink-3 text-[12px] max-sm:text-[20px]">
          {shown(high)}
        </text>
        <text
          x={dates.length === 1 ? WIDTH / 2 : SIDE}
          y={HEIGHT - 6}
          textAnchor={dates.length === 1 ? 'middle' : 'start'}
          className="num fill-ink-3 text-[12px] max-sm:text-[20px]"
        >
          {dates[0]}
        </text>
        {dates.length === 1 ? null : (
          <text x={WIDTH - SIDE} y={HEIGHT - 6} textAnchor="end" className="num fill-ink-3 text-[12px] max-sm:text-[20px]">
            {dates.at(-1)}
          </text>
        )}
      </svg>
      <DayTable dates={dates} arms={arms} days={days} shown={shown} />
    </figure>
  );
}

function Sample({ name, index }: { readonly name: string; readonly index: number }) {
  const [tone, dash] = STROKES[index % STROKES.length] ?? STROKES[0];
  return (
    <span className="inline-flex items-center gap-1.5 text-ink-2">
      <svg viewBox="0 0 24 4" className="h-1 w-6" aria-hidden="true">
        <line x1={0} x2={24} y1={2} y2={2} strokeWidth={3} strokeDasharray={dash} className={tone} />
      </svg>
      {name}
    </span>
  );
}

type Point = { readonly x: number; readonly y: number; readonly text: string };
function Line({ index, points }: { readonly index: number; readonly points: readonly Point[] }) {
  const [tone, dash] = STROKES[index % STROKES.length] ?? STROKES[0];
  return (
    <g className={tone} strokeWidth={2}>
      <polyline fill="none" points={points.map((point) => `${point.x},${point.y}`).join(' ')} strokeDasharray={dash} />
      {points.map((point) => (
        <Fragment key={point.text}>
          {index % 2 === 0 ? <circle cx={point.x} cy={point.y} r={3} /> : <rect x={point.x - 3} y={point.y - 3} width={6} height={6} />}
          <circle cx={point.x} cy={point.y} r={10} fill="transparent" stroke="none">
            <title>{point.text}</title>
          </circle>
        </Fragment>
      ))}
    </g>
  );
}

function DayTable(props: {
  readonly dates: readonly string[];
  readonly arms: readonly string[];
  readonly days: Days;
  readonly shown: (value: string) => string;
}) {
  const t = useTranslations('experimentDesk');
  const armName = useArmName();
  return (
    <details className="text-[13px]">
      <summary className="min-h-11 cursor-pointer py-2 text-ink-3 sm:min-h-0 sm:py-1">{t('asTable')}</summary>
      <table className="w-full">
        <thead>
          <tr className="text-ink-2">
            <th scope="col" className="py-1 text-start font-medium">
              {t('day')}
            </th>
            {props.arms.map((arm) => (
              <th key={arm} scope="col" className="py-1 text-end font-medium">
                {armName(arm)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.dates.toReversed().map((day) => (
            <tr key={day} className="border-t border-line">
              <th scope="row" className="num py-1 text-start font-normal">
                {day}
              </th>
              {props.arms.map((arm) => {
                const value = props.days.find((each) => each.day === day && each.arm === arm)?.value ?? null;
                return (
                  <td key={arm} className="num py-1 text-end">
                    {value === null ? '—' : props.shown(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
