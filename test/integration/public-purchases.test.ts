/** Buying from outside and editing orders as anyone meets them: over HTTP, refused with a stable code and a sentence, and nothing changed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assert } from '#ledger/primitives/assert.ts';
import { refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld } from './public-refusals/market-cases.ts';
import { openRig, type Rig } from './public-refusals/rig.ts';

let rig: Rig;
let market: MarketWorld;
beforeAll(async () => {
  rig = await openRig();
  market = await openMarketWorld(rig);
});
afterAll(() => rig.server.stop());

const pay = (checkoutId: string, who = rig.bob) => who.client.api.checkout.pay.mutate({ checkoutId, way: 'at_once' });
async function outside(itemId: string) {
  const order = await market.list(itemId);
  const wish = { intent: 'take_listing', itemIds: [itemId], targetOrderId: order.orderId } as const;
  const input = market.input(rig.bob, await market.quote(rig.bob, { ...wish, payFrom: 'outside' }));
  const answer = await rig.bob.client.api.order.place.mutate(input);
  assert(answer.kind === 'placed', 'it is reserved');
  const tradeId = answer.trades[0]?.tradeId ?? '';
  await rig.server.services.market.turnClocks();
  return { order, wish, tradeId, checkoutId: tradeId.replace('trd_', 'pay_') };
}

test('a reserved listing is shown as reserved and sold to nobody else; the payment is its buyer’s alone and made once', async () => {
  const { order, wish, tradeId, checkoutId } = await outside(market.items[2] ?? '');
  const page = await rig.amy.client.api.itemClass.get.query({ classId: order.classId });
  expect(page.listings.find(({ orderId }) => orderId === order.orderId)).toMatchObject({ state: 'reserved' });
  const zhou = await rig.actor('zhou-ning');
  expect(await rig.unchanged(() => refusalOf(market.quote(zhou, wish)))).toMatchObject({ code: 'listing_reserved' });
  expect(await rig.unchanged(() => refusalOf(pay(checkoutId, rig.amy)))).toMatchObject({ code: 'checkout_unknown' });
  expect(await rig.unchanged(() => refusalOf(pay(`pay_${'0'.repeat(32)}`)))).toMatchObject({ code: 'checkout_unknown' });
  expect(await rig.unchanged(() => refusalOf(rig.amy.client.api.checkout.get.query({ checkoutId })))).toMatchObject({
    code: 'checkout_unknown',
  });
  expect(await pay(checkoutId)).toMatchObject({ state: 'accepted', isSimulated: true });
  expect(await rig.unchanged(() => refusalOf(pay(checkoutId)))).toMatchObject({ code: 'checkout_closed' });
  for (let turn = 0; turn < 8; turn++) {
    rig.server.clock.advance(1_000);
    await rig.settled();
  }
  const trade = await rig.bob.client.api.trade.get.query({ tradeId });
  expect(trade).toMatchObject({ state: 'protected', payment: { kind: 'purchase', state: 'paid', tradeId } });
  expect((await rig.amy.client.api.trade.get.query({ tradeId })).payment).toBeNull();
  expect((await rig.bob.client.api.money.get.query()).differenceFen).toBe('0');
});

test('nobody pays: the trade fails by name and the money page says why', async () => {
  const { order, wish, tradeId, checkoutId } = await outside(market.items[3] ?? '');
  rig.server.clock.advance(900_000);
  await rig.settled();
  expect(await rig.unchanged(() => refusalOf(pay(checkoutId)))).toMatchObject({ code: 'checkout_closed' });
  expect(await rig.bob.client.api.trade.get.query({ tradeId })).toMatchObject({ state: 'failed', reason: 'payment_missing' });
  const { transfers } = await rig.bob.client.api.money.get.query();
  expect(transfers.find((row) => row.tradeId === tradeId)).toMatchObject({ state: 'failed', reason: 'timeout' });
  expect(await market.quote(rig.bob, wish)).toMatchObject({ document: { targetOrderId: order.orderId } });
});

test('an edit is refused by name: another’s order, one that was not quoted, too soon, one that is over', async () => {
  const itemId = market.items[4] ?? '';
  const order = await market.list(itemId);
  const wish = { intent: 'listing', itemIds: [itemId], priceFen: '90000', replaces: order.orderId } as const;
  expect(await rig.unchanged(() => refusalOf(market.quote(rig.bob, wish)))).toMatchObject({ code: 'not_your_order' });
  expect(await rig.unchanged(() => refusalOf(market.quote(rig.amy, { ...wish, intent: 'buy_order', itemIds: [] })))).toMatchObject({
    code: 'terms_mismatch',
  });
  expect(await rig.unchanged(() => refusalOf(market.quote(rig.amy, { ...wish, replaces: `ord_${'1'.repeat(64)}` })))).toMatchObject({
    code: 'order_unknown',
  });
  const quote = await market.quote(rig.amy, wish);
  expect(await rig.unchanged(() => market.place(rig.amy, market.input(rig.amy, quote)))).toBe('terms_mismatch');
  expect(await rig.unchanged(() => market.replace(rig.amy, market.listed, quote))).toBe('terms_mismatch');
  expect(await rig.unchanged(() => market.replace(rig.amy, order, quote))).toBe('price_change_too_soon');
  rig.server.clock.advance(300_000);
  const later = await market.quote(rig.amy, wish);
  expect(await market.replace(rig.amy, order, later)).toBe('replaced');
  expect(await rig.unchanged(() => market.replace(rig.amy, order, later))).toBe('order_closed');
  expect(await rig.unchanged(() => refusalOf(market.quote(rig.amy, wish)))).toMatchObject({ code: 'order_closed' });
});

test('listing.replace takes listings only, and nothing that is not a replacement', async () => {
  const { api } = rig.bob.client;
  const place = market.input(rig.bob, await market.quote(rig.bob, { intent: 'buy_order', priceFen: '100' }));
  const { referenceId, ...placing } = place;
  const body = { referenceId, cancel: { orderId: market.listed.orderId, signedCancel: '00' }, place: placing };
  expect(await rig.unchanged(() => refusalOf(api.listing.replace.mutate(body)))).toMatchObject({ code: 'terms_mismatch' });
  const answer = await rig.unchanged(() => api.order.replace.mutate(body));
  expect(answer).toMatchObject({ kind: 'rejected', code: 'order_malformed' });
});
