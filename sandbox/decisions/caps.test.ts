import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, instant, parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 } from '../packs/cn/pack-2026-1.ts';
import { constantOf } from '../packs/pack.ts';
import type { CapRule, RulePack } from '../packs/rule-pack.ts';
import type { Parameter } from '../parameters/parameter.ts';
import { type CapHistory, capTotals, capWindow, capWindowStart, NOTHING, type OpenOrder, worstOf } from './caps.ts';
import { decide } from './decide.ts';
import type { Attempt, DecisionFacts } from './decision.ts';

const SOURCE = { citation: 'test', confidence: 'DESIGN' } as const;
const cap = (facts: Pick<CapRule, 'id' | 'subject' | 'measure' | 'window' | 'max' | 'inclusive'>): CapRule => ({
  ...SOURCE,
  ...facts,
  ruleId: facts.id,
  onExceed: 'BLOCK_UNTIL_NEXT_WINDOW',
});
const ceiling = (value: string, unit: 'fen' | 'count'): Parameter => ({ ...constantOf(PACK_CN_2026_1, 'unitPriceMax'), value, unit });
const PACK: RulePack = {
  ...PACK_CN_2026_1,
  constants: {
    ...PACK_CN_2026_1.constants,
    soldDay: ceiling('1000', 'fen'),
    soldMonth: ceiling('1500', 'fen'),
    boughtDay: ceiling('900', 'fen'),
    salesDay: ceiling('4', 'count'),
  },
  caps: [
    cap({ id: 'SOLD-DAY', subject: 'SELLER_PERSON', measure: 'SALES_GROSS', window: 'DAY', max: 'soldDay', inclusive: true }),
    cap({ id: 'SOLD-MONTH', subject: 'SELLER_PERSON', measure: 'SALES_GROSS', window: 'MONTH', max: 'soldMonth', inclusive: true }),
    cap({ id: 'BOUGHT-DAY', subject: 'BUYER_PERSON', measure: 'PAY_IN', window: 'DAY', max: 'boughtDay', inclusive: true }),
    cap({ id: 'SALES-DAY', subject: 'SELLER_PERSON', measure: 'COUNT', window: 'DAY', max: 'salesDay', inclusive: false }),
  ],
};
const START = parseInstant('2026-11-28T02:00:00.000Z');

test.each([
  ['DAY', '2026-11-28', '2026-11-28'],
  ['WEEK', '2026-11-29', '2026-11-23'],
  ['MONTH', '2026-11-28', '2026-11-01'],
  ['QUARTER', '2026-11-28', '2026-10-01'],
  ['HALF_YEAR', '2026-06-30', '2026-01-01'],
  ['HALF_YEAR', '2026-07-01', '2026-07-01'],
  ['YEAR', '2026-11-28', '2026-01-01'],
] as const)('the %s of %s begins on %s', (window, date, start) => {
  expect(capWindowStart(window, date)).toBe(start);
  expect(capWindow(window, start)).toBe(capWindow(window, date));
});

describe('the worst case of open orders', () => {
  const listing: OpenOrder = { orderId: 'l', side: 'sell', unitFen: 300n, units: 2, trades: 2, itemIds: ['a', 'b'] };
  const counter: OpenOrder = { orderId: 'c', side: 'sell', unitFen: 500n, units: 1, trades: 1, itemIds: ['a'] };
  const wish: OpenOrder = { orderId: 'w', side: 'buy', unitFen: 100n, units: 3, trades: 3, itemIds: [] };
  const sell = (itemIds: readonly string[], ends: readonly string[] = []) => ({ side: 'sell', itemIds, ends }) as const;

  test('an item in two orders is sold once, at the dearer price', () => {
    expect(worstOf([listing, counter, wish], sell(['z']))).toEqual({ grossFen: 800n, trades: 2n });
  });

  test('an item that the new order names counts with the new order alone', () => {
    expect(worstOf([listing, counter], sell(['a']))).toEqual({ grossFen: 300n, trades: 1n });
  });

  test('an accepted offer leaves out the own listing, which ends with it, whole', () => {
    expect(worstOf([listing, counter], sell(['a'], ['l']))).toEqual(NOTHING);
  });

  test('a buyer’s wishes count by what they still want', () => {
    expect(worstOf([listing, wish], { side: 'buy', itemIds: [], ends: [] })).toEqual({ grossFen: 300n, trades: 3n });
  });
});

/** A market in which anything may happen in any order: the model keeps whole trades and orders, and no totals. */
type Order = OpenOrder & { readonly person: number };
type Trade = { readonly seller: number; readonly buyer: number; readonly grossFen: bigint; settledAt: Instant | null };
type Step = {
  readonly act: 'list' | 'wish' | 'counter' | 'take' | 'serve' | 'accept' | 'cancel' | 'settle' | 'wait';
  readonly person: number;
  readonly other: number;
  readonly unitFen: number;
  readonly units: number;
  readonly waits: boolean;
};
const PEOPLE = 3;
const step = fc.record<Step>({
  act: fc.constantFrom('list', 'list', 'wish', 'counter', 'take', 'take', 'serve', 'accept', 'cancel', 'settle', 'wait'),
  person: fc.nat(PEOPLE - 1),
  other: fc.nat(5),
  unitFen: fc.integer({ min: 1, max: 600 }),
  units: fc.integer({ min: 1, max: 3 }),
  waits: fc.boolean(),
});

