import { expect, test } from 'vitest';
import { PACK_CN_2026_1 as CN } from './cn/pack-2026-1.ts';
import { findNotFollowed } from './not-followed.ts';
import { constantOf } from './pack.ts';

const withValue = (name: string, value: string) => ({ ...CN, constants: { ...CN.constants, [name]: { ...constantOf(CN, name), value } } });

test('pack CN is followed whole', () => {
  for (const purpose of ['IN_FORCE', 'REPLAY'] as const) expect(findNotFollowed(CN, purpose)).toBeNull();
});
test.each([
  ['vatTaxPoint', 'RELEASE', 'PAYMENT'],
  ['sunsetNoticeDays', '90', '60'],
])('%s of %s is named with what is followed', (name, value, follows) => {
  expect(findNotFollowed(withValue(name, value), 'IN_FORCE')).toEqual({ path: `const.${name}`, value, follows });
});
