/** The ledger counts protection from the time of the block, later than the trade took its place: a resale waits for the later of the two. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

const WINDOW_MS = 168 * 3_600_000;
const LATE_MS = 40_000;

let m: TestMarket;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 5_000_000n);
});
afterAll(() => m.stop());

test('a resale between the end by our clock and the end on the ledger is refused before it is sequenced', async () => {
  const ring = await m.kind('ring');
  const items = await m.mint(ring, m.amy, 1);
  await m.certify();
  const request = { classId: ring.classId, itemIds: items } as const;
  const listing = placed(await m.place(m.amy, await m.quote(m.amy, { ...request, intent: 'listing', priceFen: fen(10_000n) })));
  const settledAt = m.clock.now();
  placed(await m.place(m.bob, await m.quote(m.bob, { ...request, intent: 'take_listing', targetOrderId: listing.order.orderId })));
  m.clock.advance(LATE_MS);
  await m.certify();

  m.clock.advance(WINDOW_MS - LATE_MS + LATE_MS / 2);
  expect(m.clock.now()).toBeGreaterThan(settledAt + WINDOW_MS);
  const resale = { intent: 'listing', classId: ring.classId, itemIds: items, priceFen: fen(12_000n) } as const;
  await expect(m.quote(m.bob, resale)).rejects.toThrow('item_protected');

  m.clock.advance(LATE_MS);
  expect(placed(await m.place(m.bob, await m.quote(m.bob, resale))).order.state).toBe('new');
  await m.certify();
  const refused = await m.sql`select 1 from ledger.ledger_txs where status = 'refused'`;
  expect(refused).toHaveLength(0);
});
