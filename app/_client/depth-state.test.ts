import { describe, expect, test } from 'vitest';
import { parseClassId } from '#ledger/primitives/ids.ts';
import type { Depth, DepthDelta, LevelChange } from '#server/trpc/views.ts';
import { type DepthState, NO_DEPTH, takeClosed, takeDelta, takeLost, takeSnapshot } from './depth-state.ts';

const classId = parseClassId(`cls_${'ab'.repeat(16)}`);

function snapshot(bookSeq: number, facts: Partial<Depth> = {}): Depth {
  return {
    ...{ mechanism: 'fixed_price', experimentId: null, bookId: 7, bookSeq, height: 1 },
    sell: [{ priceFen: '900', count: 1, quantity: 2, cumulative: 2 }],
    buy: [{ priceFen: '800', count: 1, quantity: 1, cumulative: 1 }],
    ...facts,
  };
}
function delta(bookSeq: number, changes: readonly LevelChange[] = [], bookId = 7): DepthDelta {
  return { classId, bookId, bookSeq, height: bookSeq, changes };
}
const level = (side: 'sell' | 'buy', priceFen: string, count: number, quantity: number): LevelChange => ({
  side,
  priceFen,
  count,
  quantity,
});
const seqOf = ({ book, ahead, isMissing }: DepthState) => [book?.bookSeq ?? null, ahead.map(({ bookSeq }) => bookSeq), isMissing];

const begun = takeSnapshot(NO_DEPTH, snapshot(5));

describe('a page’s book', () => {
  test('follows the numbers: levels come, change, go, and stay in order with their sums', () => {
    const first = takeDelta(begun, delta(6, [level('sell', '1000', 1, 1), level('sell', '99', 2, 3), level('buy', '800', 2, 4)]));
    expect(first).toMatchObject({
      isMissing: false,
      book: {
        bookSeq: 6,
        height: 6,
        sell: [
          { priceFen: '99', count: 2, quantity: 3, cumulative: 3 },
          { priceFen: '900', count: 1, quantity: 2, cumulative: 5 },
          { priceFen: '1000', count: 1, quantity: 1, cumulative: 6 },
        ],
        buy: [{ priceFen: '800', count: 2, quantity: 4, cumulative: 4 }],
      },
    });
    const second = takeDelta(first, delta(7, [level('sell', '900', 0, 0), level('buy', '800', 0, 0)]));
    expect(second.book?.sell.map(({ priceFen, cumulative }) => [priceFen, cumulative])).toEqual([
      ['99', 3],
      ['1000', 4],
    ]);
    expect(second.book?.buy).toEqual([]);
  });

  test('a missing number asks for a new snapshot; what came after it is applied to that', () => {
    const gap = takeDelta(takeDelta(begun, delta(7)), delta(8, [level('sell', '950', 1, 1)]));
    expect(seqOf(gap)).toEqual([5, [7, 8], true]);
    const mended = takeSnapshot(gap, snapshot(7));
    expect(seqOf(mended)).toEqual([8, [], false]);
    expect(mended.book?.sell.at(-1)).toMatchObject({ priceFen: '950', cumulative: 3 });
  });

  test('a snapshot that does not reach over the gap leaves it open', () => {
    const gap = takeDelta(begun, delta(9));
    expect(seqOf(takeSnapshot(gap, snapshot(7)))).toEqual([7, [9], true]);
    expect(seqOf(takeSnapshot(gap, snapshot(12)))).toEqual([12, [], false]);
  });

  test('a number that comes twice, or late, changes nothing', () => {
    const next = takeDelta(begun, delta(6, [level('sell', '900', 3, 9)]));
    expect(takeDelta(next, delta(6, [level('sell', '900', 3, 9)]))).toBe(next);
    expect(takeDelta(next, delta(2))).toBe(next);
    const gap = takeDelta(next, delta(8));
    expect(takeDelta(gap, delta(8))).toBe(gap);
  });

  test('numbers out of order fall into place without a snapshot', () => {
    const late = takeDelta(takeDelta(takeDelta(begun, delta(8)), delta(7)), delta(6, [level('buy', '700', 1, 1)]));
    expect(seqOf(late)).toEqual([8, [], false]);
    expect(late.book?.buy).toHaveLength(2);
  });

  test('an answer that changes have overtaken does not take them back', () => {
    const ahead = takeDelta(begun, delta(6, [level('sell', '900', 0, 0)]));
    expect(takeSnapshot(ahead, snapshot(5))).toEqual(ahead);
  });

  test('what comes before the first snapshot is kept for it, and what it already holds is dropped', () => {
    const early = takeDelta(takeDelta(NO_DEPTH, delta(5)), delta(6));
    expect(seqOf(early)).toEqual([null, [5, 6], true]);
    expect(seqOf(takeSnapshot(early, snapshot(5)))).toEqual([6, [], false]);
  });

  test('another book needs another snapshot; numbers of an older one are passed over', () => {
    const other = takeDelta(begun, delta(1, [], 8));
    expect(seqOf(other)).toEqual([5, [1], true]);
    expect(seqOf(takeSnapshot(other, snapshot(0, { bookId: 8 })))).toEqual([1, [], false]);
    expect(takeDelta(begun, delta(40, [], 6))).toBe(begun);
    expect(takeDelta(begun, delta(0, [], 0))).toBe(begun);
    expect(takeClosed(begun, 7).isMissing).toBe(true);
    expect(takeClosed(begun, 6)).toBe(begun);
  });

  test('a lost connection asks anew, and what stood there stays on screen', () => {
    const lost = takeLost(begun);
    expect(lost).toMatchObject({ isMissing: true, book: begun.book });
    expect(takeSnapshot(lost, snapshot(5))).toEqual(begun);
  });
});
