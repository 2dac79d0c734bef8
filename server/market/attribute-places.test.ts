import { expect, test } from 'vitest';
import { placesOf } from './attribute-places.ts';

const declared = { grade: 3, colour: 'red', isBound: false };

test('nothing was changed: every unit is like every other', () => {
  expect(placesOf(declared, { live: 12, declared, changed: [] })).toEqual({
    grade: { of: 12, same: 12, above: 0 },
    colour: { of: 12, same: 12, above: null },
    isBound: { of: 12, same: 12, above: null },
  });
});

test('numbers have a rank, other values a share; a unit changed elsewhere keeps the kind’s value', () => {
  const changed = [{ grade: 7 }, { grade: 5 }, { colour: 'blue' }];
  const places = placesOf({ ...declared, grade: 5 }, { live: 10, declared, changed });
  expect(places.grade).toEqual({ of: 10, same: 1, above: 1 });
  expect(places.colour).toEqual({ of: 10, same: 9, above: null });
});

test('an attribute that only this unit has', () => {
  expect(placesOf({ rune: 'sun' }, { live: 4, declared: {}, changed: [{ rune: 'sun' }] }).rune).toEqual({ of: 4, same: 1, above: null });
});
