import { expect, test } from 'vitest';
import { lagOf } from './node-page.ts';

const blocks = [12n, 11n, 10n].map((height) => ({ height, header: { sealedAt: height * 1_000n } }));
const here = { height: 12, now: 15_400, blocks };

test('a member is behind since the first block that it lacks was sealed', () => {
  expect(lagOf({ member: 2, height: 12 }, here)).toEqual({ member: 2, blocks: 0, seconds: 0, isMore: false });
  expect(lagOf({ member: 2, height: 13 }, here)).toMatchObject({ blocks: 0, seconds: 0 });
  expect(lagOf({ member: 2, height: 11 }, here)).toEqual({ member: 2, blocks: 1, seconds: 3, isMore: false });
  expect(lagOf({ member: 2, height: 9 }, here)).toEqual({ member: 2, blocks: 3, seconds: 5, isMore: false });
});

test('what began before the blocks at hand lasts at least as long as they do', () => {
  expect(lagOf({ member: 2, height: 3 }, here)).toEqual({ member: 2, blocks: 9, seconds: 5, isMore: true });
});
