/** Plants abuse among the real sales: with accounts, items, times and prices that occur in them, so that only the shape tells. */
import { DAY_MS, HOUR_MS, type TradeFact } from '#sandbox/surveillance/facts.ts';
import { createDraw, type Draw } from '#test/support/random-facts.ts';
import type { Labelled } from './labelled.ts';

type Planter = {
  readonly draw: Draw;
  readonly facts: readonly TradeFact[];
  readonly accounts: readonly string[];
  readonly items: readonly string[];
};
type Planted = Pick<TradeFact, 'at' | 'seller' | 'buyer' | 'priceFen'> & { readonly item: string };

const EACH = 12;

export const TRADE_PATTERNS: Readonly<Record<string, (planter: Planter) => readonly Planted[]>> = {
  self_trade: (planter) => {
    const { at, price } = occasion(planter);
    const own = planter.draw.pick(planter.accounts);
    return Array.from({ length: 1 + planter.draw.below(3) }, (_, i) => ({
      at: at + i * HOUR_MS,
      seller: own,
      buyer: own,
      priceFen: price,
      item: item(planter),
    }));
  },
  back_and_forth: (planter) => ring(planter, 2, 1 + planter.draw.below(3), 7),
  circular: (planter) => ring(planter, 3 + planter.draw.below(4), 1, 7),
  slow_circular: (planter) => ring(planter, 2 + planter.draw.below(3), 1, 40),
  wash_set: (planter) => {
    const { at, price } = occasion(planter);
    const group = people(planter, 3 + planter.draw.below(3));
    const rounds = 5 + planter.draw.below(3);
    return Array.from({ length: rounds * group.length }, (_, i) => ({
      at: at + i * (20 + planter.draw.below(60)) * 60_000,
      seller: group[i % group.length] ?? '',
      buyer: group[(i + 1) % group.length] ?? '',
      priceFen: near(planter, price, 30),
      item: item(planter),
    }));
  },
  structuring: (planter) => {
    const { at } = occasion(planter);
    const seller = `new${planter.draw.below(1_000_000)}`;
    return Array.from({ length: 4 + planter.draw.below(3) }, (_, i) => ({
      at: at + i * DAY_MS,
      seller,
      buyer: planter.draw.pick(planter.accounts),
      priceFen: BigInt(85_000 + planter.draw.below(14_500)),
      item: item(planter),
    }));
  },
};

/** The item goes round a ring; gaps leave the whole within the days. */
function ring(planter: Planter, size: number, rounds: number, days: number): readonly Planted[] {
  const { at, price } = occasion(planter);
  const group = people(planter, size);
  const thing = item(planter);
  const hops = size * rounds;
  const gap = Math.floor((days * DAY_MS * 0.9) / hops);
  return Array.from({ length: hops }, (_, i) => ({
    at: at + i * gap - planter.draw.below(Math.floor(gap / 3)),
    seller: group[i % size] ?? '',
    buyer: group[(i + 1) % size] ?? '',
    // A slow ring keeps the price, a quick one may move it.
    priceFen: days > 7 ? price + BigInt(planter.draw.below(Number(price / 50n) + 1)) : near(planter, price, 25),
    item: thing,
  }));
}

function occasion({ draw, facts }: Planter): { readonly at: number; readonly price: bigint } {
  const fact = facts[draw.below(facts.length)];
  return { at: (fact?.at ?? 0) + draw.below(DAY_MS), price: (fact?.priceFen ?? 1n) + 1_000n };
}

function near({ draw }: Planter, price: bigint, percent: number): bigint {
  return (price * BigInt(100 - percent + draw.below(2 * percent + 1))) / 100n + 1n;
}

function item({ draw, items }: Planter): string {
  return draw.pick(items);
}

function people({ draw, accounts }: Planter, count: number): readonly string[] {
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(draw.pick(accounts));
  return [...chosen];
}

export function plantTrades(facts: readonly TradeFact[], seed: string): Labelled<TradeFact> {
  const draw = createDraw(seed);
  const planter: Planter = {
    draw,
    facts,
    accounts: [...new Set(facts.flatMap(({ seller, buyer }) => [seller, buyer]))].filter((ref) => ref !== null),
    items: [...new Set(facts.flatMap(({ itemIds }) => itemIds))],
  };
  const labels = new Map<string, string>();
  const planted = Object.entries(TRADE_PATTERNS).flatMap(([name, pattern]) =>
    Array.from({ length: EACH }, () => pattern(planter)).flatMap((trades) =>
      trades.map((trade): TradeFact => {
        const id = `w${labels.size}`;
        labels.set(id, name);
        return {
          kind: 'trade',
          id,
          at: trade.at,
          itemIds: [trade.item],
          classId: 'punk',
          seller: trade.seller,
          buyer: trade.buyer,
          priceFen: trade.priceFen,
          quantity: 1,
        };
      }),
    ),
  );
  return { facts: [...facts, ...planted].toSorted((a, b) => a.at - b.at), labels };
}
