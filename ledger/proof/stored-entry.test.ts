import { expect, test } from 'vitest';
import { concat } from '#ledger/primitives/bytes.ts';
import { marketDay } from '#test/vectors/sealed-world.ts';
import { storedEntryOf } from './stored-entry.ts';

const { world } = marketDay();

test('leaves stored one after the other come back as they were, for every op of a day', () => {
  for (const stored of world.entries) expect(storedEntryOf(stored.entry, concat(...stored.leaves))).toEqual(stored);
});

test('leaves that do not fit the effects are refused', () => {
  const [stored] = world.entries;
  if (stored === undefined) throw new Error('the day has entries');
  const joined = concat(...stored.leaves);
  expect(() => storedEntryOf(stored.entry, joined.subarray(1))).toThrow('stored_leaves_malformed');
  expect(() => storedEntryOf(stored.entry, concat(joined, Uint8Array.of(0)))).toThrow('stored_leaves_malformed');
});
