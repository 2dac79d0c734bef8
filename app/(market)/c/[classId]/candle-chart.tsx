'use client';
/** Candles and volume as one drawing of ours: colours are the theme's, the arrow keys walk from candle to candle, and no script but this
 *  comes with it. The same figures stand in the table beside it. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatFen, formatTime, type Locale } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import type { Candle } from '#server/trpc/views.ts';
import { type Box, type Layout, layOut, type Mark, nearest } from './chart-scale.ts';

const DAY_MS = 86_400_000;

export function CandleChart({ candles, spanMs }: { readonly candles: readonly Candle[]; readonly spanMs: number }) {
  const t = useTranslations('kind');
  const { locale } = usePreferences();
  const holder = useRef<HTMLElement>(null);
  const box = useBox(holder);
  const layout = useMemo(() => (box === null ? null : layOut(candles, spanMs, box)), [candles, spanMs, box]);
  const [chosen, setChosen] = useState<number | null>(null);
  const mark = (chosen === null ? undefined : layout?.marks[chosen]) ?? layout?.marks.at(-1);
  const onPointer = (event: PointerEvent) => {
    if (layout === null) return;
    setChosen(nearest(layout.marks, event.clientX - event.currentTarget.getBoundingClientRect().left));
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step === 0 || layout === null) return;
    event.preventDefault();
    const last = layout.marks.length - 1;
    setChosen((before) => Math.min(last, Math.max(0, (before ?? last) + step)));
  };
  return (
    <section
      ref={holder}
      className="relative h-full w-full touch-pan-y"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk over the candles
      tabIndex={0}
      aria-label={t('chart')}
      onPointerMove={onPointer}
      onPointerDown={onPointer}
      onPointerLeave={() => setChosen(null)}
      onKeyDown={onKey}
    >
      {layout === null || box === null ? null : <Drawing layout={layout} box={box} locale={locale} spanMs={spanMs} chosen={mark ?? null} />}
      {mark === undefined ? null : <Readout candle={mark.candle} locale={locale} />}
    </section>
  );
}

function Drawing(props: {
  readonly layout: Layout;
  readonly box: Box;
  readonly locale: Locale;
  readonly spanMs: number;
  readonly chosen: Mark | null;
}) {
  const { layout, box, locale, spanMs, chosen } = props;
  const { plot, floor, barWidth } = layout;
  const style = spanMs >= DAY_MS ? 'day' : 'short';
  return (
    <svg width={box.width} height={box.height} aria-hidden="true" className="block select-none text-[11px]">
      {layout.prices.map(({ fen, y }) => (
        <g key={fen}>
          <line x1={0} x2={plot.width} y1={y} y2={y} stroke="var(--line)" />
          <text x={plot.width + 8} y={y + 4} fill="var(--ink-2)" className="num">
            {formatFen(BigInt(fen))}
          </text>
        </g>
      ))}
      {layout.times.map(({ at, x }) => (
        <text key={at} x={x} y={floor + 16} textAnchor="middle" fill="var(--ink-2)">
          {formatTime(locale, new Date(at).toISOString(), style)}
        </text>
      ))}
      <line x1={0} x2={plot.width} y1={floor} y2={floor} stroke="var(--line)" />
      {layout.marks.map((mark) => (
        <Bar key={mark.candle.start} mark={mark} width={barWidth} floor={floor} />
      ))}
      {chosen === null ? null : <line x1={chosen.x} x2={chosen.x} y1={34} y2={floor} stroke="var(--line-strong)" strokeDasharray="3 3" />}
    </svg>
  );
}

function Bar({ mark, width, floor }: { readonly mark: Mark; readonly width: number; readonly floor: number }) {
  const colour = mark.isUp ? 'var(--up)' : 'var(--down)';
  const left = mark.x - width / 2;
  return (
    <g fill={colour} stroke={colour}>
      <rect x={left} y={mark.volume} width={width} height={Math.max(0, floor - mark.volume)} opacity={0.35} stroke="none" />
      <line x1={mark.x} x2={mark.x} y1={mark.high} y2={mark.low} />
      <rect
        x={left}
        y={Math.min(mark.open, mark.close)}
        width={width}
        height={Math.max(1, Math.abs(mark.close - mark.open))}
        // A rise is hollow, a fall is full: nobody needs the colours to tell them apart.
        fill={mark.isUp ? 'var(--card)' : colour}
      />
      {mark.candle.leftOut === 0 ? null : <LabelMark x={mark.x} y={mark.high - 8} />}
    </g>
  );
}

/** Above a candle with trades that were labelled or undone: a shape, so that nobody needs its colour; the words stand in the readout. */
function LabelMark({ x, y }: { readonly x: number; readonly y: number }) {
  return <path data-left-out="true" d={`M${x} ${y} l-4 -7 h8 z`} fill="var(--amber)" stroke="none" />;
}

function Readout({ candle, locale }: { readonly candle: Candle; readonly locale: Locale }) {
  const t = useTranslations('kind');
  const prices = [
    ['open', candle.openFen],
    ['high', candle.highFen],
    ['low', candle.lowFen],
    ['close', candle.closeFen],
    ['median', candle.medianFen],
  ] as const;
  return (
    <p className="pointer-events-none absolute top-0 left-0 flex flex-wrap gap-x-3 text-xs text-ink-2" aria-live="polite">
      <span>{formatTime(locale, candle.start, 'full')}</span>
      {prices.map(([key, fen]) => (
        <span key={key}>
          {t(key)} <span className="num text-ink">{formatFen(fen)}</span>
        </span>
      ))}
      <span>
        {t('volume')} <span className="num text-ink">{formatCount(candle.volume)}</span>
      </span>
      {candle.leftOut === 0 ? null : <span className="font-medium text-ink">▼ {t('labelled', { count: candle.leftOut })}</span>}
    </p>
  );
}

function useBox(holder: RefObject<HTMLElement | null>): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useEffect(() => {
    if (holder.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setBox({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(holder.current);
    return () => observer.disconnect();
  }, [holder]);
  return box;
}
