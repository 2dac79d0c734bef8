import { expect, test } from 'vitest';
import type { FeedMessage } from '#server/realtime/events.ts';
import { amountOf, type FeedFilter, fitsFilter, mergeNewest, newestFirst, peopleOf, subjectOf } from './feed-fields.ts';

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
const ALL: FeedFilter = { type: '', flag: '', game: '', kind: '', person: '', minFen: null, maxFen: null, text: '' };
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
      { type: 'mkt.trade', flag: 'WASH', game: 'gam_1', kind: 'cls_9', person: AMY, minFen: 1_200n, maxFen: 1_200n, text: 'cls_9' },
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
