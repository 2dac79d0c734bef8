/** Buy orders for any kind that fits a condition (product P-22), through the public API: signed, funded, served in parts, refused. And the
 *  depth of a kind that they stand in (P-15), as a page follows it over the socket. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ANY_CLASS, decodeOrder, decodeSignedOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { fromHex, fromUtf8 } from '#ledger/primitives/bytes.ts';
import { type OrderId, parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { getKindPanels } from '#server/market/kind-panels.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import type { Depth, ListingView, OrderView, PlaceOrderAnswer, Quote } from '#server/trpc/views.ts';
import { countedSides, type DepthPage, openDepthPage, sidesOf } from '#test/support/depth-page.ts';
import { listBroken } from '#test/support/invariants.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { refusalOf } from '#test/support/server.ts';
import { type Actor, type Kind, newReference, openRig, type Rig } from './public-refusals/rig.ts';

let rig: Rig;
let carol: Actor;
let ruby: Kind;
let topaz: Kind;
let glass: Kind;
let items: Readonly<Record<'ruby' | 'topaz' | 'glass', readonly string[]>>;

beforeAll(async () => {
  rig = await openRig();
  carol = await rig.actor('zhou-ning');
  const attributes = [
    { key: 'polish', type: 'decimal', label: { en: 'Polish' } },
    { key: 'set', type: 'enum', label: { en: 'Set' } },
  ];
  const grown = await rig.studio.write('PATCH', `/api/v1/games/${rig.gameId}`, { reference_id: newReference(), attributes });
  expect(grown.status).toBe(200);
  ruby = await rig.kind('ruby', { rarity: 'Rare', attributes: { polish: 0.05, set: 'stones' } });
  topaz = await rig.kind('topaz', { rarity: 'Rare', attributes: { polish: 0.069, set: 'stones' } });
  glass = await rig.kind('glass', { rarity: 'Common', attributes: { polish: 0.9, set: 'stones' } });
  items = { ruby: await rig.mint(ruby, rig.amy, 6), topaz: await rig.mint(topaz, rig.amy, 4), glass: await rig.mint(glass, rig.amy, 2) };
  await rig.bob.client.deposit({ referenceId: newReference(), amountFen: '500000' });
  for (let turn = 0; turn < 4; turn++) {
    rig.server.clock.advance(5_000);
    await rig.settled();
  }
});
afterAll(() => rig.server.stop());

const CONDITION = 'rarity = "rare" and polish < 0.07';

type Wish = Readonly<Partial<Record<'expression', string> & Record<'quantity' | 'smallestFill' | 'lifeDays', number>>> & {
  readonly kind?: Kind;
  readonly priceFen?: string;
};
function quoteBuy(who: Actor, { kind = ruby, priceFen = '10000', quantity = 1, ...rest }: Wish): Promise<Quote> {
  return who.client.api.quote.get.mutate({ intent: 'buy_order', classId: parseClassId(kind.classId), priceFen, quantity, ...rest });
}
async function send(who: Actor, quote: Quote): Promise<PlaceOrderAnswer> {
  const [input] = who.client.signSheet([{ quote, referenceId: newReference() }]);
  if (input === undefined) throw new Error('one draft, one order');
  return who.client.api.order.place.mutate(input);
}
async function buy(who: Actor, wish: Wish): Promise<OrderView> {
  const answer = await send(who, await quoteBuy(who, wish));
  if (answer.kind !== 'placed') throw new Error(`not placed: ${answer.code}`);
  return answer.order;
}
const quoteServe = (who: Actor, kind: Kind, orderId: OrderId, itemIds: readonly string[]) =>
  who.client.api.quote.get.mutate({
    intent: 'serve_buy_order',
    classId: parseClassId(kind.classId),
    itemIds: itemIds.map(parseItemId),
    targetOrderId: orderId,
    priceFen: '1',
    quantity: itemIds.length,
  });
async function serve(who: Actor, kind: Kind, orderId: OrderId, itemIds: readonly string[]) {
  const answer = await send(who, await quoteServe(who, kind, orderId, itemIds));
  if (answer.kind !== 'placed') throw new Error(`not served: ${answer.code}`);
  return answer;
}
const pageOf = (who: Actor, kind: Kind) => who.client.api.itemClass.get.query({ classId: parseClassId(kind.classId) });
const cancel = async (who: Actor, order: OrderView) => {
  const env = rig.sign(who, { kind: 'order_cancel', order: decodeOrder(fromHex(order.orderBytes)) });
  const signedCancel = Buffer.from(encodeTxEnv(env)).toString('hex');
  return who.client.api.order.cancel.mutate({ referenceId: newReference(), orderId: order.orderId, signedCancel });
};

describe('an order for any kind that fits', () => {
  test('is signed for any class with its condition in the terms, funded from the start, and shown where it fits', async () => {
    const before = await rig.bob.client.api.money.get.query();
    const quote = await quoteBuy(rig.bob, { expression: ` ${CONDITION} `, quantity: 5, smallestFill: 2 });
    expect(quote.document).toMatchObject({
      classSerial: ANY_CLASS,
      expression: `game = "${rig.gameId}" and ${CONDITION}`,
      smallestFill: 2,
      youPayFen: '50000',
    });
    const [input] = rig.bob.client.signSheet([{ quote, referenceId: newReference() }]);
    if (input === undefined) throw new Error('one draft, one order');
    expect(decodeSignedOrder(fromHex(input.signedOrder)).order).toMatchObject({ cls: ANY_CLASS, items: [], quantity: 5 });
    const field = fromHex(input.terms[8]?.value ?? '');
    expect(fromUtf8(field.slice(1))).toBe(quote.document.expression);
    const answer = await rig.bob.client.api.order.place.mutate(input);
    if (answer.kind !== 'placed') throw new Error(answer.code);
    const { order } = answer;
    expect(order).toMatchObject({ expression: CONDITION, smallestFill: 2, heldFen: '50000' });
    const held = await rig.bob.client.api.money.get.query();
    expect(BigInt(before.availableFen) - BigInt(held.availableFen)).toBe(50_000n);

    for (const kind of [ruby, topaz]) {
      const page = await pageOf(rig.amy, kind);
      expect(page.buyOrders).toMatchObject([{ orderId: order.orderId, expression: CONDITION, smallestFill: 2, leavesQuantity: 5 }]);
      expect(page.card.highestBuyFen).toBe('10000');
      const depth = await rig.amy.client.api.market.getDepth.query({ classId: parseClassId(kind.classId) });
      expect(depth.buy).toMatchObject([{ priceFen: '10000', quantity: 5 }]);
    }
    expect((await pageOf(rig.amy, glass)).buyOrders).toEqual([]);
    const item = await rig.amy.client.api.item.get.query({ itemId: parseItemId(items.topaz[0] ?? '') });
    expect(item.buyOrders).toMatchObject([{ orderId: order.orderId }]);

    // What does not fit, and what is too little, is refused before anybody signs.
    const refused = async (kind: Kind, itemIds: readonly string[], code: string) =>
      expect((await rig.unchanged(() => refusalOf(quoteServe(rig.amy, kind, order.orderId, itemIds)))).code).toBe(code);
    await refused(glass, items.glass.slice(0, 2), 'order_item_mismatch');
    await refused(ruby, items.ruby.slice(0, 1), 'fill_too_small');
    await refused(ruby, items.ruby.slice(0, 6), 'buy_order_gone');

    // Two of one kind, two of another, and the rest below the smallest fill at once.
    await serve(rig.amy, ruby, order.orderId, items.ruby.slice(0, 2));
    await serve(rig.amy, topaz, order.orderId, items.topaz.slice(0, 2));
    const part = (await rig.bob.client.api.order.list.query({ open: true })).rows.find((row) => row.orderId === order.orderId);
    expect(part).toMatchObject({
      state: 'partially_filled',
      filledQuantity: 4,
      heldFen: '10000',
      fills: [
        { quantity: 2, priceFen: '10000', names: { en: 'ruby' } },
        { quantity: 2, names: { en: 'topaz' } },
      ],
    });
    const last = await serve(rig.amy, ruby, order.orderId, items.ruby.slice(2, 3));
    await rig.settled();
    const [trade] = last.trades;
    if (trade === undefined) throw new Error('a served order has a trade');
    expect(await rig.bob.client.api.trade.get.query({ tradeId: trade.tradeId })).toMatchObject({
      state: expect.stringMatching(/certified|protected/),
    });
    const done = (await rig.bob.client.api.order.list.query({ open: false })).rows.find((row) => row.orderId === order.orderId);
    expect(done).toMatchObject({ state: 'filled', filledQuantity: 5, heldFen: '0', fills: [{}, {}, { quantity: 1 }] });
    // The market's supervisors are told what was sold by its attributes too (V-25).
    const told = (await rig.server.services.outbox.list('sup:market', 0, 1_000)).filter(({ body }) => body.tradeId === trade.tradeId);
    expect(told.map(({ type, body }) => [type, body.attributes])).toEqual([['mkt.trade', { polish: 0.05, set: 'stones' }]]);
    // The register of orders counts all of them against one signed order.
    const { ledger } = rig.server.services;
    expect(ledger.certified.state.orderById(fromHex(order.orderId.slice(4)))).toMatchObject({ quantity: 5, filled: 5 });
    expect(await listBroken(rig.server.database.sql)).toEqual([]);
  });

  test('the preview counts live listings that fit and offers the cheapest first', async () => {
    const list = async (kind: Kind, itemId: string, priceFen: string) => {
      const quote = await rig.amy.client.api.quote.get.mutate({
        intent: 'listing',
        classId: parseClassId(kind.classId),
        itemIds: [parseItemId(itemId)],
        priceFen,
        quantity: 1,
      });
      expect((await send(rig.amy, quote)).kind).toBe('placed');
    };
    await list(ruby, items.ruby[3] ?? '', '30000');
    await list(topaz, items.topaz[2] ?? '', '20000');
    await list(glass, items.glass[0] ?? '', '100');
    const { api } = rig.bob.client;
    const classId = parseClassId(glass.classId);
    expect(await api.market.listFitting.query({ classId, expression: CONDITION })).toMatchObject({
      kinds: 2,
      listings: 2,
      cheapest: [
        { listing: { priceFen: '20000', classId: topaz.classId }, card: { names: { en: 'topaz' } } },
        { listing: { priceFen: '30000', classId: ruby.classId } },
      ],
    });
    expect(await api.market.listFitting.query({ classId })).toMatchObject({
      kinds: 1,
      listings: 1,
      cheapest: [{ listing: { priceFen: '100' } }],
    });
    expect((await refusalOf(api.market.listFitting.query({ classId, expression: 'polish <' }))).code).toBe('expression_malformed');
  });

  test('a kind that fits stands for it, wherever it was asked from; cancelling gives the money back', async () => {
    const order = await buy(rig.bob, { kind: glass, expression: 'polish < 0.06', priceFen: '500' });
    expect(order.classId).toBe(ruby.classId);
    expect((await pageOf(rig.amy, glass)).buyOrders.map((each) => each.orderId)).not.toContain(order.orderId);
    const before = await rig.bob.client.api.money.get.query();
    expect((await cancel(rig.bob, order)).kind).toBe('canceled');
    const after = await rig.bob.client.api.money.get.query();
    expect(BigInt(after.availableFen) - BigInt(before.availableFen)).toBe(500n);
    const late = await refusalOf(quoteServe(rig.amy, ruby, order.orderId, items.ruby.slice(4, 5)));
    expect(late.code).toBe('buy_order_gone');
  });

  test('an attribute that a schema gains later can be asked for at once', async () => {
    await buy(rig.bob, { kind: ruby, priceFen: '100' });
    const attributes = [{ key: 'cut', type: 'text', label: { en: 'Cut' } }];
    await rig.studio.write('PATCH', `/api/v1/games/${rig.gameId}`, { reference_id: newReference(), attributes });
    const order = await buy(rig.bob, { kind: ruby, expression: 'not cut = "round" and polish < 0.06', priceFen: '200' });
    expect((await serve(rig.amy, ruby, order.orderId, items.ruby.slice(4, 5))).trades).toMatchObject([{ quantity: 1 }]);
  });

  test('a signed order that is altered is refused: another condition, another smallest fill, one class', async () => {
    await rig.settled();
    const quote = await quoteBuy(rig.bob, { expression: CONDITION, quantity: 2, smallestFill: 2 });
    const altered = (document: Partial<Quote['document']>) => send(rig.bob, { ...quote, document: { ...quote.document, ...document } });
    for (const change of [{ expression: quote.document.expression.replace('0.07', '0.7') }, { smallestFill: 1 }, { classSerial: 0 }])
      expect(await rig.unchanged(() => altered(change))).toMatchObject({ kind: 'rejected', code: 'quote_invalid' });
    // The quote as it was, the signature over other terms.
    const [other] = rig.bob.client.signSheet([
      { quote: { ...quote, document: { ...quote.document, smallestFill: 1 } }, referenceId: newReference() },
    ]);
    if (other === undefined) throw new Error('one draft, one order');
    const mixed = { ...other, quote: { document: quote.document, sig: quote.sig } };
    expect(await rig.unchanged(() => rig.bob.client.api.order.place.mutate(mixed))).toMatchObject({ code: 'terms_mismatch' });
  });

  test.each([
    ['a condition that ends early', { expression: 'polish <' }, 'expression_malformed', '8'],
    ['17 comparisons', { expression: Array.from({ length: 17 }, () => 'polish < 1').join(' or ') }, 'expression_malformed', '224'],
    ['513 characters', { expression: `polish < 1 and set = "${'x'.repeat(490)}"` }, 'expression_malformed', '512'],
    ['more bytes than a field of the terms holds', { expression: `set = "${'石'.repeat(340)}"` }, 'expression_malformed', '348'],
    ['an attribute that does not exist', { expression: 'colour = "red"' }, 'expression_unknown_attribute', '0'],
    ['a value of another sort', { expression: 'polish < "low"' }, 'expression_type', '9'],
    ['a condition that nothing fits', { expression: 'polish > 5' }, 'expression_fits_nothing', undefined],
    ['a smallest fill above the quantity', { smallestFill: 2 }, 'quantity_out_of_range', undefined],
    ['a smallest fill above what one sale holds', { smallestFill: 33, quantity: 40 }, 'quantity_out_of_range', undefined],
    ['a life of no day', { lifeDays: 0 }, 'life_out_of_range', undefined],
    ['a life of 91 days', { lifeDays: 91 }, 'life_out_of_range', undefined],
  ])('%s is refused', async (_, wish, code, at) => {
    const refusal = await rig.unchanged(() => refusalOf(quoteBuy(rig.bob, wish)));
    expect(refusal).toMatchObject({ code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(refusal.facts?.at).toBe(at);
  });

  test('16 comparisons and a life of 90 days are taken; an unfunded order is not', async () => {
    const expression = Array.from({ length: 16 }, () => 'polish < 0.06').join(' and ');
    const order = await buy(rig.bob, { expression, lifeDays: 90, priceFen: '100' });
    expect(Date.parse(order.expiresAt) - rig.server.clock.now()).toBeGreaterThan(89.9 * 86_400_000);
    const poor = await send(carol, await quoteBuy(carol, { expression: CONDITION, quantity: 4, priceFen: '100000' }));
    expect(poor).toMatchObject({ kind: 'rejected', code: 'insufficient_funds' });
    await rig.settled();
  });
});

describe('the depth of a kind', () => {
  let pearl: Kind;
  let free: string[];
  let page: DepthPage;
  const random = seededRandom('depth');
  const draw = (below: number) => (random.bytes(1)[0] ?? 0) % below;
  const pick = <T>(values: readonly T[]): T | undefined => values[draw(Math.max(1, values.length))];

  beforeAll(async () => {
    pearl = await rig.kind('pearl', { rarity: 'Rare', attributes: { polish: 0.01, set: 'stones' } });
    free = [...(await rig.mint(pearl, rig.amy, 24))];
    for (const who of [rig.bob, carol]) await who.client.deposit({ referenceId: newReference(), amountFen: '400000' });
    await pass(20);
    page = await openDepthPage(rig.server.base, pearl.classId);
    page.take(await snapshot());
  });
  afterAll(() => page.close());

  const chartOf = () => ({ classId: parseClassId(pearl.classId), interval: '1h', range: '7d', filtered: false }) as const;
  const panels = () => carol.client.api.itemClass.getPanels.query(chartOf());
  const snapshot = async () => (await panels()).depth;
  async function pass(minutes: number): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      rig.server.clock.advance(minutes * 20_000);
      await rig.settled();
    }
  }
  async function list(itemId: string, priceFen: string) {
    const wish = {
      intent: 'listing',
      classId: parseClassId(pearl.classId),
      itemIds: [parseItemId(itemId)],
      priceFen,
      quantity: 1,
    } as const;
    expect((await send(rig.amy, await rig.amy.client.api.quote.get.mutate(wish))).kind).toBe('placed');
  }
  async function take(who: Actor, listing: ListingView, payFrom: 'balance' | 'outside' = 'balance') {
    const { orderId: targetOrderId, priceFen, items: offered } = listing;
    const wish = { intent: 'take_listing', classId: parseClassId(pearl.classId), targetOrderId, priceFen, quantity: 1, payFrom } as const;
    const quote = await who.client.api.quote.get.mutate({ ...wish, itemIds: offered.map(({ itemId }) => itemId) });
    expect((await send(who, quote)).kind).toBe('placed');
  }
  const ordersOf = async (who: Actor) =>
    (await who.client.api.order.list.query({ open: true })).rows.filter(({ classId }) => classId === pearl.classId);

  /** Page, server and tables say the same. */
  async function agree(): Promise<Depth> {
    const server = await carol.client.api.market.getDepth.query({ classId: parseClassId(pearl.classId) });
    // A book that nobody has asked for in ten minutes is given up, and its number with it.
    if (page.state().book?.bookId !== server.bookId) page.take(server);
    await vi.waitUntil(() => page.state().book?.bookSeq === server.bookSeq, { timeout: 60_000, interval: 5 });
    const { book, ...rest } = page.state();
    expect({ ...book, ...rest }).toEqual({ ...server, height: book?.height, ahead: [], isMissing: false });
    const shown = await panels();
    expect(sidesOf(server)).toEqual(countedSides(shown.page));
    expect(shown.depth).toEqual({ ...server, height: shown.page.height });
    return server;
  }

  const STEPS: Readonly<Record<string, () => Promise<unknown>>> = {
    list: async () => {
      const itemId = free.pop();
      if (itemId !== undefined) await list(itemId, `${draw(5) + 6}00`);
    },
    want: () => buy(pick([rig.bob, carol]) ?? carol, { kind: pearl, priceFen: `${draw(5) + 1}00`, quantity: draw(3) + 1 }),
    wantAny: () => buy(rig.bob, { kind: ruby, expression: CONDITION, priceFen: `${draw(5) + 1}00`, quantity: 2 }),
    take: async () => {
      const listing = pick((await pageOf(carol, pearl)).listings.filter(({ state }) => state === 'live'));
      if (listing !== undefined) await take(pick([rig.bob, carol]) ?? carol, listing);
    },
    serve: async () => {
      const order = (await pageOf(carol, pearl)).buyOrders[0];
      const itemId = free.pop();
      if (order !== undefined && itemId !== undefined) await serve(rig.amy, pearl, order.orderId, [itemId]);
    },
    cancel: async () => {
      const who = pick([rig.amy, rig.bob, carol]) ?? carol;
      const order = pick(await ordersOf(who));
      if (order !== undefined) await cancel(who, order);
    },
  };

  test('a page that follows the numbers has what the server has after every order, fill and cancel', async () => {
    await list(free.pop() ?? '', '900');
    for (let step = 0; step < 14; step++) {
      await (step < 6 ? STEPS[Object.keys(STEPS)[step] ?? ''] : pick(Object.values(STEPS)))?.();
      await agree();
      await rig.settled();
      rig.server.clock.advance(20_000);
    }
    expect(page.numbers).toEqual(Array.from({ length: page.numbers.length }, (_, index) => index + 1));
    expect(page.numbers.length).toBeGreaterThan(12);
  });

  test('all panels are of one snapshot: what is committed while they are read stands in none of them, and is told by number', async () => {
    const { services } = rig.server;
    const before = await services.market.getDepth(parseClassId(pearl.classId));
    const read = (work: () => Promise<unknown>) =>
      readSnapshot(services, null, async (moment) => {
        await work();
        return getKindPanels(services, moment, { chart: chartOf(), before });
      });
    const shown = await read(async () => {
      await list(free.pop() ?? '', '850');
      await list(free.pop() ?? '', '840');
      await STEPS.take?.();
    });
    const now = await panels();
    expect(shown?.page.listings.length).toBe(now.page.listings.length - 1);
    expect(shown?.page.recentTrades.length).toBe(now.page.recentTrades.length - 1);
    expect(sidesOf(shown?.depth ?? before)).toEqual(sidesOf(before));
    expect(shown?.depth.height).toBe(shown?.page.height);
    // The number is older than what this one shows: changes that stand in it already do no harm.
    const later = await read(async () => {});
    expect(sidesOf(later?.depth ?? before)).toEqual(sidesOf(now.depth));
    page.take(later?.depth ?? before);
    await agree();
  });

  test('a change that is lost on the way is noticed by the next one and mended by a new snapshot', async () => {
    page.lose(1);
    await STEPS.want?.();
    await vi.waitUntil(() => page.toLose() === 0, { timeout: 60_000, interval: 5 });
    expect(page.state().isMissing).toBe(false);
    await STEPS.want?.();
    await vi.waitUntil(() => page.state().isMissing, { timeout: 60_000, interval: 5 });
    page.take(await snapshot());
    await agree();
    await STEPS.cancel?.();
    await agree();
  });

  test('a listing that is promised, frozen or over leaves the book, and comes back when it is free', async () => {
    const itemId = free.pop() ?? '';
    await list(itemId, '77');
    expect((await agree()).sell[0]).toEqual({ priceFen: '77', count: 1, quantity: 1, cumulative: 1 });
    const isShown = async () => (await agree()).sell[0]?.priceFen === '77';
    const [listing] = (await pageOf(carol, pearl)).listings;
    if (listing === undefined) throw new Error('it was listed');
    await take(carol, listing, 'outside');
    expect(await isShown()).toBe(false);
    await pass(16);
    expect(await isShown()).toBe(true);
    const { serial } = await rig.itemOf(itemId);
    const until = BigInt(rig.server.clock.now() + 3_600_000);
    await rig.supervise({ kind: 'freeze', target: { kind: 'item', serial }, until, doc: new Uint8Array(32) });
    await vi.waitUntil(async () => !(await isShown()), { timeout: 60_000 });
    expect((await pageOf(carol, pearl)).listings[0]).toMatchObject({ orderId: listing.orderId, state: 'suspended' });
    await pass(61);
    expect(await isShown()).toBe(true);
    await rig.server.services.market.endOrders([listing.orderId], 'order_expired');
    expect(await isShown()).toBe(false);
  });
});
