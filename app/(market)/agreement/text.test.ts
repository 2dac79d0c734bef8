import { expect, test } from 'vitest';
import { AGREEMENT_VERSION } from '#server/identity/registration.ts';
import { AGREEMENTS } from './text.ts';

test('the version that people accept is the newest that they can read, whole in both languages', () => {
  const [newest] = AGREEMENTS;
  expect(newest?.version).toBe(AGREEMENT_VERSION);
  for (const { sections } of AGREEMENTS) expect(sections.en).toHaveLength(sections['zh-CN'].length);
});
