/** Ceilings of the rule pack on one person (rulebook 10.2, 11) in the market itself: with what was traded in the window and the worst case
 *  of what is open, no order goes over one, however many come at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { constantOf, rememberPack } from '#sandbox/packs/pack.ts';
import type { CapRule, RulePack } from '#sandbox/packs/rule-pack.ts';
import { DEFAULT_OPTIONS } from '#sandbox/replay/inputs.ts';
import { replay } from '#sandbox/replay/replay.ts';
import { readInputs } from '#server/compliance/replays.ts';
import type { OrderView, PlaceOrderAnswer } from '#server/trpc/views.ts';
import { assertInvariants, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

const DAY_MS = 86_400_000;
const SOLD_A_DAY = 100_000n;
const BOUGHT_A_DAY = 60_000n;
const TRADES_A_DAY = 8n;

const cap = (id: string, rule: Pick<CapRule, 'subject' | 'measure' | 'max'>): CapRule => ({
  ...rule,
  id,
  ruleId: id,
  citation: 'test',
  confidence: 'DESIGN',
  window: 'DAY',
  inclusive: true,
  onExceed: 'BLOCK_UNTIL_NEXT_WINDOW',
});
const CAPPED: RulePack = {
  ...CN,
  version: '2026.1-capped',
  constants: {
    ...CN.constants,
    soldADay: { ...constantOf(CN, 'unitPriceMax'), value: String(SOLD_A_DAY) },
    boughtADay: { ...constantOf(CN, 'unitPriceMax'), value: String(BOUGHT_A_DAY) },
    tradesADay: { ...constantOf(CN, 'unitPriceMax'), unit: 'count', value: String(TRADES_A_DAY) },
  },
  caps: [
    cap('SOLD', { subject: 'SELLER_PERSON', measure: 'SALES_GROSS', max: 'soldADay' }),
    cap('BOUGHT', { subject: 'BUYER_PERSON', measure: 'PAY_IN', max: 'boughtADay' }),
    cap('SALES', { subject: 'SELLER_PERSON', measure: 'COUNT', max: 'tradesADay' }),
  ],
};

let m: TestMarket;
let sword: Kind;
let shown: Kind;
let items: ItemId[];
let day = '';
beforeAll(async () => {
  m = await openTestMarket();
  for (const who of [m.bob, m.cid]) await m.fund(who, 2_000_000n);
  sword = await m.kind('sword');
  shown = await m.kind('shown', { publicityHours: 24 });
  items = [...(await m.mint(sword, m.amy, 60))];
  const { demo, chain } = m.ledger;
  if (demo === null) throw new Error('a demonstration chain');
  const now = m.clock.now();
  const op = {
    kind: 'rule_pack_activate',
    jurisdiction: 'CN',
    pack: fromHex(rememberPack(CAPPED), 32),
    from: BigInt(now),
    tighten: 1,
  } as const;
  const window = { notBefore: BigInt(now - 1000), notAfter: BigInt(now + 3_600_000) };
  const [result] = await m.market.sequence(demo.supervisor.batchSign([{ chain, salt: m.random.bytes(16), ...window, op }]));
  expect(result?.kind).toBe('sequenced');
  await m.certify();
  day = beijingDate(m.clock.now());
});
afterAll(() => m.stop());

const nextItems = (count: number): readonly ItemId[] => items.splice(0, count);
const nextDay = async () => {
  m.clock.advance(DAY_MS);
  await m.certify();
};
/** An instant of its own for each question: a replay knows no order within one. */
const ask = (who: Trader, wish: Parameters<TestMarket['quote']>[1]) => {
  m.clock.advance(1);
  return m.quote(who, wish);
};
const list = (who: Trader, itemIds: readonly ItemId[], price: bigint) =>
  ask(who, { intent: 'listing', classId: sword.classId, itemIds, priceFen: fen(price), quantity: itemIds.length });
const wish = (who: Trader, price: bigint, quantity: number) =>
  ask(who, { intent: 'buy_order', classId: sword.classId, priceFen: fen(price), quantity });
const take = (who: Trader, { orderId }: OrderView, itemIds: readonly ItemId[]) =>
  m.quote(who, { intent: 'take_listing', classId: sword.classId, itemIds, targetOrderId: orderId });
const kindsOf = (answers: readonly PlaceOrderAnswer[]) => answers.map((each) => (each.kind === 'rejected' ? each.code : each.kind));

async function tradedToday(who: Trader) {
  const [row] = await m.sql<{ sold: string; sales: string; bought: string }[]>`
    select coalesce(sum(gross_fen) filter (where seller = ${who.acct}), 0)::text as sold, count(*) filter (where seller = ${who.acct})::text as sales,
      coalesce(sum(gross_fen) filter (where buyer = ${who.acct}), 0)::text as bought
    from market.trades where (settled_at at time zone 'Asia/Shanghai')::date::text = ${beijingDate(m.clock.now())}`;
  return { sold: BigInt(row?.sold ?? '0'), sales: BigInt(row?.sales ?? '0'), bought: BigInt(row?.bought ?? '0') };
}
async function cancelOpen(who: Trader, order: OrderView): Promise<void> {
  expect(await m.cancel(who, order)).toMatchObject({ kind: 'canceled' });
}

