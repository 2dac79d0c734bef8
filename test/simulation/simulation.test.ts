/** G11: 300 seeds without a broken invariant. A failing one is named; `npm run sim -- --seed S` replays it exactly. */
import { expect, test } from 'vitest';
import { runSeed } from './run.ts';

const SEEDS = 300;
const PARTS = 6;

test.each(Array.from({ length: PARTS }, (_, part) => part))(
  'no invariant breaks, part %i of the seeds',
  (part) => {
    const size = SEEDS / PARTS;
    const outcomes = Array.from({ length: size }, (_, at) => runSeed(1 + part * size + at));
    const broken = outcomes.filter((outcome) => outcome.broken !== null);
    expect(broken.map(({ seed, faults, liar, broken: what }) => ({ seed, faults, liar, what }))).toEqual([]);
    // A run in which nothing happens proves nothing.
    expect(Math.min(...outcomes.map((outcome) => outcome.entries))).toBeGreaterThanOrEqual(3);
  },
  240_000,
);

test('a seed replays exactly', () => {
  expect(runSeed(17)).toEqual(runSeed(17));
});
