import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { assertInvariants, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

let m: TestMarket;
beforeAll(async () => {
  m = await openTestMarket();
});
afterAll(() => m.stop());

test('a listing is bought, settled, certified and paid out', async () => {
  const sword = await m.kind('sword');
  const [item] = await m.mint(sword, m.amy, 1);
  await m.fund(m.bob, 2_000_000n);
  const listing = placed(
    await m.place(
      m.amy,
      await m.quote(m.amy, { intent: 'listing', classId: sword.classId, itemIds: [item ?? ('' as never)], priceFen: fen(500_000n) }),
    ),
  );
  expect(listing.order.state).toBe('new');
  const quote = await m.quote(m.bob, {
    intent: 'take_listing',
    classId: sword.classId,
    itemIds: [item ?? ('' as never)],
    targetOrderId: listing.order.orderId,
  });
  const bought = placed(await m.place(m.bob, quote));
  expect(bought.trades).toMatchObject([{ state: 'settled', priceFen: '500000', quantity: 1 }]);
  await assertInvariants(m);
  await m.certify();
  const [trade] = await m.sql`select * from market.trades where trade_id = ${bought.trades[0]?.tradeId ?? ''}`;
  expect(trade).toMatchObject({ state: 'protected', fee_fen: '25000', royalty_fen: '10000', net_fen: '465000' });
  m.clock.advance(169 * 3_600_000);
  await m.certify();
  expect(await m.sql`select state from market.trades`).toMatchObject([{ state: 'paid_out' }]);
  await assertInvariants(m);
});
