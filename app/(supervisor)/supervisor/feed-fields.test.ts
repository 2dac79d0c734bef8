import { expect, test } from 'vitest';
import type { FeedMessage } from '#server/realtime/events.ts';
import { amountOf, fitsFilter, subjectOf } from './feed-fields.ts';

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
const ALL = { type: '', flag: '', minFen: null, text: '' };
const trade = message({ tradeId: 'trd_1', classId: 'cls_9', priceFen: '1200', sellerRef: 'ABC', flags: ['WASH'] });

test('a filter asks for all of its parts, and an amount only of messages that have one', () => {
  expect(fitsFilter(trade, ALL)).toBe(true);
  expect(fitsFilter(trade, { type: 'mkt.trade', flag: 'WASH', minFen: 1_200n, text: 'cls_9' })).toBe(true);
  expect(fitsFilter(trade, { ...ALL, text: 'abc' })).toBe(true);
  for (const wrong of [{ type: 'mkt.order' }, { flag: 'RAMP' }, { minFen: 1_201n }, { text: 'cls_8' }]) {
    expect(fitsFilter(trade, { ...ALL, ...wrong })).toBe(false);
  }
  expect(fitsFilter(message({ height: 3 }), { ...ALL, minFen: 0n })).toBe(false);
});

test('a row shows the first amount and the first subject that the message names', () => {
  expect([amountOf(trade), subjectOf(trade)]).toEqual(['1200', 'trd_1']);
  expect([amountOf(message({ priceFen: 'many' })), subjectOf(message({ height: 3 }))]).toEqual([null, '3']);
});
