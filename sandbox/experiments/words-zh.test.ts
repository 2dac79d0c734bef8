import { expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { priceTimePilot } from './sbx-2026-0001.ts';
import { TEMPLATES } from './templates.ts';
import { experimentWordsZh } from './words-zh.ts';

test('what the shipped experiment and the templates suppose is said in Chinese too', () => {
  const pilot = priceTimePilot({ seededAt: instant(Date.UTC(2026, 10, 28)), classIds: [], gameIds: [], pinnedPersonRefs: [] });
  const said = [pilot.hypothesis, pilot.authorization?.issuer ?? '', ...TEMPLATES.map(({ hypothesis }) => hypothesis)];
  expect(said.filter((words) => experimentWordsZh(words) === null)).toEqual([]);
});
