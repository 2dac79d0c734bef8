import { expect, test } from 'vitest';
import { holdRows } from './held-rows.ts';

type Row = { readonly id: number; readonly text: string };
const row = (id: number, text = 'as it came'): Row => ({ id, text });
const keyOf = ({ id }: Row) => id;
const ids = (rows: readonly Row[]) => rows.map(keyOf);

test('nobody reads: the newest rows are shown', () => {
  expect(holdRows([row(2), row(1)], [row(3), row(2)], keyOf, false)).toEqual({ shown: [row(3), row(2)], waiting: 0 });
});

test('while somebody reads, new rows wait, the known ones stay in their places and follow their facts', () => {
  const { shown, waiting } = holdRows([row(2), row(1)], [row(4), row(3), row(2, 'changed')], keyOf, true);
  expect(ids(shown)).toEqual([2, 1]);
  expect(shown[0]?.text).toBe('changed');
  expect(waiting).toBe(2);
});

test('what comes below, such as older rows that were asked for, moves nobody and is shown', () => {
  const { shown, waiting } = holdRows([row(2)], [row(2), row(1)], keyOf, true);
  expect(ids(shown)).toEqual([2, 1]);
  expect(waiting).toBe(0);
});

test('more came than the list holds: all of it waits', () => {
  expect(holdRows([row(2), row(1)], [row(9), row(8)], keyOf, true)).toEqual({ shown: [row(2), row(1)], waiting: 2 });
});

test('an empty list has nobody to disturb', () => {
  expect(holdRows([], [row(1)], keyOf, true).waiting).toBe(0);
});
