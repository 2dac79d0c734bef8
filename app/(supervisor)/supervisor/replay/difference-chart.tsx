'use client';
/** Differences by group as bars around a zero line: our own SVG, with the same figures in the table beside it. */
import { useTranslations } from 'use-intl';
import { formatYuan } from '#app/_client/format.ts';

export type Bar = { readonly key: string; readonly differenceFen: string };

const ROW = 26;
const WIDTH = 640;
const LABEL = 190;
const SHOWN = 31;

export function DifferenceChart({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const t = useTranslations('replay');
  const shown = bars.filter(({ differenceFen }) => differenceFen !== '0').slice(0, SHOWN);
  if (shown.length === 0) return <p className="p-4 text-ink-3">{t('empty')}</p>;
  const values = shown.map(({ differenceFen }) => Number(differenceFen));
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const scale = (WIDTH - LABEL - 110) / Math.max(1, high - low);
  const zero = LABEL + -low * scale + 8;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${shown.length * ROW + 8}`}
      className="block h-auto w-full"
      role="img"
      aria-label={`${t('chart')}: ${label}`}
    >
      <line x1={zero} x2={zero} y1={0} y2={shown.length * ROW + 8} className="stroke-line-strong" />
      {shown.map(({ key, differenceFen }, index) => {
        const value = Number(differenceFen);
        const width = Math.max(1, Math.abs(value) * scale);
        const y = index * ROW + 4;
        return (
          <g key={key}>
            <text x={LABEL - 8} y={y + 15} textAnchor="end" className="fill-ink-2 text-[12px]">
              {key.length > 24 ? `${key.slice(0, 22)}…` : key}
            </text>
            <rect
              x={value < 0 ? zero - width : zero}
              y={y + 3}
              width={width}
              height={ROW - 10}
              rx={2}
              className={value < 0 ? 'fill-down' : 'fill-up'}
            />
            <text x={value < 0 ? zero + 6 : zero + width + 6} y={y + 15} className="num fill-ink text-[12px]">
              {`${value > 0 ? '+' : ''}${formatYuan(differenceFen)}`}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
