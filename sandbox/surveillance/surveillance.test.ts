/** Each detector against planted positives and near misses that differ from them in one fact; rulebook 9.2 with its worked examples. */
import { describe, expect, test } from 'vitest';
import { PACK_CN_2026_1 } from '../packs/cn/pack-2026-1.ts';
import { withConstants } from '../packs/pack.ts';
import type { DetectorId } from './detector.ts';
import { DAY_MS, type Fact, HOUR_MS, type TradeFact } from './facts.ts';
import { type Alert, createSurveillance } from './surveillance.ts';

const START = Date.parse('2026-03-02T02:00:00Z');
const MINUTE = 60_000;

let next = 0;
type TradeLine = Partial<Omit<TradeFact, 'priceFen' | 'kind'>> & { readonly yuan?: number; readonly item?: string };
function trade(at: number, seller: string | null, buyer: string | null, line: TradeLine = {}): TradeFact {
  next += 1;
  const { yuan = 100, item = `item${next}`, ...rest } = line;
  return {
    kind: 'trade',
    id: `t${next}`,
    at: START + at,
    seller,
    buyer,
    classId: 'sword',
    itemIds: [item],
    priceFen: BigInt(Math.round(yuan * 100)),
    quantity: 1,
    ...rest,
  };
}
function pay(at: number, from: string, to: string, yuan: number): Fact {
  next += 1;
  return { kind: 'payment', id: `p${next}`, at: START + at, from, to, amountFen: BigInt(Math.round(yuan * 100)) };
}
/** Everybody sells to somebody else, a little above or below 200.00. */
function quietMarket(days: number, yuan = 200, classId = 'sword'): TradeFact[] {
  return Array.from({ length: days * 2 }, (_, i) =>
    trade((i - days * 2) * (DAY_MS / 2), `seller${i % 7}`, `buyer${i % 11}`, { yuan: yuan * (0.9 + (i % 5) * 0.05), classId }),
  );
}
function run(facts: readonly Fact[], only?: DetectorId, pack = PACK_CN_2026_1): readonly Alert[] {
  const surveillance = createSurveillance(pack, only === undefined ? undefined : [only]);
  for (const fact of facts.toSorted((a, b) => a.at - b.at)) surveillance.take(fact);
  surveillance.close();
  return surveillance.list();
}
const idsOf = (facts: readonly Fact[]) => facts.map(({ id }) => id).toSorted();
const evidence = (alerts: readonly Alert[]) => [...new Set(alerts.flatMap(({ tradeIds }) => tradeIds))].toSorted();

describe('CN-SV-01 self-trade', () => {
  test('one reference on both sides, or two that were linked before, is an alert; a link that comes later accuses nothing before it', () => {
    const own = trade(0, 'amy', 'amy');
    const linked = trade(2, 'bob', 'bea');
    const early = trade(1, 'cat', 'cid');
    const links: Fact[] = [
      { kind: 'link', id: 'l1', at: START + 1, a: 'bea', b: 'bob', reason: 'same_device' },
      { kind: 'link', id: 'l2', at: START + 3, a: 'cat', b: 'cid', reason: 'declared' },
    ];
    const alerts = run([own, linked, early, ...links], 'CN-SV-01');
    expect(evidence(alerts)).toEqual(idsOf([own, linked]));
    expect(alerts.find(({ accountRefs }) => accountRefs.includes('bob'))?.explanation.en).toContain('same_device');
  });
  test('an order that was refused counts as one, a stranger’s does not', () => {
    const attempt = (id: string, to: string): Fact => ({ kind: 'attempt', id, at: START + 2, from: 'bob', to, classId: 'sword' });
    const link: Fact = { kind: 'link', id: 'l1', at: START + 1, a: 'bea', b: 'bob', reason: 'same_payout_account' };
    expect(run([link, attempt('a1', 'bea'), attempt('a2', 'cid')], 'CN-SV-01')).toMatchObject([
      { tradeIds: [], accountRefs: ['bob', 'bea'], figures: { trades: '0', refused: '1' } },
    ]);
  });
  test('trades of strangers are none', () => expect(run([trade(0, 'amy', 'bob')], 'CN-SV-01')).toEqual([]));
});

