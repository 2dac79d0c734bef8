import { expect, test } from 'vitest';
import { type OrderId, parseOrderId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { LevelChange } from '#server/trpc/views.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { type BookOrder, DEPTH_LEVELS, DepthBook } from './depth-book.ts';

const orderId = (n: number): OrderId => parseOrderId(`ord_${String(n).padStart(64, '0')}`);
const order = (n: number, facts: Partial<BookOrder> = {}): BookOrder => ({
  ...{ orderId: orderId(n), side: 'sell', priceFen: 100n, leaves: 1, liveFrom: instant(0), isReserved: false },
  ...facts,
});
const NOW = instant(1_000);

test('the shown levels are the best sixty of all orders after any change, and the changes alone lead there', () => {
  const random = seededRandom('depth-book');
  const draw = (below: number) => ((random.bytes(2)[0] ?? 0) * 256 + (random.bytes(1)[0] ?? 0)) % below;
  const book = new DepthBook();
  const orders = new Map<OrderId, BookOrder>();
  const mirror = new Map<string, LevelChange>();
  for (let step = 0; step < 1_500; step++) {
    const side = draw(2) === 0 ? 'sell' : 'buy';
    const known = [...orders.values()];
    const old = known[draw(Math.max(1, known.length * 2))];
    const next =
      old === undefined
        ? order(step, { side, priceFen: BigInt(draw(150) + 1), leaves: draw(5) + 1, isReserved: draw(9) === 0 })
        : { ...old, leaves: draw(old.leaves + 1), isReserved: draw(9) === 0 };
    if (next.leaves === 0) orders.delete(next.orderId);
    else orders.set(next.orderId, next);
    for (const change of book.put([next], NOW) ?? []) {
      const key = `${change.side} ${change.priceFen}`;
      if (change.count === 0) mirror.delete(key);
      else mirror.set(key, change);
    }
    if (step % 20 !== 0) continue;
    for (const each of ['sell', 'buy'] as const) {
      const shown = book.levels(each).map(({ priceFen, count, quantity }) => ({ side: each, priceFen, count, quantity }));
      expect(shown).toEqual(naive([...orders.values()], each));
      expect([...mirror.values()].filter((change) => change.side === each).sort(byPrice(each))).toEqual(shown);
    }
  }
  expect(orders.size).toBeGreaterThan(2 * DEPTH_LEVELS);
});

function byPrice(side: 'sell' | 'buy') {
  return (a: { readonly priceFen: string }, b: { readonly priceFen: string }) =>
    (Number(a.priceFen) - Number(b.priceFen)) * (side === 'sell' ? 1 : -1);
}
function naive(orders: readonly BookOrder[], side: 'sell' | 'buy') {
  const own = orders.filter((each) => each.side === side && !each.isReserved);
  const levels = [...Map.groupBy(own, ({ priceFen }) => String(priceFen))].map(([priceFen, at]) => ({
    ...{ side, priceFen, count: at.length },
    quantity: at.reduce((sum, { leaves }) => sum + leaves, 0),
  }));
  return levels.sort(byPrice(side)).slice(0, DEPTH_LEVELS);
}

test('what is in publicity, promised or frozen is not shown, and each of them comes and goes as one change', () => {
  const book = new DepthBook();
  expect(book.put([order(1, { liveFrom: instant(2_000) })], NOW)).toBeNull();
  expect(book.turn(new Set(), instant(1_999))).toBeNull();
  expect(book.turn(new Set(), instant(2_000))).toEqual([{ side: 'sell', priceFen: '100', count: 1, quantity: 1 }]);
  const gone = [{ side: 'sell', priceFen: '100', count: 0, quantity: 0 }];
  expect(book.turn(new Set([orderId(1)]), instant(3_000))).toEqual(gone);
  expect(book.turn(new Set([orderId(1)]), instant(4_000))).toBeNull();
  expect(book.turn(new Set(), instant(5_000))).toHaveLength(1);
  expect(book.put([order(1, { isReserved: true })], instant(5_000))).toEqual(gone);
  expect(book.put([order(1)], instant(5_000))).toHaveLength(1);
  expect(book.put([order(1)], instant(5_000))).toBeNull();
  expect(book.put([order(1, { leaves: 0 })], instant(5_000))).toEqual(gone);
});

test('a change behind the shown levels changes none of them and is a change all the same', () => {
  const book = new DepthBook();
  book.put(
    Array.from({ length: DEPTH_LEVELS }, (_, n) => order(n, { priceFen: BigInt(n + 1) })),
    NOW,
  );
  expect(book.put([order(900, { priceFen: 900n })], NOW)).toEqual([]);
  expect(book.put([order(0, { priceFen: 1n, leaves: 0 })], NOW)).toEqual([
    { side: 'sell', priceFen: '1', count: 0, quantity: 0 },
    { side: 'sell', priceFen: '900', count: 1, quantity: 1 },
  ]);
});