test('of many orders placed at once as many are taken as a ceiling has room for, and not a fen more is traded', async () => {
  const offered = nextItems(8);
  const quotes = await Promise.all(offered.map((itemId) => list(m.amy, [itemId], 15_000n)));
  const listed = await Promise.all(quotes.map((quote) => m.place(m.amy, quote)));
  expect(kindsOf(listed).toSorted()).toEqual(['cap_exceeded', 'cap_exceeded', ...Array.from({ length: 6 }, () => 'placed')]);
  const open = listed.flatMap((answer, index) =>
    answer.kind === 'placed' ? [{ order: answer.order, itemIds: offered.slice(index, index + 1) }] : [],
  );
  await expect(list(m.amy, nextItems(1), 10_001n)).rejects.toThrow('cap_exceeded');
  const takings = await Promise.all(open.map(({ order, itemIds }) => take(m.bob, order, itemIds)));
  const wishes = await Promise.all([wish(m.bob, 15_000n, 1), wish(m.bob, 5_000n, 3)]);
  const taken = await Promise.all([...takings, ...wishes].map((quote) => m.place(m.bob, quote)));
  expect(kindsOf(taken).filter((kind) => kind === 'cap_exceeded').length).toBeGreaterThan(0);
  const { bought } = await tradedToday(m.bob);
  const { sold } = await tradedToday(m.amy);
  expect(bought).toBeLessThanOrEqual(BOUGHT_A_DAY);
  expect(sold).toBe(bought);
  for (const who of [m.amy, m.bob]) {
    const orders = [...listed, ...taken].flatMap((answer) => (answer.kind === 'placed' ? [answer.order.orderId] : []));
    await m.market.endOrders(orders, 'test_over');
    expect(await m.sql`select order_id from market.orders where ended_at is null and acct = ${who.acct}`).toEqual([]);
  }
  await assertInvariants(m);
});

test('the own listing is left out where an offer on its item is accepted, and the quote says what the order will', async () => {
  await nextDay();
  const itemIds = nextItems(1);
  const listing = placed(await m.place(m.amy, await list(m.amy, itemIds, SOLD_A_DAY))).order;
  await expect(list(m.amy, nextItems(1), 1n)).rejects.toThrow('cap_exceeded');
  const offer = { intent: 'offer', classId: sword.classId, itemIds, targetOrderId: listing.orderId, priceFen: fen(60_000n) } as const;
  const offered = placed(await m.place(m.bob, await ask(m.bob, offer))).order;
  await expect(wish(m.bob, 1n, 1)).rejects.toThrow('cap_exceeded');
  const yes = { intent: 'accept_offer', classId: sword.classId, itemIds, targetOrderId: offered.orderId, priceFen: fen(60_000n) } as const;
  placed(await m.place(m.amy, await ask(m.amy, yes)));
  expect(await tradedToday(m.amy)).toMatchObject({ sold: 60_000n });
  const left = nextItems(1);
  const rest = placed(await m.place(m.amy, await list(m.amy, left, 40_000n))).order;
  const again = { intent: 'listing', classId: sword.classId, itemIds: left, priceFen: fen(40_000n), replaces: rest.orderId } as const;
  const edited = await ask(m.amy, again);
  expect(await m.replace(m.amy, rest, edited)).toMatchObject({ kind: 'replaced' });
  await expect(list(m.amy, nextItems(1), 1n)).rejects.toThrow('cap_exceeded');
});

test('COUNT counts trades: a listing of many items as many, and the ceiling is free again the next day', async () => {
  await nextDay();
  // Yesterday's listing of 40,000 stands and may sell today.
  await expect(list(m.amy, nextItems(8), 100n)).rejects.toThrow('cap_exceeded');
  const listing = placed(await m.place(m.amy, await list(m.amy, nextItems(7), 100n))).order;
  await cancelOpen(m.amy, listing);
});

test('what waits for the end of its publicity counts on every day until it settles', async () => {
  const [hidden] = [await m.mint(shown, m.cid, 1)];
  await nextDay();
  const wanted = { intent: 'buy_order', classId: shown.classId, priceFen: fen(BOUGHT_A_DAY), quantity: 1 } as const;
  const target = placed(await m.place(m.bob, await ask(m.bob, wanted))).order;
  const serve = { intent: 'serve_buy_order', classId: shown.classId, itemIds: hidden, targetOrderId: target.orderId } as const;
  expect(placed(await m.place(m.cid, await ask(m.cid, serve))).trades).toMatchObject([{ state: 'publicity' }]);
  await expect(wish(m.bob, 1n, 1)).rejects.toThrow('cap_exceeded');
  m.clock.advance(DAY_MS - 1000);
  await expect(wish(m.bob, 1n, 1)).rejects.toThrow('cap_exceeded');
  m.clock.advance(2000);
  await m.certify();
  expect(await tradedToday(m.bob)).toMatchObject({ bought: BOUGHT_A_DAY });
  await expect(wish(m.bob, 1n, 1)).rejects.toThrow('cap_exceeded');
  await nextDay();
  await cancelOpen(m.bob, placed(await m.place(m.bob, await wish(m.bob, 1n, 1))).order);
});

test('policy replay sees the totals that the market saw: without ceilings exactly the refused attempts pass', async () => {
  await nextDay();
  const period = { from: day, to: beijingDate(instant(m.clock.now())), options: DEFAULT_OPTIONS };
  const [row] = await m.sql<{ n: number }[]>`select count(*)::int as n from compliance.decisions where outcome = 'cap_exceeded'`;
  const answer = replay(await readInputs(m.sql, instant(m.clock.now()), CN, period));
  expect(row?.n).toBeGreaterThan(5);
  expect(answer).toMatchObject({
    kind: 'replayed',
    replay: { body: { identity: { equal: true }, decisions: { newlyAllowed: { count: row?.n }, blocked: { count: 0 } } } },
  });
  const same = replay(await readInputs(m.sql, instant(m.clock.now()), CAPPED, period));
  expect(same).toMatchObject({ replay: { rows: [], body: { decisions: { newlyAllowed: { count: 0 }, blocked: { count: 0 } } } } });
});
