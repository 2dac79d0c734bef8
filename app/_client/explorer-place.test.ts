import { expect, test } from 'vitest';
import { explorerPlace } from './explorer-place.ts';

const HEX = 'AB'.repeat(32);

test.each([
  ['812', { kind: 'address', href: '/explorer/blocks/812' }],
  [' # 4031 ', { kind: 'address', href: '/explorer/entries/4031' }],
  ['Item 012', { kind: 'address', href: '/explorer/state/items/12' }],
  ['道具12', { kind: 'address', href: '/explorer/state/items/12' }],
  ['品类 3', { kind: 'address', href: '/explorer/state/classes/3' }],
  [HEX, { kind: 'hex', id: HEX.toLowerCase() }],
  ['sword', null],
  ['-1', null],
  ['', null],
])('%j leads to %j', (text, place) => {
  expect(explorerPlace(text)).toEqual(place);
});
