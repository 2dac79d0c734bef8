import { expect, test } from 'vitest';
import type { Facet } from '#server/trpc/views.ts';
import { completeExpression } from './complete-expression.ts';

const labels = { zh: null, en: '' };
const option = (value: string) => ({ value, labels, count: 1 });
const facets: readonly Facet[] = [
  { key: 'rarity', labels, kind: 'enum', options: [option('Rare'), option('Legendary'), option('a "b"')] },
  { key: 'vaulted', labels, kind: 'boolean', options: [option('true'), option('false')] },
  { key: 'drain', labels, kind: 'range', min: 0, max: 16, buckets: [] },
];
const texts = (source: string) => completeExpression(source, facets).map(({ text }) => text);

test.each([
  ['', ['category', 'type', 'rarity', 'refinement', 'class_ref', 'vaulted', 'drain']],
  ['ra', ['rarity']],
  ['rarity ', ['=', '!=', '<', '>', 'in (']],
  ['rarity = ', ['"Rare"', '"Legendary"', '"a \\"b\\""']],
  ['rarity = "le', ['"Legendary"']],
  ['rarity in ("Rare", ', ['"Rare"', '"Legendary"', '"a \\"b\\""']],
  ['rarity = "Rare" ', ['and', 'or']],
  ['rarity = "Rare" and va', ['vaulted']],
  ['not (dr', ['drain']],
  ['vaulted = t', ['true']],
  ['drain >= ', ['0', '16']],
])('after %s', (source, expected) => expect(texts(source)).toEqual(expected));

test('what is taken replaces what was begun', () => {
  expect(completeExpression('rarity = "le', facets)[0]?.result).toBe('rarity = "Legendary" ');
  expect(completeExpression('rarity =', facets)[0]?.result).toBe('rarity = "Rare" ');
  expect(completeExpression('rarity ', facets).at(-1)?.result).toBe('rarity in (');
});
