import { expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { readingOf } from '#sandbox/experiments/kpis.ts';
import { priceTimePilot } from '#sandbox/experiments/sbx-2026-0001.ts';
import { TEMPLATES } from '#sandbox/experiments/templates.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import {
  amountOf,
  explanationOf,
  type FeedFilter,
  fitsFilter,
  idsOf,
  measureOf,
  mergeNewest,
  newestFirst,
  peopleOf,
  subjectOf,
  taxOf,
} from './feed-fields.ts';

const message = (body: FeedMessage['body'], type = 'mkt.trade'): FeedMessage => ({
  id: 'msg_1',
  seq: 1,
  room: 'sup:market',
  type,
  schema: 'daoju.feed/1',
  ts: '2026-11-27T00:00:00.000Z',
  bodyHash: '',
  prevHash: '',
  body,
});
const ALL: FeedFilter = { type: '', flag: '', game: '', kind: '', person: '', minFen: null, maxFen: null, text: '', hasPulse: false };
const [AMY, BOB] = ['a'.repeat(64), 'b'.repeat(64)];
const GAMES = new Map([
  ['cls_9', { gameId: 'gam_1', classId: 'cls_9' }],
  ['trd_2', { gameId: 'gam_2', classId: 'cls_8' }],
]);
const trade = message({ tradeId: 'trd_1', classId: 'cls_9', priceFen: '1200', sellerRef: AMY, buyerRef: 'ABC', flags: ['WASH'] });

test('a filter asks for all of its parts, and an amount only of messages that have one', () => {
  expect(fitsFilter(trade, ALL, GAMES)).toBe(true);
  expect(
    fitsFilter(
      trade,
      { ...ALL, type: 'mkt.trade', flag: 'WASH', game: 'gam_1', kind: 'cls_9', person: AMY, minFen: 1_200n, maxFen: 1_200n, text: 'cls_9' },
      GAMES,
    ),
  ).toBe(true);
  expect(fitsFilter(trade, { ...ALL, text: 'abc' }, GAMES)).toBe(true);
  for (const wrong of [
    { type: 'mkt.order' },
    { flag: 'RAMP' },
    { game: 'gam_2' },
    { kind: 'cls_8' },
    { person: BOB },
    { minFen: 1_201n },
    { maxFen: 1_199n },
    { text: 'cls_8' },
  ]) {
    expect(fitsFilter(trade, { ...ALL, ...wrong }, GAMES)).toBe(false);
  }
  expect(fitsFilter(message({ height: 3 }), { ...ALL, minFen: 0n }, GAMES)).toBe(false);
  expect(fitsFilter(message({ height: 3 }), { ...ALL, maxFen: 0n }, GAMES)).toBe(false);
  expect(fitsFilter(message({ tradeId: 'trd_2' }), { ...ALL, kind: 'cls_8' }, GAMES)).toBe(true);
  expect(fitsFilter(message({ tradeId: 'trd_2' }), { ...ALL, game: 'gam_2' }, GAMES)).toBe(true);
  expect(fitsFilter(message({ tradeId: 'trd_3' }), { ...ALL, game: 'gam_2' }, GAMES)).toBe(false);
});

test('what comes by the clock is there when it is asked for', () => {
  const block = message({ height: '7' }, 'ledger.block');
  expect(fitsFilter(block, ALL, GAMES)).toBe(false);
  expect(fitsFilter(block, { ...ALL, hasPulse: true }, GAMES)).toBe(true);
  expect(fitsFilter(block, { ...ALL, type: 'ledger.block' }, GAMES)).toBe(true);
});

test('a row shows the first amount and the first subject that the message names', () => {
  expect([amountOf(trade), subjectOf(trade)]).toEqual(['1200', 'trd_1']);
  expect([amountOf(message({ priceFen: 'many' })), subjectOf(message({ height: 3 }))]).toEqual([null, '3']);
});

test('what arrives is put in its place, newer, older or in between, as if everything were sorted', () => {
  const at = (...seqs: readonly number[]) =>
    seqs.map((seq) => ({ ...trade, seq, ts: new Date(seq * 1_000).toISOString() })).sort(newestFirst);
  const shown = at(10, 12, 14);
  for (const fresh of [[], [15, 16], [8, 9], [11, 15], [9, 13, 16], [13]]) {
    const merged = mergeNewest(at(...fresh), shown).map(({ seq }) => seq);
    expect(merged).toEqual([10, 12, 14, ...fresh].sort((a, b) => b - a));
  }
  expect(mergeNewest(at(1), [])).toEqual(at(1));
});

test('people are named by reference, alone or behind a purse, and a hash is nobody', () => {
  const postings = [
    { account: `held:${AMY}`, amountFen: '-1' },
    { account: `available:${BOB}`, amountFen: '1' },
    { account: 'fee', amountFen: '0' },
  ];
  expect(peopleOf(message({ fromRef: `held:${AMY}`, postings, tradeId: 'trd_1', packHash: 'c'.repeat(64) }))).toEqual([AMY, BOB]);
  expect(peopleOf(message({ playerRef: BOB, sellerRef: BOB, byRef: 'clock', buyerRef: null }))).toEqual([BOB]);
});

test('each KPI of the templates has the name of what its formula measures', () => {
  const pilot = priceTimePilot({ seededAt: instant(Date.UTC(2026, 10, 28)), classIds: [], gameIds: [], pinnedPersonRefs: [] });
  const kpis = [...TEMPLATES.flatMap((template) => template.kpis), ...pilot.kpis];
  expect(kpis.length).toBeGreaterThan(15);
  for (const { id, formula } of kpis) expect(measureOf(id), id).toBe(readingOf(formula).measure);
});

test('a tax message says what is owed beside its price; an alert is read in the reader’s language', () => {
  const assessed = message({ grossFen: '12320', totalFen: '2341' }, 'tax.trade.assessed');
  expect([amountOf(assessed), taxOf(assessed), taxOf(trade)]).toEqual(['12320', '2341', null]);
  expect(explanationOf(message({ explanation: { zh: '对敲', en: 'Wash' } }))).toEqual({ zh: '对敲', en: 'Wash' });
  expect(explanationOf(message({ explanation: 'Wash' }))).toBeNull();
});

test('names are asked for in addresses that a server takes, each id once, all of them in turns', () => {
  const many = Array.from({ length: 500 }, (_, i) => {
    const hex = i.toString(16).padStart(32, '0');
    return message({ tradeId: `trd_${hex}`, classId: `cls_${hex}` });
  });
  const asked = new Set<string>();
  for (;;) {
    const [classIds, tradeIds] = [idsOf(many, 'classId', asked), idsOf(many, 'tradeId', asked)];
    if (classIds.length + tradeIds.length === 0) break;
    expect(encodeURIComponent(JSON.stringify({ json: { classIds, tradeIds } })).length).toBeLessThan(12_000);
    for (const id of [...classIds, ...tradeIds]) asked.add(id);
  }
  expect(asked.size).toBe(1_000);
});
