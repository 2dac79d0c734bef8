'use client';
/** Candles and volume by lightweight-charts, loaded only where a chart is shown. Colours are read from the theme's tokens. Its logo
 *  would set inline styles, which our content policy refuses: the credit it asks for stands under the chart as a link. */
import type { IChartApi, ISeriesApi, UTCTimestamp } from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { formatFen, formatTime } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import type { Candle } from '#server/trpc/views.ts';

// The chart draws in device pixels; money stays exact in the table and in the crosshair's label, which are made from fen.
const yuanForDrawing = (fen: string): number => Number(fen) / 100;
const seconds = (iso: string): UTCTimestamp => Math.floor(Date.parse(iso) / 1_000) as UTCTimestamp;

export function CandleChart({ candles }: { readonly candles: readonly Candle[] }) {
  const t = useTranslations('kind');
  const { locale, theme } = usePreferences();
  const box = useRef<HTMLElement>(null);
  const latest = useRef(candles);
  latest.current = candles;
  const parts = useRef<{
    chart: IChartApi;
    bars: ISeriesApi<'Candlestick'>;
    volume: ISeriesApi<'Histogram'>;
    tint: (candle: Candle) => string;
  } | null>(null);

  // A theme or language is a new chart: its colours and formats are fixed when it is made.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` is read through the computed style
  useEffect(() => {
    let isGone = false;
    void import('lightweight-charts').then(({ CandlestickSeries, createChart, HistogramSeries }) => {
      if (isGone || box.current === null) return;
      const style = getComputedStyle(document.documentElement);
      const token = (name: string) => style.getPropertyValue(name).trim();
      const [up, down, line] = [token('--up'), token('--down'), token('--line')];
      const chart = createChart(box.current, {
        autoSize: true,
        layout: {
          background: { color: 'transparent' },
          textColor: token('--ink-2'),
          fontFamily: 'Inter Variable, Noto Sans SC Variable',
          attributionLogo: false,
        },
        grid: { vertLines: { color: line }, horzLines: { color: line } },
        rightPriceScale: { borderColor: line },
        timeScale: { borderColor: line, timeVisible: true, secondsVisible: false },
        localization: {
          locale,
          priceFormatter: (price: number) => formatFen(BigInt(Math.round(price * 100))),
          timeFormatter: (time: unknown) =>
            typeof time === 'number' ? formatTime(locale, new Date(time * 1_000).toISOString(), 'full') : '',
        },
      });
      const bars = chart.addSeries(CandlestickSeries, {
        upColor: up,
        downColor: down,
        borderUpColor: up,
        borderDownColor: down,
        wickUpColor: up,
        wickDownColor: down,
      });
      const volume = chart.addSeries(HistogramSeries, {
        priceScaleId: 'volume',
        priceFormat: { type: 'volume' },
        lastValueVisible: false,
        priceLineVisible: false,
      });
      chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
      const tint = (candle: Candle) =>
        `color-mix(in srgb, ${BigInt(candle.closeFen) >= BigInt(candle.openFen) ? up : down} 45%, transparent)`;
      parts.current = { chart, bars, volume, tint: (candle) => (CSS.supports('color', tint(candle)) ? toRgb(tint(candle)) : line) };
      draw(parts.current, latest.current);
      chart.timeScale().fitContent();
    });
    return () => {
      isGone = true;
      parts.current?.chart.remove();
      parts.current = null;
    };
  }, [locale, theme]);

  useEffect(() => {
    if (parts.current !== null) draw(parts.current, candles);
  }, [candles]);

  return <section ref={box} className="h-full w-full" aria-label={t('chart')} />;
}

/** The chart reads only plain colours, so a mixed one is computed by the browser first. */
function toRgb(colour: string): string {
  const canvas = document.createElement('canvas').getContext('2d');
  if (canvas === null) return colour;
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 255] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toPrecision(2)})`;
}

function draw(
  parts: { readonly bars: ISeriesApi<'Candlestick'>; readonly volume: ISeriesApi<'Histogram'>; readonly tint: (candle: Candle) => string },
  candles: readonly Candle[],
): void {
  parts.bars.setData(
    candles.map((candle) => ({
      time: seconds(candle.start),
      open: yuanForDrawing(candle.openFen),
      high: yuanForDrawing(candle.highFen),
      low: yuanForDrawing(candle.lowFen),
      close: yuanForDrawing(candle.closeFen),
    })),
  );
  parts.volume.setData(candles.map((candle) => ({ time: seconds(candle.start), value: candle.volume, color: parts.tint(candle) })));
}
