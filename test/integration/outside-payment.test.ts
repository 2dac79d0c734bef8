/** P-21: buying with payment from outside. Item and price are reserved for a quarter of an hour; every way a payment can go has its test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import type { PayWay } from '#server/payments/simulated-checkout.ts';
import { simulatedInstitution } from '#server/payments/simulated-institution.ts';
import { applyProviderEvent } from '#server/payments/transfers.ts';
import type { OrderView } from '#server/trpc/views.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

let m: TestMarket;
let kinds = 0;
beforeAll(async () => {
  m = await openTestMarket();
});
afterAll(() => m.stop());

type World = { readonly kind: Kind; readonly itemId: ItemId; readonly listing: OrderView };
async function listed(price = 50_000n): Promise<World> {
  const kind = await m.kind(`lamp-${kinds++}`);
  const [itemId] = await m.mint(kind, m.amy, 1);
  if (itemId === undefined) throw new Error('one item');
  const quote = await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: fen(price) });
  return { kind, itemId, listing: placed(await m.place(m.amy, quote)).order };
}
const quoteFor = (who: Trader, { kind, itemId, listing }: World, payFrom: 'balance' | 'outside' = 'outside') =>
  m.quote(who, { intent: 'take_listing', classId: kind.classId, itemIds: [itemId], targetOrderId: listing.orderId, payFrom });
async function reserve(who: Trader, world: World) {
  const answer = placed(await m.place(who, await quoteFor(who, world)));
  const tradeId = answer.trades[0]?.tradeId ?? '';
  return { answer, tradeId, checkoutId: tradeId.replace('trd_', 'pay_'), order: answer.order };
}
const pay = async (who: Trader, checkoutId: string, way: PayWay) => {
  await m.market.turnClocks();
  return m.market.payCheckout(await who.player(), checkoutId, way);
};
/** Lets some seconds pass, institution and clocks turning. */
async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < 6; step++) {
    m.clock.advance(Math.round((seconds * 1_000) / 6));
    await m.market.turnClocks();
  }
}
const tradeRow = async (tradeId: string) =>
  (await m.sql`select state, reason, deadline_at from market.trades where trade_id = ${tradeId}`)[0];
const stateOf = async (orderId: string) =>
  (await m.sql<{ state: string }[]>`select state from market.orders where order_id = ${orderId}`)[0]?.state;
const stepsOf = async (tradeId: string) =>
  (await m.sql<{ state: string }[]>`select state from market.trade_states where trade_id = ${tradeId} order by step`).map(
    (row) => row.state,
  );
const transferRow = async (tradeId: string) => (await m.sql`select state, reason from payments.transfers where trade_id = ${tradeId}`)[0];
const balanceOf = async (account: string) =>
  (await m.sql<{ balance_fen: string }[]>`select balance_fen from journal.accounts where account_id = ${account}`)[0]?.balance_fen ?? '0';
const heldAtInstitution = async (who: Trader) =>
  (await m.market.provider.balances(who.acct)).reduce((sum, { amountFen }) => sum + amountFen, 0n);

