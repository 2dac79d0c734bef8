import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, type TradeFact } from './facts.ts';
import { createReferencePrices, type ReferencePrice } from './reference-price.ts';

const RULES = { minTrades: 5, minSellers: 3 };
type Step = { readonly after: number; readonly price: number; readonly quantity: number; readonly seller: number };

/** What the reference keeps in order and merges, put in order anew from every trade of 30 or else 90 days. */
function readAnew(trades: readonly TradeFact[], renewedAt: number): ReferencePrice | null {
  const within = (days: number) => trades.filter(({ at }) => at > renewedAt - days * DAY_MS);
  for (const days of [30, 90] as const) {
    const window = within(days);
    const sellers = new Set(window.map(({ seller }) => seller)).size;
    if (window.length < RULES.minTrades || sellers < RULES.minSellers) continue;
    const units = window
      .flatMap(({ priceFen, quantity }) => Array.from({ length: quantity }, () => Number(priceFen)))
      .sort((a, b) => a - b);
    const priceFen = units[Math.ceil(units.length / 2) - 1] ?? 0;
    const distances = (of: readonly TradeFact[]) =>
      of.map((trade) => Math.max(Number(trade.priceFen) / priceFen, priceFen / Number(trade.priceFen))).sort((a, b) => a - b);
    const [near, all] = [distances(window), distances(within(90))];
    return {
      priceFen,
      madRatio: near[Math.floor((near.length - 1) / 2)] ?? 1,
      tailRatio: all[Math.ceil(all.length * 0.98) - 1] ?? 1,
      trades: window.length,
      sellers,
      days,
    };
  }
  return null;
}

test('a reference merged renewal by renewal is the reference worked out anew, whoever asks how often', () => {
  const step = fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: 3 * DAY_MS }), fc.integer({ min: 0, max: 40 * DAY_MS })),
    price: fc.integer({ min: 1, max: 60 }),
    quantity: fc.integer({ min: 1, max: 4 }),
    seller: fc.integer({ min: 0, max: 5 }),
  });
  let compared = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 90 }), fc.integer({ min: 1, max: 9 }), (steps: readonly Step[], asked) => {
      const prices = createReferencePrices(RULES);
      const taken: TradeFact[] = [];
      let at = 1_000 * DAY_MS;
      // Below twenty trades each one renews the reference; later ones do so now and then, and are compared only there.
      let renewed: { readonly at: number; readonly count: number } = { at, count: 0 };
      for (const [i, { after, price, quantity, seller }] of steps.entries()) {
        at += after;
        const trade: TradeFact = {
          kind: 'trade',
          id: `t${i}`,
          at,
          itemIds: [`i${i}`],
          classId: 'c',
          seller: `s${seller}`,
          buyer: 'b',
          priceFen: BigInt(price),
          quantity,
        };
        taken.push(trade);
        prices.take(trade, `s${seller}`, 'b');
        const kept = taken.filter((each) => each.at > renewed.at - 90 * DAY_MS || taken.indexOf(each) >= renewed.count).length;
        if ((taken.length - renewed.count) * 20 >= kept) renewed = { at, count: taken.length };
        if (i % asked > 0) continue;
        expect(prices.of('c', at)).toEqual(at - renewed.at >= 90 * DAY_MS ? null : readAnew(taken.slice(0, renewed.count), renewed.at));
        compared += 1;
      }
    }),
    { seed: 20261128, numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(1_000);
});
