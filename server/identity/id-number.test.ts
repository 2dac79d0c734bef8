import { expect, test } from 'vitest';
import { completedYears, readIdNumber } from './id-number.ts';

test('a number with a right check digit gives the birth date', () => {
  // Source: the worked example of GB 11643-1999, annex A.
  expect(readIdNumber('11010519491231002X')).toEqual({ text: '11010519491231002X', birthDate: '1949-12-31' });
  expect(readIdNumber(' 440524188001010014 ')).toBeNull();
  expect(readIdNumber('１1010519491231002x')?.birthDate).toBe('1949-12-31');
});

test.each([
  ['a wrong check digit', '110105194912310021'],
  ['17 digits', '11010519491231002'],
  ['a date that does not exist', '110105194913310020'],
  ['letters', 'ABC10519491231002X'],
  ['nothing', ''],
])('%s is refused', (_, text) => {
  expect(readIdNumber(text)).toBeNull();
});

test.each([
  ['2008-11-23', '2026-11-22', 17],
  ['2008-11-23', '2026-11-23', 18],
  ['2008-02-29', '2026-02-28', 17],
  ['2008-02-29', '2026-03-01', 18],
])('born %s, on %s: %i completed years', (birthDate, onDate, years) => {
  expect(completedYears(birthDate, onDate)).toBe(years);
});