describe('a purchase paid from outside', () => {
  test('is reserved for a quarter of an hour, and settles when the money is there', async () => {
    const world = await listed(500_000n);
    const { answer, tradeId, checkoutId } = await reserve(m.bob, world);
    expect(answer).toMatchObject({ order: { state: 'new', heldFen: '0' }, trades: [{ state: 'reserved', priceFen: '500000' }] });
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'reserved', deadline_at: new Date(m.clock.now() + 900_000) });
    expect(await stepsOf(tradeId)).toEqual(['reserved']);
    await assertInvariants(m);
    expect(await pay(m.bob, checkoutId, 'at_once')).toEqual({ kind: 'accepted' });
    await assertInvariants(m);
    await pass(12);
    await m.certify();
    expect(await stepsOf(tradeId)).toEqual(['reserved', 'settled', 'certified', 'protected']);
    expect([await stateOf(world.listing.orderId), await stateOf(answer.order.orderId)]).toEqual(['filled', 'filled']);
    expect(await balanceOf(`coming:${m.amy.acct}`)).toBe('465000');
    expect([await balanceOf(`available:${m.bob.acct}`), await balanceOf(`held:${m.bob.acct}`)]).toEqual(['0', '0']);
    expect(await m.sql`select owner from custody.items where item_id = ${world.itemId}`).toEqual([{ owner: m.bob.acct }]);
    await assertInvariants(m);
  });

  test('fails when nobody pays, and the item can be bought again at once', async () => {
    const world = await listed();
    const { tradeId, order } = await reserve(m.bob, world);
    await pass(890);
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'reserved' });
    await pass(12);
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'failed', reason: 'payment_missing', deadline_at: null });
    expect(await stateOf(order.orderId)).toBe('canceled');
    expect(await stateOf(world.listing.orderId)).toBe('new');
    await assertInvariants(m);
    const again = await reserve(m.cid, world);
    expect(await tradeRow(again.tradeId)).toMatchObject({ state: 'reserved' });
    await pay(m.cid, again.checkoutId, 'at_once');
    await pass(12);
    expect(await tradeRow(again.tradeId)).toMatchObject({ state: 'settled' });
    await assertInvariants(m);
  });

  test('money that comes after its time goes back by itself, and the player sees it', async () => {
    const world = await listed(70_000n);
    const { tradeId, checkoutId } = await reserve(m.cid, world);
    expect(await pay(m.cid, checkoutId, 'slow')).toEqual({ kind: 'accepted' });
    const before = await heldAtInstitution(m.cid);
    const seen = new Set<bigint>();
    for (let turn = 0; turn < 80; turn++) {
      m.clock.advance(turn < 40 ? 22_400 : 400);
      await m.market.turnClocks();
      seen.add((await heldAtInstitution(m.cid)) - before);
      if (turn > 36 && turn % 4 === 0) await assertInvariants(m);
    }
    expect(seen).toEqual(new Set([0n, 70_000n]));
    expect(await heldAtInstitution(m.cid)).toBe(before);
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'failed', reason: 'payment_missing' });
    expect(await transferRow(tradeId)).toMatchObject({ state: 'failed' });
    const reasons = await m.sql<{ body: string }[]>`
      select body from outbox.messages where room = ${`player:${m.cid.acct}`} and type = 'money.updated' order by seq`;
    expect(reasons.map(({ body }) => JSON.parse(body).reason)).toEqual(
      expect.arrayContaining(['late_payment_refunding', 'late_payment_refunded']),
    );
    expect(await stateOf(world.listing.orderId)).toBe('new');
  });

  test('a payment told of after its time is late, although the clock of trades has not turned yet', async () => {
    const institution = simulatedInstitution({ sql: m.sql, clock: m.clock, random: m.random });
    const world = await listed();
    const { tradeId, checkoutId } = await reserve(m.bob, world);
    const before = await heldAtInstitution(m.bob);
    await m.market.turnClocks();
    m.clock.advance(899_000);
    expect(await m.market.payCheckout(await m.bob.player(), checkoutId, 'at_once')).toEqual({ kind: 'accepted' });
    m.clock.advance(2_000);
    await institution.turn(async () => false);
    m.clock.advance(1_000);
    await institution.turn(async (event) => {
      await m.sql.begin((tx) => applyProviderEvent(tx, event, m.clock.now()));
      return true;
    });
    expect(await transferRow(tradeId)).toMatchObject({ state: 'failed', reason: 'timeout' });
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'reserved' });
    await pass(12);
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'failed', reason: 'payment_missing' });
    expect(await heldAtInstitution(m.bob)).toBe(before);
    await assertInvariants(m);
  });

  test('a payment that the bank declines ends the reservation at once', async () => {
    const world = await listed();
    const { tradeId, checkoutId } = await reserve(m.bob, world);
    await pay(m.bob, checkoutId, 'declined');
    await pass(12);
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'failed', reason: 'bank_declined' });
    expect(await stateOf(world.listing.orderId)).toBe('new');
    await assertInvariants(m);
  });

  test('while it is reserved nobody else buys it, the seller hears of the trade, and the buyer may give up', async () => {
    const world = await listed();
    await m.fund(m.cid, 600_000n);
    const quote = await quoteFor(m.cid, world, 'balance');
    const { tradeId, order, checkoutId } = await reserve(m.bob, world);
    expect(codeOf(await m.place(m.cid, quote))).toBe('listing_reserved');
    await expect(quoteFor(m.cid, world)).rejects.toThrow('listing_reserved');
    expect(await m.cancel(m.amy, world.listing)).toMatchObject({ kind: 'already_filled', tradeId });
    expect(await m.cancel(m.bob, order)).toMatchObject({ kind: 'canceled', order: { state: 'canceled' } });
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'failed', reason: 'canceled_by_buyer' });
    await assertInvariants(m);
    // Who pays all the same gets the money back.
    await m.market.turnClocks();
    expect((await m.market.payCheckout(await m.bob.player(), checkoutId, 'at_once')).kind).toBe('rejected');
    expect(await m.cancel(m.amy, world.listing)).toMatchObject({ kind: 'canceled' });
    await assertInvariants(m);
  });

  test('two buyers at once: one reserves, the other is told', async () => {
    const world = await listed();
    const [first, second] = [await quoteFor(m.bob, world), await quoteFor(m.cid, world)];
    const codes = await Promise.all([m.place(m.bob, first), m.place(m.cid, second)]);
    expect(codes.map(codeOf).sort()).toEqual(['listing_reserved', 'placed']);
    await assertInvariants(m);
    await pass(960);
  });

  test('paid, but the item was frozen meanwhile: the trade fails and the money is in the balance', async () => {
    const world = await listed(80_000n);
    const { tradeId, checkoutId } = await reserve(m.bob, world);
    const before = BigInt(await balanceOf(`available:${m.bob.acct}`));
    const [row] = await m.sql<{ ledger_serial: string }[]>`select ledger_serial from custody.items where item_id = ${world.itemId}`;
    await m.freeze(BigInt(row?.ledger_serial ?? 0));
    await pay(m.bob, checkoutId, 'at_once');
    await pass(12);
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'failed', reason: 'item_frozen' });
    expect(BigInt(await balanceOf(`available:${m.bob.acct}`)) - before).toBe(80_000n);
    await assertInvariants(m);
  });

  test('a listing that ends within the quarter of an hour is not reserved', async () => {
    const world = await listed();
    m.clock.advance(30 * 86_400_000 - 10 * 60_000);
    expect(codeOf(await m.place(m.bob, await quoteFor(m.bob, world)))).toBe('listing_ends_soon');
    await assertInvariants(m);
  });

  test('somebody else sees no payment order, and one order is paid once', async () => {
    const world = await listed();
    const { checkoutId } = await reserve(m.bob, world);
    await m.market.turnClocks();
    expect(await m.market.findCheckout(await m.cid.player(), checkoutId)).toBeNull();
    expect(await m.market.payCheckout(await m.cid.player(), checkoutId, 'at_once')).toMatchObject({ code: 'checkout_unknown' });
    expect(await m.market.findCheckout(await m.bob.player(), checkoutId)).toMatchObject({
      state: 'open',
      amountFen: '50000',
      isSimulated: true,
    });
    expect(await pay(m.bob, checkoutId, 'at_once')).toEqual({ kind: 'accepted' });
    expect(await pay(m.bob, checkoutId, 'at_once')).toMatchObject({ code: 'checkout_closed' });
    await pass(12);
    await assertInvariants(m);
  });

  test('the market closed and opened again between any two steps forgets nothing', async () => {
    const world = await listed();
    const { tradeId, checkoutId } = await reserve(m.bob, world);
    await m.reopen();
    await pay(m.bob, checkoutId, 'at_once');
    for (let step = 0; step < 24; step++) {
      m.clock.advance(300);
      await m.reopen();
      await m.market.turnClocks();
      await assertInvariants(m);
    }
    expect(await tradeRow(tradeId)).toMatchObject({ state: 'settled' });
  });
});
