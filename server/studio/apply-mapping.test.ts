import { describe, expect, test } from 'vitest';
import { applyMapping } from './apply-mapping.ts';

const source = {
  uniqueName: '/a/b',
  name: { en: '<ARCHWING>  Two\nlines', zh: '' },
  drain: 0,
  rarity: null,
  facets: { era: 'Lith', vaulted: false, note: '' },
};

describe('an import mapping', () => {
  test('keeps zero and false, drops blanks and tidies names', () => {
    const mapped = applyMapping(source, {
      class_ref: { path: 'uniqueName', blank: 'refuse' },
      'name.en': { path: 'name.en', blank: 'refuse' },
      'name.zh': { path: 'name.zh', blank: 'absent' },
      drain: { path: 'drain', blank: 'absent' },
      attributes: { object: 'facets' },
    });
    expect(mapped).toEqual({
      kind: 'mapped',
      row: { class_ref: '/a/b', name: { en: 'Two lines' }, drain: 0, attributes: { era: 'Lith', vaulted: false } },
    });
  });

  test('refuses a blank where the rule says so, naming the field', () => {
    expect(applyMapping(source, { rarity: { path: 'rarity', blank: 'refuse' } })).toEqual({
      kind: 'refused',
      code: 'field_blank',
      field: 'rarity',
    });
  });

  test('takes the first rule that gives a value, through a value table', () => {
    const rule = {
      first: [{ template: '{facets.era}', table: { Lith: 'stone-tablet' }, blank: 'absent' as const }, { constant: 'fallback' }],
    };
    expect(applyMapping(source, { icon: rule })).toMatchObject({ row: { icon: 'stone-tablet' } });
    expect(applyMapping({ facets: {} }, { icon: rule })).toMatchObject({ row: { icon: 'fallback' } });
  });

  test('never reads a name of the prototype', () => {
    expect(applyMapping({}, { x: { path: 'constructor.name', blank: 'refuse' } })).toMatchObject({ kind: 'refused' });
  });
});