test('CN-SV-02: internal trades of a fifth of the turnover in ten trading days; below it, none', () => {
  const link: Fact = { kind: 'link', id: 'l', at: START - 90 * DAY_MS, a: 'amy', b: 'ann', reason: 'same_person' };
  const own = [0, 1, 2].map((hour) => trade(hour * HOUR_MS, 'amy', 'ann'));
  const others = (count: number) => Array.from({ length: count }, (_, i) => trade(-HOUR_MS - i, `s${i}`, `b${i}`));
  expect(evidence(run([link, ...others(12), ...own], 'CN-SV-02'))).toEqual(idsOf(own));
  expect(run([link, ...others(13), ...own], 'CN-SV-02')).toEqual([]);
});

describe('CN-SV-03 wash set', () => {
  test('CN-SV-E3: ten units round three accounts within two hours', () => {
    const ring = [
      trade(0, 'A', 'B', { quantity: 10 }),
      trade(HOUR_MS, 'B', 'C', { quantity: 10 }),
      trade(2 * HOUR_MS, 'C', 'A', { quantity: 10 }),
    ];
    const noise = [trade(10 * MINUTE, 'A', 'X'), trade(20 * MINUTE, 'Y', 'B')];
    const alerts = run([...ring, ...noise], 'CN-SV-03');
    expect(evidence(alerts)).toEqual(idsOf(ring));
    expect(alerts).toMatchObject([{ accountRefs: expect.arrayContaining(['A', 'B', 'C']), label: 'wash' }]);
    expect(alerts[0]?.score).toBeGreaterThanOrEqual(60);
  });
  test('a position that stays open, or a chain that does not close, is none', () => {
    expect(
      run([trade(0, 'A', 'B', { quantity: 10 }), trade(1, 'B', 'C', { quantity: 10 }), trade(2, 'C', 'A', { quantity: 9 })], 'CN-SV-03'),
    ).toEqual([]);
    expect(run([trade(0, 'A', 'B', { quantity: 10 }), trade(1, 'B', 'C', { quantity: 10 })], 'CN-SV-03')).toEqual([]);
  });
  test('two collectors who sell each other one item each are none', () => {
    expect(run([trade(0, 'A', 'B', { yuan: 100 }), trade(HOUR_MS, 'B', 'A', { yuan: 140 })], 'CN-SV-03')).toEqual([]);
  });
  test('a loop slower than seven days is none', () => {
    const slow = [0, 4, 8].map((day, i) => trade(day * DAY_MS, 'ABC'[i] ?? '', 'BCA'[i] ?? '', { quantity: 10 }));
    expect(run(slow, 'CN-SV-03')).toEqual([]);
  });
});

describe('CN-SV-04 circular item', () => {
  test.each([2, 3, 6])('an item that returns after %i sales is an alert with exactly those sales', (hops) => {
    const ring = Array.from({ length: hops }, (_, i) => trade(i * HOUR_MS, `h${i}`, `h${(i + 1) % hops}`, { item: 'blade' }));
    const noise = [trade(30 * MINUTE, 'h0', 'h1'), trade(40 * MINUTE, 'x', 'y')];
    expect(evidence(run([...ring, ...noise], 'CN-SV-04'))).toEqual(idsOf(ring));
  });
  test('seven sales, another item on the way back, or half a year are none', () => {
    expect(
      run(
        Array.from({ length: 7 }, (_, i) => trade(i, `h${i}`, `h${(i + 1) % 7}`, { item: 'blade' })),
        'CN-SV-04',
      ),
    ).toEqual([]);
    expect(run([trade(0, 'a', 'b', { item: 'blade' }), trade(1, 'b', 'a', { item: 'shield' })], 'CN-SV-04')).toEqual([]);
    expect(run([trade(0, 'a', 'b', { item: 'blade' }), trade(180 * DAY_MS, 'b', 'a', { item: 'blade' })], 'CN-SV-04')).toEqual([]);
  });
  test('between a week and a quarter only a return at the same price counts', () => {
    const back = (yuan: number) => [trade(0, 'a', 'b', { item: 'blade' }), trade(30 * DAY_MS, 'b', 'a', { item: 'blade', yuan })];
    expect(run(back(104), 'CN-SV-04')).toHaveLength(1);
    expect(run(back(106), 'CN-SV-04')).toEqual([]);
  });
  test('further returns of the same item grow the alert and keep its id', () => {
    const hops = Array.from({ length: 6 }, (_, i) =>
      trade(i * HOUR_MS, i % 2 === 0 ? 'a' : 'b', i % 2 === 0 ? 'b' : 'a', { item: 'blade' }),
    );
    const [first, all] = [run(hops.slice(0, 2), 'CN-SV-04'), run(hops, 'CN-SV-04')];
    expect(all).toHaveLength(1);
    expect(all[0]?.alertId).toBe(first[0]?.alertId);
    expect(evidence(all)).toEqual(idsOf(hops));
    expect(all[0]?.score).toBeGreaterThan(first[0]?.score ?? 100);
  });
});

