/** Every labelled pattern of the simulated traffic, planted among ordinary trades, is found by the running worker under its detector's name,
 *  with exactly its trades; ordinary trades are not named. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseClassId } from '#ledger/primitives/ids.ts';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import { watchMarket } from '#server/compliance/watch-market.ts';
import { silentLog } from '#server/log.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { openOutbox } from '#server/outbox/open-outbox.ts';
import { PATTERNS, type Pattern } from '#server/workers/demonstration/traffic-abuse.ts';
import { openTestMarket, type TestMarket } from '#test/support/market.ts';
import {
  acctOfNo,
  itemIdOfNo,
  type PlantedTrade,
  paymentMessage,
  plantOrders,
  plantTrades,
  tradeIdOfNo,
} from '#test/support/planted-trades.ts';

const [MINUTE, DAY] = [60_000, 86_400_000];
const START = Date.parse('2026-10-05T02:00:00Z');
const CLASS = parseClassId(`cls_${'f'.repeat(32)}`);

let m: TestMarket;
let no = 0;
beforeAll(async () => {
  m = await openTestMarket();
  await plantOrders(m.sql, CLASS);
});
afterAll(() => m.stop());

function trade(at: number, seller: number, buyer: number, priceFen: number): PlantedTrade {
  no += 1;
  return { no, at: START + at, classId: CLASS, itemId: itemIdOfNo(no), seller: acctOfNo(seller), buyer: acctOfNo(buyer), priceFen };
}

/** A day each, so that no pattern lies in another's window. */
const planted: Readonly<Record<Pattern, { readonly trades: readonly PlantedTrade[]; readonly payments: readonly NewMessage[] }>> = {
  wash: {
    trades: [0, 1, 2, 3].map((i) => trade(21 * DAY + i * MINUTE, i % 2 === 0 ? 101 : 102, i % 2 === 0 ? 102 : 101, 20_000)),
    payments: [],
  },
  ring: { trades: [0, 1, 2].map((i) => trade(23 * DAY + i * MINUTE, 111 + i, 111 + ((i + 1) % 3), 20_000)), payments: [] },
  ramp: { trades: [0, 1, 2, 3, 4, 5].map((i) => trade(25 * DAY + i * MINUTE, 121, 122, 21_000 + i * 2_000)), payments: [] },
  absurd_price: { trades: [trade(27 * DAY, 131, 132, 900_000)], payments: [] },
  structuring: {
    trades: [],
    payments: [920_000, 961_000, 987_000].map((fen, i) =>
      paymentMessage(`pay_s${i}`, START + 28 * DAY + i * MINUTE, acctOfNo(141), fen, 'payIn'),
    ),
  },
  mule: {
    trades: [],
    payments: [
      paymentMessage('pay_m0', START + 29 * DAY, acctOfNo(151), 510_000, 'payIn'),
      paymentMessage('pay_m1', START + 29 * DAY + MINUTE, acctOfNo(151), 500_000, 'payout'),
    ],
  },
};

test('the running worker finds every planted pattern and names nothing else', async () => {
  const ordinary = Array.from({ length: 60 }, (_, i) => trade((i * DAY) / 2, 1 + (i % 9), 20 + (i % 13), 18_000 + (i % 5) * 1_000));
  const trades = [...ordinary, ...Object.values(planted).flatMap((each) => each.trades)].toSorted((a, b) => a.at - b.at);
  const payments = Object.values(planted).flatMap((each) => each.payments);
  const outbox = openOutbox({ sql: m.sql, clock: m.clock, random: m.random, log: silentLog, ledger: m.ledger });
  const watch = watchMarket({ sql: m.sql, clock: m.clock, log: silentLog, outbox, pack: () => PACK_CN_2026_1 });
  watch.start();
  for (let from = 0; from < trades.length; from += 20) await plantTrades(m.sql, trades.slice(from, from + 20), from === 0 ? payments : []);
  await watch.turn();
  await watch.stop();

  const alerts = await m.sql<{ detector: string; trade_ids: readonly string[] }[]>`select detector, trade_ids from surveillance.alerts`;
  const found = Object.fromEntries(
    Object.entries(planted).map(([pattern, each]) => {
      const evidence = [...each.trades.map((row) => tradeIdOfNo(row.no)), ...each.payments.map(({ body }) => String(body.paymentId))];
      const detectors = alerts.filter(({ trade_ids: ids }) => evidence.every((id) => ids.includes(id)) && ids.length === evidence.length);
      return [pattern, detectors.map(({ detector }) => detector)];
    }),
  );
  expect(found).toEqual(
    Object.fromEntries(Object.entries(PATTERNS).map(([pattern, detector]) => [pattern, expect.arrayContaining([detector])])),
  );
  const innocent = new Set(ordinary.map((row) => tradeIdOfNo(row.no)));
  expect(alerts.flatMap(({ trade_ids: ids }) => ids).filter((id) => innocent.has(id))).toEqual([]);
});
