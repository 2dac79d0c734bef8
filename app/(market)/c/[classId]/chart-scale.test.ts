import { expect, test } from 'vitest';
import type { Candle } from '#server/trpc/views.ts';
import { layOut, nearest, roundSteps } from './chart-scale.ts';

const HOUR = 3_600_000;
const candle = (hour: number, [openFen, highFen, lowFen, closeFen]: readonly [number, number, number, number], volume: number): Candle => ({
  start: new Date(hour * HOUR).toISOString(),
  openFen: String(openFen),
  highFen: String(highFen),
  lowFen: String(lowFen),
  closeFen: String(closeFen),
  medianFen: String(openFen),
  volume,
  trades: 1,
  asOf: '1970-01-01T00:00:00.000Z',
  confidence: 'low',
  staleSeconds: 0,
  revision: 0,
  leftOut: 0,
});
const CANDLES = [candle(0, [100, 150, 90, 140], 2), candle(1, [140, 160, 120, 120], 8), candle(30, [120, 130, 110, 125], 4)];
const BOX = { width: 872, height: 320 };

test('higher prices stand higher, bars stand on the floor, everything is inside the box', () => {
  const { marks, plot, floor } = layOut(CANDLES, HOUR, BOX);
  for (const mark of marks) {
    expect(mark.high).toBeLessThanOrEqual(Math.min(mark.open, mark.close));
    expect(mark.low).toBeGreaterThanOrEqual(Math.max(mark.open, mark.close));
    expect(mark.low).toBeLessThan(mark.volume);
    expect(mark.volume).toBeLessThan(floor);
    expect(mark.x).toBeGreaterThan(0);
    expect(mark.x).toBeLessThan(plot.width);
  }
  expect(marks.map(({ isUp }) => isUp)).toEqual([true, false, true]);
});

test('a bucket without trades stays a gap: distance on the screen is distance in time', () => {
  const { marks } = layOut(CANDLES, HOUR, BOX);
  const [a, b, c] = marks.map(({ x }) => x);
  expect(((c ?? 0) - (b ?? 0)) / ((b ?? 0) - (a ?? 0))).toBeCloseTo(29, 6);
});

test.each([
  [0, 1],
  [89, 161],
  [4_999, 5_001],
  [1, 100_000_000],
])('lines between %s and %s fen are few, whole, ascending and inside', (bottom, top) => {
  const steps = roundSteps(bottom, top);
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.length).toBeLessThan(9);
  expect(steps.every((fen) => Number.isInteger(fen) && fen >= bottom && fen <= top)).toBe(true);
  expect(steps.toSorted((a, b) => a - b)).toEqual([...new Set(steps)]);
});

test('a pointer finds the nearest candle', () => {
  const { marks } = layOut(CANDLES, HOUR, BOX);
  expect(nearest(marks, -5)).toBe(0);
  expect(nearest(marks, (marks[1]?.x ?? 0) + 1)).toBe(1);
  expect(nearest(marks, 10_000)).toBe(2);
  expect(nearest([], 3)).toBeNull();
});