describe('CN-SV-05 off-market price', () => {
  test('CN-SV-E5: 1,000.00 against a reference of 200.00', () => {
    const far = trade(0, 'amy', 'bob', { yuan: 1_000 });
    const [alert] = run([...quietMarket(20), far], 'CN-SV-05');
    expect(alert).toMatchObject({
      tradeIds: [far.id],
      typology: 'price_far_above',
      figures: { referenceFen: '20000', differenceFen: '80000' },
    });
  });
  test('twice the reference, a small difference, or a kind whose units differ in worth is none', () => {
    expect(run([...quietMarket(20), trade(0, 'amy', 'bob', { yuan: 400 })], 'CN-SV-05')).toEqual([]);
    expect(run([...quietMarket(20, 20), trade(0, 'amy', 'bob', { yuan: 400 })], 'CN-SV-05')).toEqual([]);
    const mixed = quietMarket(20).map((each, i) => (i % 10 === 0 ? { ...each, priceFen: 500_000n } : each));
    expect(run([...mixed, trade(0, 'amy', 'bob', { yuan: 5_000 })], 'CN-SV-05')).toEqual([]);
  });
  test('without five trades of three sellers there is no reference and no alert', () => {
    expect(run([...quietMarket(2), trade(0, 'amy', 'bob', { yuan: 5_000 })], 'CN-SV-05')).toEqual([]);
  });
});

describe('CN-SV-06 ramp', () => {
  const rising = (buyers: readonly string[], step = 1.1, gap = HOUR_MS) =>
    Array.from({ length: 6 }, (_, i) => trade(i * gap, `s${i % 2}`, buyers[i % buyers.length] ?? '', { yuan: 200 * step ** i }));
  test('six rising trades by one buyer are an alert', () => {
    const run6 = rising(['rex']);
    expect(evidence(run([...quietMarket(20), ...run6], 'CN-SV-06'))).toEqual(expect.arrayContaining(idsOf(run6)));
  });
  test.each([
    ['four buyers', rising(['a', 'b', 'c', 'd'])],
    ['a rise below 30 %', rising(['rex'], 1.04)],
    ['more than a day', rising(['rex'], 1.1, 8 * HOUR_MS)],
    ['one trade that falls', rising(['rex']).map((each, i) => (i === 3 ? { ...each, priceFen: 100n } : each))],
  ])('%s: none', (_, facts) => expect(run(facts, 'CN-SV-06')).toEqual([]));
});

describe('CN-SV-07 layering', () => {
  function day(listings: number, canceled: number, lifeSeconds: number, oppositeAfterMinutes: number): Fact[] {
    const placed = Array.from({ length: listings }, (_, i): Fact => {
      return {
        kind: 'order',
        id: `o${i}`,
        at: START + i * 1_000,
        change: 'placed',
        account: 'lay',
        classId: 'sword',
        side: 'sell',
        valueFen: 200_000n,
      };
    });
    const cancels = Array.from({ length: canceled }, (_, i): Fact => {
      return {
        kind: 'order',
        id: `o${i}`,
        at: START + i * 1_000 + lifeSeconds * 1_000,
        change: 'canceled',
        account: 'lay',
        classId: 'sword',
        side: 'sell',
        valueFen: 200_000n,
      };
    });
    return [...placed, ...cancels, trade(canceled * 1_000 + lifeSeconds * 1_000 + oppositeAfterMinutes * MINUTE, 'x', 'lay')];
  }
  test('CN-SV-E7: 40 listings worth 80,000.00, 31 canceled after 45 s, a purchase 3 minutes later', () => {
    expect(run(day(40, 31, 45, 3), 'CN-SV-07')).toMatchObject([
      { figures: { share: '77.5 %', medianLifeSeconds: '45', placedFen: '8000000' } },
    ]);
  });
  test.each([
    ['fewer than half canceled', day(40, 19, 45, 3)],
    ['few listings', day(10, 8, 45, 3)],
    ['offers that stay two minutes', day(40, 31, 120, 3)],
    ['nothing on the other side', day(40, 31, 45, 15)],
  ])('%s: none', (_, facts) => expect(run(facts, 'CN-SV-07')).toEqual([]));
});

