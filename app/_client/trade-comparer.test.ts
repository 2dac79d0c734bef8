import { describe, expect, test } from 'vitest';
import type { FeedMessage } from '#server/realtime/events.ts';
import { type LedgerTrade, TradeComparer } from './trade-comparer.ts';

const ROOM = 'sup:market';
const MINUTE = 60_000;
const idOf = (n: number) => `trd_${String(n).padStart(32, '0')}`;

/** Trade n: ordered at minute n − 1, settled and told at minute n, in block n. */
const trade = (n: number, more: Partial<LedgerTrade> = {}): LedgerTrade => ({
  tradeId: idOf(n),
  txId: '',
  index: n * 2,
  height: BigInt(n),
  settledMs: n * MINUTE,
  earliestMs: (n - 1) * MINUTE,
  ...more,
});
const message = (n: number, type = 'mkt.trade', body: FeedMessage['body'] = {}): FeedMessage => ({
  id: `msg_${n}`,
  seq: n,
  room: ROOM,
  type,
  schema: 'daoju.feed/1',
  ts: new Date(n * MINUTE).toISOString(),
  bodyHash: '',
  prevHash: '',
  body: { tradeId: idOf(n), ...body },
});
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

function compared(
  messages: readonly FeedMessage[],
  trades: readonly LedgerTrade[],
  { isWhole = true, room = ROOM }: { readonly isWhole?: boolean; readonly room?: string } = {},
) {
  const comparer = new TradeComparer(room);
  comparer.tell(messages);
  comparer.read(trades);
  const { from, count, missing, unsure } = comparer.compare(isWhole);
  const ids = (of: readonly LedgerTrade[]) => of.map(({ height }) => Number(height));
  return { from: from === null ? null : Number(from.height), count, missing: ids(missing), unsure: ids(unsure) };
}
const all = numbers(1, 9);
const trades = all.map((n) => trade(n));

test('a room that tells of every trade is complete, whichever side is read first and in whatever pieces', () => {
  expect(
    compared(
      all.map((n) => message(n)),
      trades,
    ),
  ).toEqual({ from: 1, count: 9, missing: [], unsure: [] });
  const comparer = new TradeComparer(ROOM);
  comparer.read(trades.slice(5));
  expect(comparer.compare(true).missing).toHaveLength(4);
  comparer.tell(all.map((n) => message(n)));
  comparer.read(trades.slice(0, 5));
  expect(comparer.compare(true)).toMatchObject({ count: 9, missing: [] });
});

test.each(all)('a trade without its message is missing, the others are not: %i', (left) => {
  const told = all.filter((n) => n !== left).map((n) => message(n));
  expect(compared(told, trades)).toEqual({ from: 1, count: 9, missing: [left], unsure: [] });
});

test('a room without any message is compared whole', () => {
  expect(compared([], trades).missing).toEqual(all);
});

describe('what tells of a trade', () => {
  const others = all.slice(1).map((n) => message(n));
  test.each<[string, FeedMessage, boolean]>([
    ['its own message', message(1), true],
    ['another kind of message about it', message(1, 'mkt.order'), false],
    ['a message of another room', message(1, 'tax.trade.assessed'), false],
    ['a correction that names its message by number', message(1, 'mkt.trade.corrected', { refSeq: 7 }), true],
    ['a correction that corrects nothing', message(1, 'mkt.trade.corrected', { refSeq: null }), false],
  ])('%s', (_, first, tells) => {
    expect(compared([first, ...others], trades).missing).toEqual(tells ? [] : [1]);
  });
  test('in the room of funds the split is, and what is paid later is not', () => {
    const paid = (kind: string) => compared([message(1, 'fin.payment', { kind })], [trade(1)], { room: 'sup:finance' }).missing;
    expect([paid('split'), paid('capture')]).toEqual([[], [1]]);
  });
});

describe('a screen that begins with the newest messages', () => {
  const newest = numbers(5, 9).map((n) => message(n));
  const half = { isWhole: false };

  test('compares from the first trade that was settled since, and leaves what came before', () => {
    expect(compared(newest, trades, half)).toEqual({ from: 5, count: 5, missing: [], unsure: [] });
    expect(
      compared(
        newest.filter(({ seq }) => seq !== 8),
        trades,
        half,
      ),
    ).toMatchObject({ missing: [8], unsure: [] });
  });
  test('is not sure of a trade whose orders are older than its messages, until older pages are here', () => {
    const old = trades.map((each) => (each.height === 8n ? trade(8, { earliestMs: 2 * MINUTE }) : each));
    const comparer = new TradeComparer(ROOM);
    comparer.tell(newest.filter(({ seq }) => seq !== 8));
    comparer.read(old);
    expect(comparer.compare(false)).toMatchObject({ missing: [], unsure: [{ height: 8n }] });
    comparer.tell(numbers(2, 4).map((n) => message(n)));
    expect(comparer.compare(false)).toMatchObject({ from: { height: 2n }, missing: [{ height: 8n }], unsure: [] });
  });
  test('does not let go of a trade that is dated back: the log has its own order', () => {
    const dated = trades.map((each) => (each.height === 8n ? trade(8, { settledMs: 0 }) : each));
    expect(
      compared(
        newest.filter(({ seq }) => seq !== 8),
        dated,
        half,
      ),
    ).toMatchObject({ from: 5, missing: [8] });
  });
  test('asks for older entries until one is older than its messages, and for all of them once it has the first message', () => {
    const comparer = new TradeComparer(ROOM);
    expect(comparer.wantsOlderEntries).toBe(false);
    comparer.tell(newest);
    comparer.read(trades.slice(6));
    expect(comparer.wantsOlderEntries).toBe(true);
    comparer.read(trades.slice(3, 6));
    expect(comparer.wantsOlderEntries).toBe(false);
    comparer.tell([message(1)]);
    expect(comparer.wantsOlderEntries).toBe(true);
  });
});
