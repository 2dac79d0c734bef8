/** Where candles stand in a box: pure arithmetic of pixels. Prices are drawn to the pixel and written to the fen. */
import type { Candle } from '#server/trpc/views.ts';

export type Box = { readonly width: number; readonly height: number };
export type Mark = {
  readonly candle: Candle;
  /** The middle of its bucket. */
  readonly x: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Top of its volume bar, which stands on `Layout.floor`. */
  readonly volume: number;
  readonly isUp: boolean;
};
export type Layout = {
  readonly marks: readonly Mark[];
  readonly barWidth: number;
  readonly plot: Box;
  readonly floor: number;
  readonly prices: readonly { readonly fen: number; readonly y: number }[];
  readonly times: readonly { readonly at: number; readonly x: number }[];
};

const PRICE_GUTTER = 72;
const TIME_GUTTER = 22;
const TOP = 34;
const VOLUME_SHARE = 0.16;
const PRICE_LINES = 5;
const TIME_LABEL_WIDTH = 130;
const FEWEST_BUCKETS = 12;

export function layOut(candles: readonly Candle[], spanMs: number, { width, height }: Box): Layout {
  const plot = { width: Math.max(80, width - PRICE_GUTTER), height: height - TIME_GUTTER };
  const starts = candles.map((candle) => Date.parse(candle.start));
  const until = (starts.at(-1) ?? 0) + spanMs;
  // Few candles are not blown up to the width of the box; what is empty then is the past.
  const from = Math.min(starts[0] ?? 0, until - FEWEST_BUCKETS * spanMs);
  const xOf = (at: number) => ((at - from) / (until - from)) * plot.width;
  const low = Math.min(...candles.map((candle) => Number(candle.lowFen)));
  const high = Math.max(...candles.map((candle) => Number(candle.highFen)));
  const padding = Math.max(1, (high - low) * 0.06);
  const [bottom, top] = [low - padding, high + padding];
  const floorOfPrices = plot.height * (1 - VOLUME_SHARE);
  const yOf = (fen: number) => TOP + ((top - fen) / (top - bottom)) * (floorOfPrices - TOP - 6);
  const most = Math.max(1, ...candles.map((candle) => candle.volume));
  return {
    plot,
    floor: plot.height,
    barWidth: Math.max(1, Math.min(14, (plot.width * spanMs * 0.7) / (until - from))),
    marks: candles.map((candle, index) => ({
      candle,
      x: xOf((starts[index] ?? 0) + spanMs / 2),
      open: yOf(Number(candle.openFen)),
      high: yOf(Number(candle.highFen)),
      low: yOf(Number(candle.lowFen)),
      close: yOf(Number(candle.closeFen)),
      volume: plot.height - (candle.volume / most) * plot.height * VOLUME_SHARE * 0.9,
      isUp: BigInt(candle.closeFen) >= BigInt(candle.openFen),
    })),
    prices: roundSteps(bottom, top).map((fen) => ({ fen, y: yOf(fen) })),
    times: evenly(Math.max(2, Math.floor(plot.width / TIME_LABEL_WIDTH))).map((share) => {
      const at = from + share * (until - from);
      return { at, x: xOf(at) };
    }),
  };
}

/** Multiples of 1, 2 or 5 times a power of ten, whole fen. */
export function roundSteps(bottom: number, top: number): readonly number[] {
  const rough = Math.max(1, (top - bottom) / PRICE_LINES);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  const first = Math.ceil(bottom / step) * step;
  return Array.from({ length: Math.floor((top - first) / step) + 1 }, (_, index) => Math.round(first + index * step)).filter(
    (fen) => fen >= 0,
  );
}

function evenly(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + 0.5) / count);
}

/** The mark under a finger or a pointer. */
export function nearest(marks: readonly Mark[], x: number): number | null {
  let found: number | null = null;
  for (const [index, mark] of marks.entries()) {
    if (found === null || Math.abs(mark.x - x) < Math.abs((marks[found]?.x ?? 0) - x)) found = index;
  }
  return found;
}