describe('CN-SV-08 structuring', () => {
  const sales = (...prices: readonly number[]) => prices.map((yuan, i) => trade(i * DAY_MS, 'sue', `b${i}`, { yuan }));
  test('CN-SV-E8: 950.00, 960.00, 970.00 on three days', () => {
    const facts = sales(950, 960, 970);
    const alerts = run(facts, 'CN-SV-08');
    expect(evidence(alerts)).toEqual(idsOf(facts));
    expect(alerts).toMatchObject([{ accountRefs: ['sue'], figures: { line: 'vat_day', sumFen: '288000' } }]);
  });
  test.each([
    ['two days', sales(950, 960)],
    ['one day reaches the line', sales(950, 1_000, 960, 970)],
    ['one lies below the band', sales(950, 790, 960)],
    ['all on one day, which the law adds up', [0, 1, 2].map((hour) => trade(hour * HOUR_MS, 'sue', 'b', { yuan: 950 }))],
    ['the kind costs that much', [...quietMarket(20, 950), ...sales(950, 960, 970)]],
  ])('%s: none', (_, facts) => expect(run(facts, 'CN-SV-08').filter(({ accountRefs }) => accountRefs.includes('sue'))).toEqual([]));
  test('payments just below 50,000.00 within a week name the payer; one above the line clears him', () => {
    const paid = [49_000, 48_500, 49_900].map((yuan, i) => pay(i * DAY_MS, 'pat', `shop${i}`, yuan));
    expect(evidence(run(paid, 'CN-SV-08'))).toEqual(idsOf(paid));
    expect(run([...paid.slice(0, 2), pay(DAY_MS, 'pat', 'z', 51_000), ...paid.slice(2)], 'CN-SV-08')).toEqual([]);
  });
});

test('CN-SV-09: in and out within a day by a young account; not when it keeps a fifth, or has long been there', () => {
  const mule = [pay(0, 'v1', 'mule', 2_000), pay(HOUR_MS, 'v2', 'mule', 3_000), pay(2 * HOUR_MS, 'mule', 'boss', 4_800)];
  expect(evidence(run(mule, 'CN-SV-09'))).toEqual(idsOf(mule));
  expect(run([...mule.slice(0, 2), pay(2 * HOUR_MS, 'mule', 'boss', 4_000)], 'CN-SV-09')).toEqual([]);
  expect(run([pay(-60 * DAY_MS, 'shop', 'mule', 1), ...mule], 'CN-SV-09')).toEqual([]);
  expect(run([...mule.slice(0, 2), pay(30 * HOUR_MS, 'mule', 'boss', 4_800)], 'CN-SV-09')).toEqual([]);
});

