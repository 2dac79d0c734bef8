/** P-20, P-37: an order edited in place is a signed cancel and a signed new order, both or neither; it keeps its place when only its
 *  quantity falls, and its price changes once in five minutes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import type { OrderView, ReplaceOrderAnswer } from '#server/trpc/views.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

const PILOT = 'SBX-2026-0001';
let m: TestMarket;
let gem: Kind;
let another: Kind;
let kinds = 0;
beforeAll(async () => {
  m = await openTestMarket();
  // The pilot takes twelve interchangeable kinds.
  for (let index = 0; index < 12; index++) gem = await m.kind(`gem-${String(index).padStart(2, '0')}`, { isInterchangeable: true });
  another = await m.kind('another');
  await m.certify();
  for (const who of [m.amy, m.bob, m.cid]) await m.market.joinExperiment(await who.player(), PILOT, disclosure());
  await m.fund(m.bob, 600_000n);
  await m.fund(m.cid, 600_000n);
});
afterAll(() => m.stop());

const disclosure = () => m.market.experiments.find(PILOT)?.experiment.safeguards.disclosureVersion ?? '';
function replaced(answer: ReplaceOrderAnswer): Extract<ReplaceOrderAnswer, { kind: 'replaced' }> {
  if (answer.kind !== 'replaced') throw new Error(`not replaced: ${codeOf(answer)}`);
  return answer;
}
async function listed(quantity = 1, price = 5_000n) {
  const kind = await m.kind(`fan-${kinds++}`);
  const items = await m.mint(kind, m.amy, quantity);
  const quote = await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds: items, priceFen: fen(price) });
  return { kind, items, order: placed(await m.place(m.amy, quote)).order };
}
const requote = (who: Trader, kind: Kind, order: OrderView, priceFen: Fen, itemIds: readonly ItemId[] = order.heldItems, quantity = 1) =>
  m.quote(who, { intent: order.intent, classId: kind.classId, itemIds, priceFen, quantity, replaces: order.orderId });
const figures = async () => ({
  orders: (await m.sql`select order_id, state, filled, priority from market.orders order by order_id`).map((row) => ({ ...row })),
  entries: (await m.sql`select count(*)::int as n from journal.entries`)[0]?.n,
  holds: (await m.sql`select order_id, item_id, state from custody.item_holds order by order_id, item_id`).map((row) => ({ ...row })),
  sequenced: (await m.sql`select count(*)::int as n from ledger.ledger_txs`)[0]?.n,
});

describe('a listing', () => {
  test('gets another price after five minutes, and the ledger closes the old order', async () => {
    const { kind, items, order } = await listed();
    const tooSoon = await m.replace(m.amy, order, await requote(m.amy, kind, order, fen(4_000n)));
    expect(codeOf(tooSoon)).toBe('price_change_too_soon');
    await assertInvariants(m);
    m.clock.advance(300_000);
    const answer = replaced(await m.replace(m.amy, order, await requote(m.amy, kind, order, fen(4_000n))));
    expect(answer).toMatchObject({
      canceled: { state: 'canceled', heldItems: [] },
      order: { state: 'new', priceFen: '4000', heldItems: items },
    });
    expect(await m.sql`select replaces from market.orders where order_id = ${answer.order.orderId}`).toEqual([{ replaces: order.orderId }]);
    await m.certify();
    const [closed] = await m.sql`select count(*)::int as n from ledger.ledger_txs where status = 'refused'`;
    expect(closed).toEqual({ n: 0 });
    // Closing and listing again counts as well.
    expect(await m.cancel(m.amy, answer.order)).toMatchObject({ kind: 'canceled' });
    const again = await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds: items, priceFen: fen(3_000n) });
    expect(codeOf(await m.place(m.amy, again))).toBe('price_change_too_soon');
    await assertInvariants(m);
  });

  test('with fewer items at the same price keeps its place and its five minutes', async () => {
    const { kind, items, order } = await listed(3);
    m.clock.advance(290_000);
    const answer = replaced(await m.replace(m.amy, order, await requote(m.amy, kind, order, fen(5_000n), items.slice(0, 2))));
    const places = await m.sql`select priority from market.orders where order_id in (${order.orderId}, ${answer.order.orderId})`;
    expect(places[0]).toEqual(places[1]);
    expect(await m.sql`select item_id from custody.item_holds where state = 'active' and item_id = ${items[2] ?? ''}`).toEqual([]);
    m.clock.advance(11_000);
    const cheaper = replaced(
      await m.replace(m.amy, answer.order, await requote(m.amy, kind, answer.order, fen(4_500n), items.slice(0, 2))),
    );
    expect(cheaper.order).toMatchObject({ priceFen: '4500', quantity: 2 });
    await assertInvariants(m);
  });

  test('that was just sold answers with its trade', async () => {
    const { kind, items, order } = await listed();
    m.clock.advance(300_000);
    const quote = await requote(m.amy, kind, order, fen(6_000n));
    const take = await m.quote(m.bob, { intent: 'take_listing', classId: kind.classId, itemIds: items, targetOrderId: order.orderId });
    const bought = placed(await m.place(m.bob, take));
    expect(await m.replace(m.amy, order, quote)).toMatchObject({ kind: 'already_filled', tradeId: bought.trades[0]?.tradeId });
    await assertInvariants(m);
  });

  test('a hundred races of an edit against a sale have no third outcome', async () => {
    const kind = await m.kind('race');
    const items = await m.mint(kind, m.amy, 100);
    const [amy, bob] = [await m.amy.player(), await m.bob.player()];
    const races = await Promise.all(
      items.map(async (itemId) => {
        const listing = await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: fen(100n) });
        return { itemId, order: placed(await m.place(m.amy, listing)).order };
      }),
    );
    m.clock.advance(300_000);
    const outcomes = await Promise.all(
      races.map(async ({ itemId, order }, index) => {
        const edit = m.replaceInput(m.amy, order, await requote(m.amy, kind, order, fen(120n)));
        const buy = m.input(
          m.bob,
          await m.quote(m.bob, { intent: 'take_listing', classId: kind.classId, itemIds: [itemId], targetOrderId: order.orderId }),
        );
        const acts = [() => m.market.replace(amy, edit), () => m.market.place(bob, buy)] as const;
        const [edited, bought] = index % 2 === 0 ? [acts[0](), acts[1]()] : [acts[1](), acts[0]()].reverse();
        assert(edited !== undefined && bought !== undefined, 'two acts');
        return `${codeOf(await edited)} ${codeOf(await bought)}`;
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(['replaced listing_gone', 'already_filled placed']));
    await m.certify();
    await assertInvariants(m);
  });
});

describe('a buy order', () => {
  test('holds the money of the new one, no more and no less', async () => {
    const kind = await m.kind('bell');
    const wish = await m.quote(m.bob, { intent: 'buy_order', classId: kind.classId, priceFen: fen(1_000n), quantity: 3 });
    const { order } = placed(await m.place(m.bob, wish));
    const more = replaced(await m.replace(m.bob, order, await requote(m.bob, kind, order, fen(2_000n), [], 5)));
    expect(more).toMatchObject({ canceled: { heldFen: '0' }, order: { heldFen: '10000', quantity: 5 } });
    const fewer = replaced(await m.replace(m.bob, more.order, await requote(m.bob, kind, more.order, fen(2_000n), [], 2)));
    expect(fewer.order).toMatchObject({ heldFen: '4000', quantity: 2 });
    await assertInvariants(m);
  });

  test('whose new price is not covered stays as it was, holds and place included', async () => {
    const kind = await m.kind('gong');
    const wish = await m.quote(m.bob, { intent: 'buy_order', classId: kind.classId, priceFen: fen(1_000n), quantity: 1 });
    const { order } = placed(await m.place(m.bob, wish));
    const before = await figures();
    const answer = await m.replace(m.bob, order, await requote(m.bob, kind, order, fen(900_000n), [], 1));
    expect(answer).toMatchObject({ kind: 'rejected', code: 'insufficient_funds', facts: { neededFen: '900000' } });
    expect(await figures()).toEqual(before);
    await assertInvariants(m);
  });
});

describe('an order in the matched book', () => {
  const bid = async (who: Trader, price: bigint, quantity: number) =>
    placed(await m.place(who, await m.quote(who, { intent: 'matched', classId: gem.classId, priceFen: fen(price), quantity }))).order;
  const sell = async (price: bigint, quantity: number) => {
    const itemIds = await m.mint(gem, m.amy, quantity);
    return placed(await m.place(m.amy, await m.quote(m.amy, { intent: 'matched', classId: gem.classId, itemIds, priceFen: fen(price) })));
  };
  const buyersOf = async (trades: readonly { readonly tradeId: string }[]) => {
    const rows = await m.sql<
      { buyer: string }[]
    >`select buyer from market.trades where trade_id in ${m.sql(trades.map((t) => t.tradeId))} order by seq`;
    return rows.map(({ buyer }) => (buyer === m.bob.acct ? 'bob' : 'cid'));
  };

  test('stays first when only its quantity falls, also for a market that opens again', async () => {
    const first = await bid(m.bob, 300n, 3);
    await bid(m.cid, 300n, 1);
    const smaller = replaced(await m.replace(m.bob, first, await requote(m.bob, gem, first, fen(300n), [], 2)));
    expect(await buyersOf((await sell(300n, 1)).trades)).toEqual(['bob']);
    await m.reopen();
    expect(await buyersOf((await sell(300n, 2)).trades)).toEqual(['bob', 'cid']);
    expect(await m.sql`select state from market.orders where order_id = ${smaller.order.orderId}`).toEqual([{ state: 'filled' }]);
    await assertInvariants(m);
  });

  test('goes to the end of the line when its price or quantity rises', async () => {
    const first = await bid(m.bob, 400n, 1);
    await bid(m.cid, 400n, 1);
    replaced(await m.replace(m.bob, first, await requote(m.bob, gem, first, fen(400n), [], 2)));
    expect(await buyersOf((await sell(400n, 1)).trades)).toEqual(['cid']);
    await assertInvariants(m);
  });
});

describe('what is refused changes nothing', () => {
  test.each([
    ['somebody else’s order', 'not_your_order', (o: OrderView, kind: Kind) => requote(m.bob, kind, o, fen(4_000n), [])],
    ['an order of another kind', 'terms_mismatch', (o: OrderView) => requote(m.amy, another, o, fen(1n), [])],
  ] as const)('a quote to replace %s: %s', async (_, code, quote) => {
    const { kind, order } = await listed();
    const before = await figures();
    await expect(quote(order, kind)).rejects.toThrow(code);
    expect(await figures()).toEqual(before);
  });

  test('a quote that was not made to replace this order, and one that was, sent as a plain order', async () => {
    const { kind, order } = await listed();
    const other = await listed();
    m.clock.advance(300_000);
    const quote = await requote(m.amy, kind, order, fen(4_000n));
    const before = await figures();
    expect(codeOf(await m.place(m.amy, quote))).toBe('terms_mismatch');
    expect(codeOf(await m.replace(m.amy, other.order, quote))).toBe('terms_mismatch');
    expect(await figures()).toEqual(before);
    await assertInvariants(m);
  });

  test('a forged cancel or a forged new order', async () => {
    const { kind, order } = await listed();
    m.clock.advance(300_000);
    const sound = m.replaceInput(m.amy, order, await requote(m.amy, kind, order, fen(4_000n)));
    const amy = await m.amy.player();
    const flip = (hex: string) => `${hex.slice(0, -20)}${hex.at(-20) === '0' ? '1' : '0'}${hex.slice(-19)}`;
    const before = await figures();
    for (const forged of [
      { ...sound, referenceId: 'forged-1', cancel: { ...sound.cancel, signedCancel: flip(sound.cancel.signedCancel) } },
      { ...sound, referenceId: 'forged-2', place: { ...sound.place, signedOrder: flip(sound.place.signedOrder) } },
    ]) {
      expect(codeOf(await m.market.replace(amy, forged))).toBe('sig_invalid');
    }
    expect(await figures()).toEqual(before);
    // And the sound one, twice: the second answers as the first.
    const first = await m.market.replace(amy, sound);
    expect(first).toMatchObject({ kind: 'replaced', replayed: false });
    expect(await m.market.replace(amy, sound)).toEqual({ ...first, replayed: true });
    await assertInvariants(m);
  });
});
