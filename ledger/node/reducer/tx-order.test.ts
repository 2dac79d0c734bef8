import { describe, expect, test } from 'vitest';
import { activatePack, World } from '#test/vectors/ledger-world.ts';
import { mergeInOrder, slicesInOrder } from './tx-order.ts';

const asMap = (keys: string): ReadonlyMap<string, string> => new Map([...keys].map((key) => [key, key]));

describe('what the sequencer tells stands in its order', () => {
  test.each([
    ['what comes after all that is known', 'abc', 'cde', 'abcde'],
    ['what was lost before what is known', 'cd', 'abc', 'abcd'],
    ['what came in another order', 'cba', 'abc', 'abc'],
    ['what somebody else told beside it', 'xcyd', 'abcd', 'xabcdy'],
    ['nothing of it known', 'xy', 'ab', 'xyab'],
    ['nothing known at all', '', 'ab', 'ab'],
    ['nothing told', 'ab', '', 'ab'],
  ])('%s', (_, known, told, merged) => {
    expect([...mergeInOrder(asMap(known), asMap(told)).keys()].join('')).toBe(merged);
  });

  test('slices that come in any order, some of them twice, give the sequence', () => {
    const world = new World();
    const envs = Array.from({ length: 1_201 }, () => world.env(activatePack(), ['supervisor']));
    const slices = slicesInOrder(envs);
    expect(slices.length).toBeGreaterThan(2);
    const told = slices.map((slice) => new Map(slice.map((env) => [String(envs.indexOf(env)), env])));
    for (const order of [
      [2, 1, 0],
      [1, 0, 2],
      [0, 2, 1, 2],
      [2, 0, 1],
    ]) {
      const got = order.reduce((known, at) => mergeInOrder(known, told[at] ?? new Map()), new Map());
      const again = told.reduce((known, each) => mergeInOrder(known, each), got);
      expect([...again.keys()]).toEqual(envs.map((_, at) => String(at)));
    }
  });

  test('a slice of large LedgerTx stays far below what a message may hold', () => {
    const world = new World();
    const items = Array.from({ length: 200 }, (_, at) => ({
      cls: 0,
      to: new Uint8Array(32),
      ext: new Uint8Array(32).fill(at),
      meta: new Uint8Array(32),
    }));
    const envs = Array.from({ length: 300 }, () => world.env({ kind: 'mint', items }, ['studio']));
    const sizes = slicesInOrder(envs).map((slice) => slice.length);
    expect(Math.max(...sizes)).toBeLessThan(60);
    expect(sizes.reduce((sum, size) => sum + size, 0) - sizes.length + 1).toBe(envs.length);
  });
});