describe('CN-SV-10 flow patterns', () => {
  const alikeIn = (payers: number) => Array.from({ length: payers }, (_, i) => pay(i * HOUR_MS, `payer${i}`, 'hub', 500 + i));
  test('ten payers of like sums in a week are a fan-in; nine are not', () => {
    expect(run(alikeIn(10), 'CN-SV-10')).toMatchObject([
      { typology: 'fan_in', accountRefs: expect.arrayContaining(['hub', 'payer0', 'payer9']) },
    ]);
    expect(run(alikeIn(9), 'CN-SV-10')).toEqual([]);
  });
  test('a shop whose every week is as broad is none, for the same payers in one week alone it is', () => {
    const week = (number: number) =>
      Array.from({ length: 12 }, (_, i) => pay(number * 7 * DAY_MS + i * 13 * HOUR_MS, `c${i}`, 'shop', 20 + ((i * 37) % 90)));
    const others = Array.from({ length: 60 }, (_, day) => pay(day * DAY_MS, `o${day}`, `p${day}`, 5));
    expect(run([...others, ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap(week)], 'CN-SV-10')).toEqual([]);
    expect(run([...others, ...week(5)], 'CN-SV-10')).toMatchObject([{ typology: 'fan_in', figures: { reason: 'burst' } }]);
  });
  test('scatter-gather names source, middle accounts and target', () => {
    const legs = Array.from({ length: 5 }, (_, i) => [
      pay(i * HOUR_MS, 'src', `m${i}`, 300 + 50 * i),
      pay((i + 30) * HOUR_MS, `m${i}`, 'dst', 290 + 48 * i),
    ]).flat();
    const alerts = run(legs, 'CN-SV-10');
    expect(alerts).toMatchObject([{ typology: 'scatter_gather' }]);
    expect(alerts[0]?.accountRefs.toSorted()).toEqual(['dst', 'm0', 'm1', 'm2', 'm3', 'm4', 'src']);
    expect(run(legs.slice(0, -2), 'CN-SV-10')).toEqual([]);
  });
  test('money that comes back after three steps is a cycle; a refund, a loss of a fifth or a wrong order is none', () => {
    const cycle = (last: number) => [pay(0, 'a', 'b', 1_000), pay(DAY_MS, 'b', 'c', 980), pay(2 * DAY_MS, 'c', 'a', last)];
    expect(evidence(run(cycle(960), 'CN-SV-10'))).toHaveLength(3);
    expect(run(cycle(700), 'CN-SV-10')).toEqual([]);
    expect(run([pay(0, 'a', 'b', 1_000), pay(DAY_MS, 'b', 'a', 990)], 'CN-SV-10')).toEqual([]);
    expect(run([pay(0, 'b', 'c', 980), pay(DAY_MS, 'a', 'b', 1_000), pay(2 * DAY_MS, 'c', 'a', 960)], 'CN-SV-10')).toEqual([]);
  });
  test('small sums out of proportion, gathered at one account, are a collection; purchases at usual prices are none', () => {
    const habits = ['x', 'y', 'z'].flatMap((payer, i) => [0, 1, 2].map((day) => pay(day * DAY_MS, payer, `shop${i}${day}`, 200)));
    const small = ['x', 'y', 'z'].map((payer, i) => pay((5 + i) * DAY_MS, payer, 'collector', 4 + i / 10));
    expect(evidence(run([...habits, ...small], 'CN-SV-10'))).toEqual(idsOf(small));
    expect(run([...habits, ...['x', 'y', 'z'].map((payer, i) => pay((5 + i) * DAY_MS, payer, 'collector', 150))], 'CN-SV-10')).toEqual([]);
  });
});

test('CN-SV-11: a new instrument, resold within 72 hours at 70 % of the reference; later or dearer, none', () => {
  const facts = (afterHours: number, yuan: number): Fact[] => [
    ...quietMarket(20),
    { kind: 'instrument', id: 'i1', at: START, account: 'new' },
    trade(HOUR_MS, 'amy', 'new', { item: 'key' }),
    trade(HOUR_MS + afterHours * HOUR_MS, 'new', 'bob', { item: 'key', yuan }),
  ];
  expect(run(facts(60, 130), 'CN-SV-11')).toMatchObject([{ accountRefs: ['new'] }]);
  expect(run(facts(60, 150), 'CN-SV-11')).toEqual([]);
  expect(run(facts(73, 130), 'CN-SV-11')).toEqual([]);
  // Hours in which it could not be resold are not counted.
  const withProtection = facts(73, 130).map((fact) =>
    fact.kind === 'trade' && fact.buyer === 'new' ? { ...fact, freeAt: START + 5 * HOUR_MS } : fact,
  );
  expect(run(withProtection, 'CN-SV-11')).toMatchObject([{ accountRefs: ['new'] }]);
});

test('CN-SV-12: a disputed payment names the item’s later sales, also those after the dispute; a sale of another item, none', () => {
  const [first, second, third] = [
    trade(0, 'a', 'thief', { item: 'key' }),
    trade(1, 'thief', 'b', { item: 'key' }),
    trade(3, 'b', 'c', { item: 'key' }),
  ];
  const dispute: Fact = { kind: 'dispute', id: 'd', at: START + 2, tradeId: first.id };
  expect(evidence(run([first, second, dispute, third], 'CN-SV-12'))).toEqual(idsOf([first, second, third]));
  expect(run([first, trade(1, 'thief', 'b'), dispute], 'CN-SV-12')).toEqual([]);
});

