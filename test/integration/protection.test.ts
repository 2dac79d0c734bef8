/** The ledger counts protection from the time of the block, later than the trade took its place: a resale waits for the later of the two. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseClassId, parseItemId, parseOrderId } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import { listSealedLots, openLots } from '#server/takeover/sealed-purchases.repo.ts';
import { holdSellersOfToday, keepSealed, UNKNOWN_SALES_HOLD } from '#server/takeover/sealed-purchases.ts';
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

test('after a takeover that lacks the figures of a purchase its item waits for a hand-over, and nobody sells by what the owner before had paid', async () => {
  await m.fund(m.amy, 5_000_000n);
  const [row] = await m.sql<{ class_id: string; item_id: string; order_id: string }[]>`
    select o.class_id, n.item_id, o.order_id from market.orders o join market.order_items n using (order_id) where o.ended_at is null`;
  if (row === undefined) throw new Error('the resale of the test before stands');
  const request = { classId: parseClassId(row.class_id), itemIds: [parseItemId(row.item_id)] } as const;
  placed(await m.place(m.amy, await m.quote(m.amy, { ...request, intent: 'take_listing', targetOrderId: parseOrderId(row.order_id) })));
  await m.certify();
  m.clock.advance(2 * WINDOW_MS);
  await m.certify();
  const listing = { ...request, intent: 'listing', priceFen: fen(15_000n) } as const;
  const quoted = await m.quote(m.amy, listing);
  expect(quoted.document).toMatchObject({ costSource: 'PLATFORM_RECORD', costBasisFen: '12000' });

  // As a takeover finds it: the entries name a sale that no key opens.
  await query(m.sql, 'delete from custody.lots where item_id = $1 and acct = $2 and cost_fen = 12000', [row.item_id, m.amy.acct]);
  await query(m.sql, `update custody.hops set trade_id = 'trd_${'f'.repeat(32)}' where item_id = $1 and to_acct = $2 and act = 'sold'`, [
    row.item_id,
    m.amy.acct,
  ]);
  expect((await m.quote(m.amy, listing)).document.costBasisFen).not.toBe('10000');
  expect(await m.sql.begin((tx) => keepSealed(tx, false))).toBe(1);
  await expect(m.quote(m.amy, listing)).rejects.toThrow('purchase_sealed');
  expect(await m.place(m.amy, quoted)).toMatchObject({ kind: 'rejected', code: 'purchase_sealed' });

  await query(m.sql, 'update custody.hops set trade_id = null, at = $2 where item_id = $1 and from_acct = $3', [
    row.item_id,
    new Date(m.clock.now()),
    m.bob.acct,
  ]);
  await m.sql.begin((tx) => holdSellersOfToday(tx, false, m.clock.now()));
  expect((await m.bob.player()).holds).toMatchObject([{ code: UNKNOWN_SALES_HOLD }]);

  await m.sql.begin(async (tx) => {
    const sealed = await listSealedLots(tx);
    await openLots(
      tx,
      sealed.map((lot) => ({ ...lot, costFen: 12_000n })),
    );
  });
  const opened = await m.quote(m.amy, listing);
  expect(opened.document).toMatchObject({ costSource: 'PLATFORM_RECORD', costBasisFen: '12000' });
  expect(placed(await m.place(m.amy, opened)).order.state).toBe('new');
});