function createModel() {
  let now = START;
  let next = 0;
  let open: readonly Order[] = [];
  const trades: Trade[] = [];
  const isSide = (trade: Trade, person: number, side: 'buy' | 'sell') => (side === 'sell' ? trade.seller : trade.buyer) === person;
  const sum = (list: readonly Trade[]) => ({
    grossFen: list.reduce((all, { grossFen }) => all + grossFen, 0n),
    trades: BigInt(list.length),
  });

  function historyOf(person: number): CapHistory {
    return {
      traded: (side, window) => {
        const settled = trades.filter((trade) => isSide(trade, person, side) && trade.settledAt !== null);
        const names = (at: Instant) => PACK.caps?.map((rule) => capWindow(rule.window, beijingDate(at))) ?? [];
        return sum(settled.filter(({ settledAt }) => settledAt !== null && names(settledAt).includes(window)));
      },
      waiting: (side) => sum(trades.filter((trade) => isSide(trade, person, side) && trade.settledAt === null)),
      open: open.filter((order) => order.person === person),
    };
  }

  /** The naive twin: everything that may still trade trades today at its dearest. */
  function exceedsIfAllTrades(
    person: number,
    side: 'buy' | 'sell',
    order: { grossFen: bigint; trades: number },
    without: readonly string[],
  ) {
    const left = open.filter((each) => each.person === person && each.side === side && !without.includes(each.orderId));
    const byItem = new Map<string, bigint>();
    let [grossFen, count] = [order.grossFen, order.trades];
    for (const each of left) {
      if (side === 'buy') {
        grossFen += each.unitFen * BigInt(each.units);
        count += each.trades;
      }
      for (const itemId of each.itemIds) {
        const dearest = byItem.get(itemId) ?? 0n;
        byItem.set(itemId, dearest > each.unitFen ? dearest : each.unitFen);
      }
    }
    for (const unitFen of byItem.values()) grossFen += unitFen;
    count += byItem.size;
    return (PACK.caps ?? []).some((rule) => {
      if ((rule.subject === 'SELLER_PERSON') !== (side === 'sell')) return false;
      const counted = trades.filter(
        (trade) =>
          isSide(trade, person, side) &&
          (trade.settledAt === null || capWindow(rule.window, beijingDate(trade.settledAt)) === capWindow(rule.window, beijingDate(now))),
      );
      const total = rule.measure === 'COUNT' ? BigInt(counted.length + count) : sum(counted).grossFen + grossFen;
      const max = BigInt(PACK.constants[rule.max]?.value ?? '0');
      return rule.inclusive ? total > max : total >= max;
    });
  }

  function mayPlace(
    person: number,
    side: 'buy' | 'sell',
    order: Pick<Order, 'unitFen' | 'units' | 'trades' | 'itemIds'>,
    ends: readonly string[],
  ) {
    const totals = capTotals(PACK.caps, beijingDate(now), historyOf(person), { side, itemIds: order.itemIds, ends });
    const attempt: Attempt = {
      at: now,
      act: 'secondary',
      side,
      mechanism: 'fixed_price',
      unitPriceFen: fen(order.unitFen),
      quantity: order.units,
      atMost: { grossFen: fen(order.unitFen * BigInt(order.units)), trades: order.trades },
    };
    const facts: DecisionFacts = {
      person: {
        personRef: `p${person}`,
        birthDate: '1990-01-01',
        realNameLevel: 'R3',
        secondaryDayFen: fen(0n),
        primaryMonthFen: fen(0n),
        isIssuer: false,
        hasOpenAmlCase: false,
        ...(totals === undefined ? {} : { capTotals: totals }),
      },
      itemClass: {
        classId: 'c',
        gameId: 'g',
        approvalNo: 'x',
        isVirtualCurrency: false,
        isCollectible: false,
        isInterchangeable: true,
        isGiftable: true,
        resaleWaitTradingDays: 0,
        referencePriceFen: null,
      },
      items: [],
    };
    const decision = decide(attempt, facts, PACK);
    return !decision.reasons.some(({ code }) => code === 'cap_exceeded');
  }

  const place = (order: Omit<Order, 'orderId'>): void => {
    open = [...open, { ...order, orderId: `o${next++}` }];
  };
  const end = (orderIds: readonly string[]): void => {
    open = open.filter(({ orderId }) => !orderIds.includes(orderId));
  };
  const agree = (trade: Omit<Trade, 'settledAt'>, waits: boolean): void => {
    trades.push({ ...trade, settledAt: waits ? null : now });
  };

  function run({ act, person, other, unitFen: price, units, waits }: Step): void {
    const unitFen = BigInt(price);
    const rivals = open.filter((order) => order.person !== person);
    const own = open.filter((order) => order.person === person);
    const pick = (list: readonly Order[]): Order | undefined => list[other % Math.max(1, list.length)];
    const checked = (side: 'buy' | 'sell', order: Parameters<typeof mayPlace>[2], without: readonly string[] = []) => {
      const allowed = mayPlace(person, side, order, without);
      // Neither too much nor too little is refused. An item that the new order names stands in others too, and sells once.
      const promised = open.filter((each) => each.person === person && each.itemIds.some((itemId) => order.itemIds.includes(itemId)));
      if (promised.length === 0 || promised.every(({ orderId }) => without.includes(orderId))) {
        const most = { grossFen: order.unitFen * BigInt(order.units), trades: order.trades };
        expect(allowed).toBe(!exceedsIfAllTrades(person, side, most, without));
      }
      return allowed;
    };
    switch (act) {
      case 'list': {
        const itemIds = Array.from({ length: units }, (_, index) => `i${next}.${index}`);
        const order = { person, side: 'sell' as const, unitFen, units, trades: units, itemIds };
        if (checked('sell', order)) place(order);
        return;
      }
      case 'wish': {
        const order = { person, side: 'buy' as const, unitFen, units, trades: units, itemIds: [] };
        if (checked('buy', order)) place(order);
        return;
      }
      case 'counter': {
        const itemId = pick(own.filter(({ side }) => side === 'sell'))?.itemIds[0];
        if (itemId === undefined) return;
        const order = { person, side: 'sell' as const, unitFen, units: 1, trades: 1, itemIds: [itemId] };
        if (checked('sell', order)) place(order);
        return;
      }
      case 'take': {
        const target = pick(rivals.filter(({ side }) => side === 'sell'));
        const itemId = target?.itemIds[0];
        if (target === undefined || itemId === undefined) return;
        if (!checked('buy', { unitFen: target.unitFen, units: 1, trades: 1, itemIds: [] })) return;
        agree({ seller: target.person, buyer: person, grossFen: target.unitFen }, waits);
        sold(itemId);
        return;
      }
      case 'serve': {
        const target = pick(rivals.filter(({ side }) => side === 'buy'));
        if (target === undefined) return;
        const itemIds = [`s${next++}`];
        if (!checked('sell', { unitFen: target.unitFen, units: 1, trades: 1, itemIds })) return;
        wanted(target);
        agree({ seller: person, buyer: target.person, grossFen: target.unitFen }, waits);
        return;
      }
      case 'accept': {
        const listing = pick(own.filter(({ side }) => side === 'sell'));
        const target = pick(rivals.filter(({ side }) => side === 'buy'));
        const itemId = listing?.itemIds[0];
        if (listing === undefined || target === undefined || itemId === undefined) return;
        if (!checked('sell', { unitFen: target.unitFen, units: 1, trades: 1, itemIds: [itemId] }, [listing.orderId])) return;
        end([listing.orderId]);
        wanted(target);
        sold(itemId);
        agree({ seller: person, buyer: target.person, grossFen: target.unitFen }, waits);
        return;
      }
      case 'cancel': {
        const order = pick(own);
        if (order !== undefined) end([order.orderId]);
        return;
      }
      case 'settle': {
        const trade = trades.find(({ settledAt }) => settledAt === null);
        if (trade !== undefined) trade.settledAt = now;
        return;
      }
      case 'wait':
        now = instant(now + units * 9 * 3_600_000);
    }
  }

  function sold(itemId: string): void {
    open = open.flatMap((order) => {
      if (!order.itemIds.includes(itemId)) return [order];
      const itemIds = order.itemIds.filter((each) => each !== itemId);
      return itemIds.length === 0 ? [] : [{ ...order, itemIds, units: itemIds.length, trades: itemIds.length }];
    });
  }
  function wanted(target: Order): void {
    const units = target.units - 1;
    open = open.flatMap((order) => (order.orderId !== target.orderId ? [order] : units === 0 ? [] : [{ ...order, units, trades: units }]));
  }

  return { run, trades };
}

test('no interleaving of orders, acceptances, cancels and settlements exceeds a ceiling by a fen or a trade', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = createModel();
      for (const each of steps) model.run(each);
      for (let person = 0; person < PEOPLE; person += 1) {
        for (const rule of PACK.caps ?? []) {
          const own = model.trades.filter(({ seller, buyer }) => (rule.subject === 'SELLER_PERSON' ? seller : buyer) === person);
          const totals = new Map<string, bigint>();
          for (const { settledAt, grossFen } of own) {
            if (settledAt === null) continue;
            const window = capWindow(rule.window, beijingDate(settledAt));
            totals.set(window, (totals.get(window) ?? 0n) + (rule.measure === 'COUNT' ? 1n : grossFen));
          }
          const max = BigInt(PACK.constants[rule.max]?.value ?? '0');
          for (const total of totals.values()) expect(rule.inclusive ? total <= max : total < max).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  );
});
