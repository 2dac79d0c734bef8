/** Days as bars, our own SVG; the table below says the same. A day whose group is too small is hatched by a short line, not by nothing. */
import { formatYuan } from '#app/_client/format.ts';

export type DayBar = { readonly day: string; readonly fen: string | null };

/** Drawn at half its size on a phone: letters are larger there, and the table below has the amounts. */
const [WIDTH, HEIGHT, FOOT, HEAD] = [640, 150, 26, 18];

export function DayBars({ bars, label, few }: { readonly bars: readonly DayBar[]; readonly label: string; readonly few: string }) {
  const highest = bars.reduce((most, { fen }) => (fen !== null && BigInt(fen) > most ? BigInt(fen) : most), 1n);
  const step = WIDTH / Math.max(7, bars.length);
  // A hundredth of the height is fine enough for the eye.
  const heightOf = (fen: string): number => (Number((BigInt(fen) * 100n) / highest) / 100) * (HEIGHT - FOOT - HEAD);
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 text-[13px] font-medium text-ink-2">{label}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="block h-auto w-full" role="img" aria-label={label}>
        <line x1={0} x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} className="stroke-line-strong" />
        {bars.map(({ day, fen }, index) => {
          const x = index * step;
          const height = fen === null ? 3 : Math.max(fen === '0' ? 0 : 1, heightOf(fen));
          return (
            <g key={day}>
              <title>{`${day} ${fen === null ? few : formatYuan(fen)}`}</title>
              <rect
                x={x + step * 0.15}
                y={HEIGHT - FOOT - height}
                width={step * 0.7}
                height={height}
                className={fen === null ? 'fill-line-strong' : 'fill-accent'}
              />
              {bars.length <= 10 || index % 5 === 0 ? (
                <text x={x + step / 2} y={HEIGHT - 6} textAnchor="middle" className="num fill-ink-3 text-[11px] max-sm:text-[20px]">
                  {day.slice('yyyy-'.length)}
                </text>
              ) : null}
              {bars.length <= 10 && fen !== null ? (
                <text
                  x={x + step / 2}
                  y={HEIGHT - FOOT - height - 4}
                  textAnchor="middle"
                  className="num fill-ink-2 text-[11px] max-sm:hidden"
                >
                  {formatYuan(fen)}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
