import { expect, test } from 'vitest';
import { nextPlace } from './use-row-keys.ts';

test.each([
  ['j', -1, 0],
  ['j', 0, 1],
  ['j', 4, 4],
  ['k', -1, 0],
  ['k', 3, 2],
  ['k', 0, 0],
  ['ArrowDown', 2, 3],
  ['ArrowUp', 2, 1],
  ['Home', 3, 0],
  ['End', 1, 4],
  // Nothing is chosen: the page scrolls as it always does.
  ['ArrowDown', -1, null],
  ['End', -1, null],
  ['x', 2, null],
] as const)('%s from place %i of five leads to %s', (key, place, next) => {
  expect(nextPlace(key, place, 5)).toBe(next);
});
