import { expect, test } from 'vitest';
import { casesEn, casesZh } from '#app/_client/messages/cases.ts';
import { FREEZE_REASONS, FREEZE_SCOPES } from '#sandbox/cases/case-order.ts';
import { HALT_SCOPES } from '#sandbox/cases/halt-order.ts';
import { REFER_TO } from '#sandbox/cases/refer-order.ts';
import { SAID, timelineLine } from './timeline-words.ts';

const lookUp = (catalogue: object, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => Object.entries(Object(at)).find(([name]) => name === key)?.[1], catalogue);

test('every code of a timeline has a word in both languages, a time is a time and an id an id', () => {
  const lines = [
    ...FREEZE_REASONS.map((code) => timelineLine('freeze_set', 'reasonCode', code)),
    ...FREEZE_SCOPES.map((code) => timelineLine('freeze_set', 'scope', code)),
    ...HALT_SCOPES.map((code) => timelineLine('halt', 'scope', code)),
    ...REFER_TO.map((code) => timelineLine('referred', 'authority', code)),
    ...SAID.map((code) => timelineLine('appeal_answered', 'decision', code)),
    ...['no_breach', 'breach', 'settled', 'reversed', 'refused'].map((code) => timelineLine('closed', 'outcome', code)),
    ...['alert', 'claim', 'own_motion', 'list'].map((code) => timelineLine('opened', 'source', code)),
    ...['market', 'finance', 'tax'].map((code) => timelineLine('shared', 'audience', code)),
    timelineLine('opening_asked', 'scope', 'name id_number phone'),
  ];
  for (const line of lines) {
    if (line?.kind !== 'words') throw new Error(`not in words: ${JSON.stringify(line)}`);
    for (const word of line.words)
      for (const catalogue of [casesZh.cases, casesEn.cases]) expect(lookUp(catalogue, word), word).toEqual(expect.any(String));
  }
  expect(timelineLine('opening_asked', 'scope', 'name phone')).toEqual({ kind: 'words', words: ['field.name', 'field.phone'] });
  expect(timelineLine('freeze_set', 'until', '2026-09-04T04:00:00.000Z')).toEqual({ kind: 'until', at: '2026-09-04T04:00:00.000Z' });
  expect(timelineLine('freeze_set', 'targetId', `itm_${'a'.repeat(32)}`)).toMatchObject({ kind: 'id' });
  expect(timelineLine('note', 'text', 'seen')).toEqual({ kind: 'text', text: 'seen' });
  expect(timelineLine('freeze_set', 'freezeId', 'frz_1')).toBeNull();
});
