/** Nothing public tells what fewer than twenty trades added up to. */
import { expect, test } from 'vitest';
import { publicCount, publicDay } from './transparency.ts';

test.each([
  [0, '0'],
  [1, '< 20'],
  [19, '< 20'],
  [20, '20'],
])('%s trades are told as %s', (count, told) => {
  expect(publicCount(count)).toBe(told);
});

const DAY = { day: '2026-11-27', trades: 40, labelled: 0, reversals: 0, turnoverFen: '900', filteredFen: '900', assessedFen: '30' };
test.each([
  ['a day of forty', {}, { turnoverFen: '900', filteredFen: '900', assessedFen: '30' }],
  ['a day of nineteen', { trades: 19 }, { trades: '< 20', turnoverFen: null, filteredFen: null, assessedFen: null }],
  ['a day with three labelled', { labelled: 3 }, { turnoverFen: '900', filteredFen: null }],
  ['a day with all but three labelled', { labelled: 37 }, { turnoverFen: '900', filteredFen: null }],
  ['a day with twenty labelled', { labelled: 20, filteredFen: '500' }, { turnoverFen: '900', filteredFen: '500' }],
  ['a day with two undone', { reversals: 2 }, { reversals: '< 20' }],
])('%s', (_, facts, told) => {
  expect(publicDay({ ...DAY, ...facts })).toMatchObject(told);
});
