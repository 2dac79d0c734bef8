/** The matched book inside experiment SBX-2026-0001 (P-23, rulebook 6.4). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import type { TimeInForce } from '#server/trpc/views.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

const KINDS = 12;
const EXPERIMENT = 'SBX-2026-0001';

let m: TestMarket;
const gems: Kind[] = [];
beforeAll(async () => {
  m = await openTestMarket();
  for (let index = 0; index < KINDS; index++) gems.push(await m.kind(`gem-${String(index).padStart(2, '0')}`, { isInterchangeable: true }));
  await m.fund(m.amy, 4_000_000n);
  await m.fund(m.bob, 4_000_000n);
  await m.fund(m.cid, 4_000_000n);
  await m.certify();
});
afterAll(() => m.stop());

const gem = (at: number): Kind => {
  const kind = gems[at];
  if (kind === undefined) throw new Error('twelve kinds');
  return kind;
};
type Ticket = { readonly price: bigint; readonly quantity?: number; readonly items?: readonly ItemId[]; readonly tif?: TimeInForce };
const order = async (who: Trader, kind: Kind, { price, quantity = 1, items = [], tif = 'gtc' }: Ticket) =>
  m.place(
    who,
    await m.quote(who, { intent: 'matched', classId: kind.classId, itemIds: items, priceFen: fen(price), quantity, timeInForce: tif }),
  );

test('only those who joined after the disclosure may use the book', async () => {
  await expect(order(m.bob, gem(0), { price: 100n })).rejects.toThrow('mechanism_not_granted');
  expect(await m.market.joinExperiment(await m.bob.player(), EXPERIMENT, 'd0')).toMatchObject({
    kind: 'rejected',
    code: 'disclosure_outdated',
  });
  for (const who of [m.amy, m.bob, m.cid])
    expect(await m.market.joinExperiment(await who.player(), EXPERIMENT, 'd1')).toMatchObject({ kind: 'joined' });
  expect(await m.market.joinExperiment(await m.kim.player(), EXPERIMENT, 'd1')).toMatchObject({ code: 'minor_refused' });
});

test('price, then time, at the price of the order that rested; what is left rests with its money held', async () => {
  const kind = gem(1);
  const items = await m.mint(kind, m.amy, 4);
  placed(await order(m.amy, kind, { price: 300n, items: items.slice(0, 1) }));
  placed(await order(m.amy, kind, { price: 200n, items: items.slice(1, 2) }));
  placed(await order(m.amy, kind, { price: 200n, items: items.slice(2, 3) }));
  const taken = placed(await order(m.bob, kind, { price: 250n, quantity: 3 }));
  expect(taken.trades.map((trade) => [trade.priceFen, trade.quantity])).toEqual([
    ['200', 1],
    ['200', 1],
  ]);
  expect(taken.order).toMatchObject({ state: 'partially_filled', filledQuantity: 2, leavesQuantity: 1, heldFen: '250' });
  const last = placed(await order(m.amy, kind, { price: 100n, items: items.slice(3, 4) }));
  expect(last.trades).toMatchObject([{ priceFen: '250' }]);
  expect(await m.sql`select mechanism, experiment_id from market.trades where class_id = ${kind.classId} group by 1, 2`).toEqual([
    { mechanism: 'price_time', experiment_id: EXPERIMENT },
  ]);
  await assertInvariants(m);
  await m.certify();
  await assertInvariants(m);
});

test('of the items signed in one order the oldest lot is delivered first, whatever their order in it', async () => {
  const kind = gem(6);
  const [older] = await m.mint(kind, m.amy, 1);
  m.clock.advance(60_000);
  const newer = await m.mint(kind, m.amy, 2);
  const items = [...newer, ...(older === undefined ? [] : [older])];
  const sale = placed(await order(m.amy, kind, { price: 100n, items, quantity: 3 })).order;
  placed(await order(m.bob, kind, { price: 100n }));
  expect(await m.sql`select owner from custody.items where item_id = ${older ?? ''}`).toEqual([{ owner: m.bob.acct }]);
  expect(placed(await order(m.bob, kind, { price: 100n, quantity: 2 })).trades).toMatchObject([{ quantity: 2 }]);
  expect(await m.sql`select state from market.orders where order_id = ${sale.orderId}`).toEqual([{ state: 'filled' }]);
  await assertInvariants(m);
});

test('ioc ends what is left, fok trades all or nothing, nobody meets himself', async () => {
  const kind = gem(2);
  const items = await m.mint(kind, m.amy, 2);
  placed(await order(m.amy, kind, { price: 100n, items }));
  expect(codeOf(await order(m.bob, kind, { price: 100n, quantity: 3, tif: 'fok' }))).toBe('fill_or_kill');
  expect(codeOf(await order(m.amy, kind, { price: 100n, quantity: 1 }))).toBe('self_trade');
  // Under another account neither.
  const card = new Uint8Array(32).fill(9);
  await m.sql`insert into identity.cards (acct, nonce, sealed, card_hash, last_digits, bound_at)
    select acct, ${card.slice(0, 12)}, ${card}, ${card}, '1234', now() from unnest(${[m.amy.acct, m.bob.acct]}::text[]) as p(acct)
    on conflict (acct) do update set card_hash = excluded.card_hash`;
  expect(codeOf(await order(m.bob, kind, { price: 100n, quantity: 1 }))).toBe('linked_account');
  await m.sql`update identity.cards set card_hash = null`;
  const ioc = placed(await order(m.bob, kind, { price: 100n, quantity: 3, tif: 'ioc' }));
  expect(ioc).toMatchObject({ order: { state: 'canceled', filledQuantity: 2, reason: 'ioc_remainder' }, trades: [{ quantity: 2 }] });
  await assertInvariants(m);
});

test('a cap refuses before anything is matched, and the fixed-price way stays open', async () => {
  const kind = gem(3);
  const items = await m.mint(kind, m.amy, 1);
  const dear = await order(m.bob, kind, { price: 500_100n });
  expect(dear).toMatchObject({ kind: 'rejected', code: 'SBX_CAP_PER_TRADE', facts: { limitFen: '500000' } });
  placed(await order(m.cid, kind, { price: 500_000n }));
  placed(await order(m.cid, kind, { price: 499_000n }));
  expect(codeOf(await order(m.cid, kind, { price: 1_001n }))).toBe('SBX_CAP_PER_PERSON_DAY');
  const fixed = await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds: items, priceFen: fen(600_000n) });
  expect(placed(await m.place(m.amy, fixed)).order.mechanism).toBe('fixed_price');
  await assertInvariants(m);
});

test('a cancel leaves the book and frees its cap; what rests is found again by a new market', async () => {
  const kind = gem(4);
  const bid = placed(await order(m.bob, kind, { price: 1_000n, quantity: 2 })).order;
  const other = placed(await order(m.bob, kind, { price: 900n })).order;
  expect(codeOf(await m.cancel(m.bob, bid))).toBe('canceled');
  const reopened = await m.reopen();
  const items = await m.mint(kind, m.amy, 2);
  const sale = placed(await order(m.amy, kind, { price: 800n, items }));
  expect(sale.trades).toMatchObject([{ priceFen: '900', quantity: 1 }]);
  expect(await m.sql`select state from market.orders where order_id = ${other.orderId}`).toEqual([{ state: 'filled' }]);
  expect(reopened).toBe(true);
  await assertInvariants(m);
});

test('an order of a frozen owner leaves the book before anybody meets it', async () => {
  const kind = gem(5);
  const [item] = await m.mint(kind, m.amy, 1);
  const ask = placed(await order(m.amy, kind, { price: 100n, items: item === undefined ? [] : [item] })).order;
  const [row] = await m.sql<{ ledger_serial: string }[]>`select ledger_serial from custody.items where item_id = ${item ?? ''}`;
  await m.freeze(BigInt(row?.ledger_serial ?? 0));
  const bid = placed(await order(m.bob, kind, { price: 100n }));
  expect(bid.trades).toEqual([]);
  expect(await m.sql`select state, reason from market.orders where order_id = ${ask.orderId}`).toEqual([
    { state: 'canceled', reason: 'item_frozen' },
  ]);
  await assertInvariants(m);
});
