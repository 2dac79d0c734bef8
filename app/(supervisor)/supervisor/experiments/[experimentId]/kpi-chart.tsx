/** One KPI by day, a line for each arm: our own SVG; the table beside it has the newest figures. A day without a sample is a gap. */
import { useTranslations } from 'use-intl';
import type { ExperimentDeskView } from '#server/trpc/views.ts';

const [WIDTH, HEIGHT, FOOT, SIDE] = [640, 150, 22, 8];
/** Told apart by their dashes too. */
const STROKES = [
  ['stroke-accent', 'none'],
  ['stroke-amber', '6 4'],
  ['stroke-green', '2 3'],
] as const;

type Days = ExperimentDeskView['kpiDays'];

export function KpiCharts({ days }: { readonly days: Days }) {
  const names = [...new Set(days.map(({ kpiId }) => kpiId))];
  return (
    <div className="mt-4 grid gap-5 lg:grid-cols-2">
      {names.map((name) => (
        <KpiChart key={name} name={name} days={days.filter(({ kpiId, value }) => kpiId === name && value !== null)} />
      ))}
    </div>
  );
}

function KpiChart({ name, days }: { readonly name: string; readonly days: Days }) {
  const t = useTranslations('experimentDesk');
  if (days.length === 0) return null;
  const dates = [...new Set(days.map(({ day }) => day))].sort();
  const arms = [...new Set(days.map(({ arm }) => arm))].sort();
  const values = days.map(({ value }) => Number(value));
  const [low, high] = [Math.min(0, ...values), Math.max(...values)];
  const x = (day: string) => SIDE + (dates.length === 1 ? 0.5 : dates.indexOf(day) / (dates.length - 1)) * (WIDTH - 2 * SIDE);
  const y = (value: number) => HEIGHT - FOOT - ((value - low) / (high - low || 1)) * (HEIGHT - FOOT - 14);
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-center gap-x-4 text-[13px]">
        <strong>{name}</strong>
        {arms.map((arm, index) => {
          const [stroke, dash] = STROKES[index % STROKES.length] ?? STROKES[0];
          return (
            <span key={arm} className="inline-flex items-center gap-1.5 text-ink-2">
              <svg viewBox="0 0 24 4" className="h-1 w-6" aria-hidden="true">
                <line x1={0} x2={24} y1={2} y2={2} strokeWidth={3} strokeDasharray={dash} className={stroke} />
              </svg>
              {arm}
            </span>
          );
        })}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="block h-auto w-full" role="img" aria-label={t('kpiChart', { name })}>
        <line x1={0} x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} className="stroke-line-strong" />
        {arms.map((arm, index) => {
          const [stroke, dash] = STROKES[index % STROKES.length] ?? STROKES[0];
          const points = days.filter((each) => each.arm === arm).map(({ day, value }) => [x(day), y(Number(value)), day, value] as const);
          return (
            <g key={arm} className={stroke} fill="none" strokeWidth={2}>
              <polyline points={points.map(([px, py]) => `${px},${py}`).join(' ')} strokeDasharray={dash} />
              {points.map(([px, py, day, value]) => (
                <circle key={day} cx={px} cy={py} r={3}>
                  <title>{`${day} ${arm}: ${value}`}</title>
                </circle>
              ))}
            </g>
          );
        })}
        <text x={SIDE} y={HEIGHT - 6} className="num fill-ink-3 text-[11px]">
          {dates[0]}
        </text>
        <text x={WIDTH - SIDE} y={HEIGHT - 6} textAnchor="end" className="num fill-ink-3 text-[11px]">
          {dates.at(-1)}
        </text>
      </svg>
    </figure>
  );
}
