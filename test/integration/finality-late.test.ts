/** `ledger.md` 6.1: no Trade is sequenced while an earlier one has waited more than 30 s for Finality. Nothing is lost, and it goes on by itself. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { assertInvariants, codeOf, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

let m: TestMarket;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 5_000_000n);
});
afterAll(() => m.stop());

test('while the members are late nothing trades, everything else goes on, and what waited settles when they have caught up', async () => {
  const kind = await m.kind('drum');
  const crown = await m.kind('crown', { publicityHours: 24 });
  const items = await m.mint(kind, m.amy, 4);
  const [crowned] = await m.mint(crown, m.amy, 1);
  const list = async (itemId: (typeof items)[number] | undefined, priceFen = 1_000n) => {
    const itemIds = itemId === undefined ? [] : [itemId];
    return placed(
      await m.place(m.amy, await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds, priceFen: fen(priceFen) })),
    ).order;
  };
  const [first, second] = [await list(items[0]), await list(items[1])];
  const take = async (order: typeof first) =>
    m.quote(m.bob, { intent: 'take_listing', classId: kind.classId, itemIds: order.heldItems, targetOrderId: order.orderId });
  const wanted = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: crown.classId, priceFen: fen(2_000n) })),
  ).order;
  const served = placed(
    await m.place(
      m.amy,
      await m.quote(m.amy, {
        intent: 'serve_buy_order',
        classId: crown.classId,
        itemIds: crowned === undefined ? [] : [crowned],
        targetOrderId: wanted.orderId,
      }),
    ),
  );
  await m.ledger.sealNow();
  m.clock.advance(25 * 3_600_000);
  // A Trade that nobody seals: from now on the members are late. The waiting trade's clock is over as well.
  placed(await m.place(m.bob, await take(first)));
  m.clock.advance(30_001);
  expect(codeOf(await m.place(m.bob, await take(second)))).toBe('finality_late');
  const third = await list(items[2]);
  expect(codeOf(await m.cancel(m.amy, third))).toBe('canceled');
  await m.market.turnClocks();
  const stateOf = async () =>
    (await m.sql<{ state: string }[]>`select state from market.trades where trade_id = ${served.trades[0]?.tradeId ?? ''}`)[0]?.state;
  expect(await stateOf()).toBe('publicity');
  await assertInvariants(m);
  await m.certify();
  expect(await stateOf()).toBe('settled');
  expect(codeOf(await m.place(m.bob, await take(second)))).toBe('placed');
  await m.certify();
  await assertInvariants(m);
});
