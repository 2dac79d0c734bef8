import { expect, test } from 'vitest';
import { changedFigures, changedFiles, differenceOf, formatFigure } from './read-manifest.ts';

const file = (name: string, sm3: string) => ({ name, mediaType: 'text/csv', size: 1, sm3 });

test('what an amendment changes: figures that differ, came or went, with sign; files by their digest', () => {
  const before = {
    counts: { sellers: '3', incomeFen: '100000', gone: '1' },
    files: [file('a.csv', '01'), file('b.csv', '02'), file('c.csv', '03')],
  };
  const after = {
    counts: { sellers: '3', incomeFen: '98765', fresh: '2' },
    files: [file('a.csv', '01'), file('b.csv', 'ff'), file('d.csv', '04')],
  };
  expect(changedFigures(before, after)).toEqual([
    { name: 'incomeFen', from: '100000', to: '98765' },
    { name: 'gone', from: '1', to: undefined },
    { name: 'fresh', from: undefined, to: '2' },
  ]);
  expect(changedFigures(before, before)).toEqual([]);
  expect(changedFiles(before, after)).toEqual(['b.csv', 'd.csv', 'c.csv']);
  expect([
    differenceOf('incomeFen', '100000', '98765'),
    differenceOf('sellers', '3', '1004'),
    differenceOf('gone', '1', undefined),
  ]).toEqual(['−12.35', '+1,001', '—']);
  expect([formatFigure('incomeFen', '98765'), formatFigure('sellers', '1004'), formatFigure('gone', undefined)]).toEqual([
    '987.65 元',
    '1,004',
    '—',
  ]);
});
