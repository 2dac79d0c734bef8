/** Traffic that looks odd at a glance and accuses nobody, and beside it the pattern that it resembles. The numbers come from a fixed sequence. */
import { expect, test } from 'vitest';
import { PACK_CN_2026_1 } from '../packs/cn/pack-2026-1.ts';
import type { DetectorId } from './detector.ts';
import { DAY_MS, type Fact, HOUR_MS } from './facts.ts';
import { type Alert, createSurveillance } from './surveillance.ts';

const START = Date.parse('2026-03-02T02:00:00Z');

function run(facts: readonly Fact[], only: DetectorId): readonly Alert[] {
  const surveillance = createSurveillance(PACK_CN_2026_1, [only]);
  for (const fact of facts.toSorted((a, b) => a.at - b.at)) surveillance.take(fact);
  surveillance.close();
  return surveillance.list();
}
/** Between 0 and 1, the same on every machine. */
function createDraw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
const pay = (id: string, at: number, from: string, to: string, fen: number): Fact => ({
  ...{ kind: 'payment', id, at: START + at, from, to, amountFen: BigInt(Math.round(fen)) },
});
const sell = (id: string, at: number, seller: string, buyer: string, fen: number, classId = 'sword'): Fact => ({
  ...{ kind: 'trade', id, at: START + at, itemIds: [`item ${id}`], classId, seller, buyer, priceFen: BigInt(Math.round(fen)), quantity: 1 },
});

test('CN-SV-10: where sums vary by themselves a small one is no sign; among steady payers the same sums are a collection', () => {
  const traffic = (spread: number) => {
    const draw = createDraw(7);
    return Array.from({ length: 2_400 }, (_, i): Fact => {
      // The sum of three draws lies near the middle, as sums of people do.
      const wide = 10_000 * spread ** (2 * (draw() + draw() + draw()) - 3);
      return pay(`p${i}`, (i * 60 * DAY_MS) / 2_400, `u${Math.floor(draw() * 60)}`, `v${Math.floor(draw() ** 2 * 60)}`, wide);
    });
  };
  const small = Array.from({ length: 6 }, (_, i) => pay(`s${i}`, 61 * DAY_MS + i * HOUR_MS, `u${i}`, 'hub', 100 + i));
  const collected = (facts: readonly Fact[]) => run(facts, 'CN-SV-10').filter(({ typology }) => typology === 'collection');
  expect(collected([...traffic(6), ...small])).toEqual([]);
  expect(collected([...traffic(1), ...small])).toMatchObject([{ tradeIds: small.map(({ id }) => id) }]);
});

test('CN-SV-10: a shop that pays its supplier once a week passes nothing on; who sends the day’s money on each evening does', () => {
  const draw = createDraw(11);
  const customers = Array.from({ length: 6 * 7 * 8 }, (_, i) =>
    pay(`c${i}`, (i * DAY_MS) / 8, `u${Math.floor(draw() * 300)}`, 'shop', 5_000 * 4 ** (2 * draw() - 1)),
  );
  const cameIn = (from: number, to: number) =>
    customers.reduce(
      (sum, fact) => (fact.kind === 'payment' && fact.at - START >= from && fact.at - START < to ? sum + Number(fact.amountFen) : sum),
      0,
    );
  const supplier = (days: number) =>
    Array.from({ length: 42 / days }, (_, i) => {
      const [from, to] = [i * days * DAY_MS, (i + 1) * days * DAY_MS];
      return pay(`s${i}`, to - 1, 'shop', 'supplier', cameIn(from, to) * 0.95);
    });
  expect(run([...customers, ...supplier(7)], 'CN-SV-10').filter(({ typology }) => typology === 'fan_in')).toEqual([]);
  expect(run([...customers, ...supplier(1)], 'CN-SV-10').map(({ accountRefs }) => accountRefs[0])).toContain('shop');
});

test('CN-SV-08: small change beside sums below the line hides nothing and is no evidence; many small sales that add up are a shop', () => {
  const large = [0, 1, 2, 3].map((day) => sell(`l${day}`, day * DAY_MS, 'amy', `b${day}`, 95_000 + day));
  const change = Array.from({ length: 12 }, (_, i) => sell(`c${i}`, (i % 4) * DAY_MS + i * 60_000, 'amy', `x${i}`, 300, 'arrow'));
  const alerts = run([...large, ...change], 'CN-SV-08');
  expect(alerts).toMatchObject([{ tradeIds: large.map(({ id }) => id), accountRefs: ['amy'], figures: { line: 'vat_day', count: '4' } }]);
  expect(alerts[0]?.explanation.en).toContain('4 days’ sales');
  const shop = Array.from({ length: 4 * 20 }, (_, i) => sell(`k${i}`, (i % 4) * DAY_MS + i * 60_000, 'shop', `x${i}`, 4_700, 'arrow'));
  expect(run(shop, 'CN-SV-08')).toEqual([]);
  const near = [0, 1, 2].map((i) => sell(`n${i}`, i * DAY_MS, 'bob', `b${i}`, 900_000 + i));
  const beside = Array.from({ length: 9 }, (_, i) => sell(`m${i}`, i * 8 * HOUR_MS + 60_000, 'bob', `x${i}`, 1_000, 'arrow'));
  expect(run([...near, ...beside], 'CN-SV-08').filter(({ figures }) => figures.line === 'review')).toMatchObject([
    { tradeIds: near.map(({ id }) => id) },
  ]);
});

test('CN-SV-03: a ring that goes round twice at prices a little apart is wash, once round is none', () => {
  const prices = [10_450, 9_600, 9_600, 10_450, 9_600, 9_600];
  const ring = prices.map((fen, i) => sell(`r${i}`, i * 6 * HOUR_MS, `z${i % 3}`, `z${(i + 1) % 3}`, fen));
  expect(run(ring, 'CN-SV-03')).toMatchObject([{ tradeIds: expect.arrayContaining(ring.map(({ id }) => id)) }]);
  expect(run(ring.slice(0, 3), 'CN-SV-03')).toEqual([]);
});