test('CN-SV-13: the studio, or an account linked with it, deals in its own game; another studio’s game is none of it', () => {
  const account: Fact = { kind: 'account', id: 'x', at: START, ref: 'studio-acc', isMinor: false, issuer: 'std_1' };
  const link: Fact = { kind: 'link', id: 'l', at: START, a: 'studio-acc', b: 'staff', reason: 'declared' };
  const own = trade(1, 'staff', 'bob', { issuer: 'std_1' });
  expect(evidence(run([account, link, own, trade(2, 'staff', 'bob', { issuer: 'std_2' })], 'CN-SV-13'))).toEqual([own.id]);
});

test('CN-SV-14: round prices that jump in a kind without Benford’s digits point at the kind and at no trade', () => {
  const usual = Array.from({ length: 900 }, (_, i) => trade(i * HOUR_MS * 2, `s${i}`, `b${i}`, { yuan: 500.17 + (i % 40) }));
  const jump = Array.from({ length: 40 }, (_, i) => trade(80 * DAY_MS + i * MINUTE, `s${i}`, `b${i}`, { yuan: 500 }));
  expect(run([...usual, ...jump], 'CN-SV-14')).toMatchObject([{ tradeIds: [], accountRefs: [], figures: { classId: 'sword' } }]);
  expect(run(usual, 'CN-SV-14')).toEqual([]);
});

test('CN-SV-15: turnover explodes between new accounts; carried by known ones it is none', () => {
  const many = (name: string) => Array.from({ length: 40 }, (_, i) => trade(i * MINUTE, `${name}s${i % 9}`, `${name}b${i % 9}`));
  const [alert] = run([...quietMarket(40), ...many('new')], 'CN-SV-15');
  expect(alert).toMatchObject({ typology: 'burst', figures: { newShare: '100.0 %' } });
  const known = quietMarket(40).map((each, i) => ({ ...each, seller: `s${i % 9}`, buyer: `b${i % 9}` }));
  expect(run([...known, ...many('')], 'CN-SV-15')).toEqual([]);
});

test('CN-SV-16: three gifts one way worth 3,000.00; with one back, or two, none', () => {
  const gift = (at: number, from: string, to: string): Fact => {
    next += 1;
    return { kind: 'gift', id: `g${next}`, at: START + at, itemId: `i${next}`, classId: 'crown', from, to };
  };
  const market = quietMarket(20, 1_200, 'crown');
  const gifts = [0, 1, 2].map((day) => gift(day * DAY_MS, 'amy', 'bob'));
  expect(evidence(run([...market, ...gifts], 'CN-SV-16'))).toEqual(idsOf(gifts));
  expect(run([...market, gift(-DAY_MS, 'bob', 'amy'), ...gifts], 'CN-SV-16')).toEqual([]);
  expect(run([...market, ...gifts.slice(1)], 'CN-SV-16')).toEqual([]);
});

test('CN-SV-17: two different signs within 30 days; the same one twice is none', () => {
  const signal = (id: string, name: string, day = 0): Fact => ({
    kind: 'signal',
    id,
    at: START + day * DAY_MS,
    account: 'kid',
    signal: name,
  });
  expect(run([signal('1', 'school_hours'), signal('2', 'small_steps')], 'CN-SV-17')).toMatchObject([{ accountRefs: ['kid'] }]);
  expect(run([signal('1', 'school_hours'), signal('2', 'school_hours')], 'CN-SV-17')).toEqual([]);
  expect(run([signal('1', 'school_hours'), signal('2', 'small_steps', 40)], 'CN-SV-17')).toEqual([]);
});

test('a parameter of the pack moves the line, and the pack’s hash is part of the alert’s id', () => {
  const back = [trade(0, 'a', 'b', { item: 'blade' }), trade(30 * DAY_MS, 'b', 'a', { item: 'blade' })];
  const [published] = run(back, 'CN-SV-04');
  expect(run(back, 'CN-SV-04', withConstants(PACK_CN_2026_1, { 'sv04.longWindowDays': '20' }))).toEqual([]);
  const [other] = run(back, 'CN-SV-04', withConstants(PACK_CN_2026_1, { 'sv04.longWindowDays': '40' }));
  expect(other?.tradeIds).toEqual(published?.tradeIds);
  expect(other?.alertId).not.toBe(published?.alertId);
});

test('a lost party accuses nobody', () => {
  const facts = [
    trade(0, 'a', null, { item: 'x' }),
    trade(1, null, 'a', { item: 'x' }),
    trade(2, null, null),
    trade(3, 'a', null, { item: 'x' }),
  ];
  expect(run(facts)).toEqual([]);
});
