/** Candles that are kept say what a reader of all trades would say, whatever came when and was taken back since (product P-14). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import { rebuildCandles } from '#server/market/candle-buckets.repo.ts';
import { INTERVALS, listCandles } from '#server/market/candles.ts';
import { followCandles } from '#server/market/follow-candles.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let m: TestMarket;
beforeAll(async () => {
  m = await openTestMarket();
});
afterAll(() => m.stop());

type Interval = keyof typeof INTERVALS;
type Given = {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly price: number;
  readonly quantity: number;
  isReversed: boolean;
  readonly labels: Map<string, boolean>;
};

/** The definition, without SQL: trades of one bucket in the order of time, then of number. */
function naive(trades: readonly Given[], interval: Interval, isFiltered: boolean) {
  const width = INTERVALS[interval];
  const origin = Date.parse('2024-01-01T00:00:00+08:00');
  const buckets = new Map<number, Given[]>();
  for (const trade of trades) {
    const start = origin + Math.floor((trade.at - origin) / width) * width;
    buckets.set(start, [...(buckets.get(start) ?? []), trade]);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .flatMap(([start, all]) => {
      const kept = all.filter((trade) => !isFiltered || !(trade.isReversed || [...trade.labels.values()].includes(true)));
      const inTime = kept.toSorted((a, b) => a.at - b.at || a.seq - b.seq);
      const prices = kept.map((trade) => trade.price).sort((a, b) => a - b);
      const changes = all.reduce(
        (sum, t) => sum + Number(t.isReversed) + [...t.labels.values()].reduce((n, stands) => n + (stands ? 1 : 2), 0),
        0,
      );
      const text = (value: number | undefined) => String(value);
      if (kept.length === 0) return [];
      return {
        start: new Date(start).toISOString(),
        openFen: text(inTime[0]?.price),
        highFen: text(prices.at(-1)),
        lowFen: text(prices[0]),
        closeFen: text(inTime.at(-1)?.price),
        medianFen: text(prices[Math.ceil(prices.length / 2) - 1]),
        volume: kept.reduce((sum, trade) => sum + trade.quantity, 0),
        trades: kept.length,
        revision: changes,
        leftOut: all.filter((trade) => trade.isReversed || [...trade.labels.values()].includes(true)).length,
      };
    });
}

async function stored(classId: ClassId, interval: Interval, filtered: boolean) {
  const page = await readSnapshot(m, null, (snapshot) => listCandles(snapshot, { classId, interval, range: 'all', filtered }));
  return page.candles.map(({ asOf, confidence, staleSeconds, ...candle }) => candle);
}

async function expectNaive(classId: ClassId, trades: readonly Given[]): Promise<void> {
  for (const interval of ['5m', '1h', '6h', '24h', '7d'] as const) {
    for (const filtered of [false, true]) expect(await stored(classId, interval, filtered)).toEqual(naive(trades, interval, filtered));
  }
}

const published: NewMessage[] = [];
const catchUp = () => followCandles({ sql: m.sql, now: () => m.clock.now(), publish: (messages) => published.push(...messages) });

/** Two orders stand behind all of these trades; what is tested reads trades alone. */
async function insertOrders(classId: ClassId): Promise<void> {
  for (const [side, digit] of [
    ['sell', 'a'],
    ['buy', 'b'],
  ] as const) {
    await m.sql`insert into market.orders (order_id, seq, priority, priced_at, acct, reference_id, intent, side, mechanism, class_id, price_fen, quantity, filled, state, time_in_force,
        fee_bps, royalty_bps, live_from, placed_at, expires_at, ended_at, signed_order, terms, quote)
      values (${`ord_${digit.repeat(64)}`}, ${side === 'sell' ? 1_000_001 : 1_000_002}, 1, now(), ${digit.repeat(64)}, 'bulk', 'matched', ${side}, 'price_time', ${classId}, 1, 1, 1,
        'filled', 'gtc', 0, 0, now(), now(), now(), now(), '\\x00', '[]', '{}')`;
  }
}

test('whatever comes, in any order and in parts, is reversed or labelled: buckets equal the naive computation, and so does a rebuild', async () => {
  const classId = parseClassId(`cls_${'c'.repeat(32)}`);
  await insertOrders(classId);
  const random = seededRandom('candles');
  const draw = (below: number) => (random.bytes(4).reduce((value, byte) => value * 256 + byte, 0) >>> 0) % below;
  const trades: Given[] = [];
  const from = Date.parse('2026-10-30T15:50:00.000Z');
  for (let round = 0; round < 12; round++) {
    await m.sql.begin(async (tx) => {
      const touched: { id: string; type: string }[] = [];
      for (let n = 0; n < 1 + draw(30); n++) {
        const seq = trades.length + 1;
        // Half of them crowd into an hour, so that equal times and long buckets occur.
        const at = from + (draw(2) === 0 ? draw(40) * 60_000 : draw(40 * 86_400) * 1_000);
        const trade: Given = {
          id: `trd_${seq.toString(16).padStart(32, '0')}`,
          seq: 1_000_000 + seq,
          at,
          price: 1 + draw(50),
          quantity: 1 + draw(3),
          isReversed: false,
          labels: new Map(),
        };
        trades.push(trade);
        touched.push({ id: trade.id, type: 'mkt.trade' });
        const gross = trade.price * trade.quantity;
        await tx`insert into market.trades (trade_id, seq, tx_id, class_id, sell_order_id, buy_order_id, seller, buyer, mechanism, quantity, price_fen, gross_fen, fee_fen,
            royalty_fen, net_fen, state, state_since, ordered_at, settled_at, pay)
          values (${trade.id}, ${trade.seq}, ${random.bytes(32)}, ${classId}, ${`ord_${'a'.repeat(64)}`}, ${`ord_${'b'.repeat(64)}`}, ${'a'.repeat(64)}, ${'b'.repeat(64)},
            'price_time', ${trade.quantity}, ${trade.price}, ${gross}, 0, 0, ${gross}, 'certified', ${toIso(instant(at))}, ${toIso(instant(at))}, ${toIso(instant(at))}, '[]')`;
      }
      for (let n = 0; n < draw(6); n++) {
        const trade = trades[draw(trades.length)];
        if (trade === undefined) continue;
        touched.push({ id: trade.id, type: 'mkt.trade.corrected' });
        const label = (['self_trade', 'wash', 'circular'] as const)[draw(3)] ?? 'wash';
        if (draw(2) === 0) {
          trade.isReversed = true;
          await tx`update market.trades set state = 'reversed' where trade_id = ${trade.id}`;
        } else if (!trade.labels.has(label)) {
          trade.labels.set(label, true);
          await tx`insert into market.trade_labels (trade_id, label, at, source) values (${trade.id}, ${label}, now(), 'alr_1')`;
        } else {
          trade.labels.set(label, false);
          await tx`update market.trade_labels set removed_at = now() where trade_id = ${trade.id} and label = ${label}`;
        }
      }
      await appendOutbox(
        tx,
        touched.map(({ id, type }) => ({ room: 'sup:market', type, at: m.clock.now(), body: { tradeId: id } })),
      );
    });
    // Sometimes several rounds wait for one step.
    if (draw(3) > 0) {
      await catchUp();
      await expectNaive(classId, trades);
    }
  }
  await catchUp();
  await expectNaive(classId, trades);
  // The same messages once more change nothing.
  await m.sql`update market.candle_cursor set seq = 0`;
  await catchUp();
  await expectNaive(classId, trades);
  await m.sql`update market.candles set close_fen = low_fen, trades = 1`;
  await rebuildCandles(m.sql, m.clock.now());
  await expectNaive(classId, trades);
});

test('a trade that members refuse leaves the filtered series by itself, and lookers are told of its bucket', async () => {
  await m.certify();
  const bow = await m.kind('bow');
  await m.fund(m.bob, 300_000n);
  const [item] = await m.mint(bow, m.amy, 1);
  const itemIds = item === undefined ? [] : [item];
  const listing = placed(
    await m.place(m.amy, await m.quote(m.amy, { intent: 'listing', classId: bow.classId, itemIds, priceFen: fen(20_000n) })),
  );
  const take = { intent: 'take_listing', classId: bow.classId, itemIds, targetOrderId: listing.order.orderId } as const;
  placed(await m.place(m.bob, await m.quote(m.bob, take)));
  published.length = 0;
  await catchUp();
  const bucket = toIso(instant(Math.floor(m.clock.now() / 300_000) * 300_000));
  expect(published).toMatchObject([{ room: `class:${bow.classId}`, type: 'candle.updated', body: { bucket, revision: 0 } }]);
  const look = (filtered: boolean) =>
    readSnapshot(m, null, (snapshot) => listCandles(snapshot, { classId: bow.classId, interval: '1h', range: '7d', filtered }));
  expect(await look(true)).toMatchObject({
    candles: [{ closeFen: '20000', trades: 1, revision: 0, confidence: 'low' }],
    shareLeftOut: '0.00',
  });
  // The LedgerTx and the buyer's order run out before anybody seals it: nothing can stand in its place.
  m.clock.advance(25 * 3_600_000);
  await m.certify();
  expect(await look(false)).toMatchObject({ candles: [{ closeFen: '20000', trades: 1, revision: 1 }], revision: 1 });
  expect(await look(true)).toMatchObject({ candles: [], shareLeftOut: '100.00', revision: 1, confidence: 'none' });
});

test('what has not been followed yet is not claimed: the time of the answer stays behind', async () => {
  const classId = parseClassId(`cls_${'c'.repeat(32)}`);
  const look = () => readSnapshot(m, null, (snapshot) => listCandles(snapshot, { classId, interval: '7d', range: 'all', filtered: false }));
  await catchUp();
  m.clock.advance(60_000);
  expect((await look()).asOf).toBe(toIso(m.clock.now()));
  await m.sql.begin((tx) => appendOutbox(tx, [{ room: 'sup:market', type: 'mkt.order', at: m.clock.now(), body: {} }]));
  expect((await look()).asOf < toIso(m.clock.now())).toBe(true);
});
