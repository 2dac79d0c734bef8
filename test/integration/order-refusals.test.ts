/** Bad input to the write path: a stable code, and nothing changed. Each case starts from one sound listing or quote and breaks one thing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeSignedOrder, encodeSignedOrder, type SignedOrder } from '#ledger/codec/order.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { accountIdBytes, type ItemId, type OrderId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { signOrders } from '#ledger/tx/sign.ts';
import type { Player } from '#server/identity/identity.ts';
import type { PlaceOrderInput } from '#server/trpc/views.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

let m: TestMarket;
let sword: Kind;
let items: readonly ItemId[];
let listed: OrderId;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 300_000n);
  sword = await m.kind('sword');
  items = await m.mint(sword, m.amy, 6);
  const quote = await m.quote(m.amy, { intent: 'listing', classId: sword.classId, itemIds: items.slice(0, 1), priceFen: fen(100_000n) });
  listed = placed(await m.place(m.amy, quote)).order.orderId;
  await m.certify();
});
afterAll(() => m.stop());

const figures = async () => ({
  orders: (await m.sql`select order_id, state, filled from market.orders order by order_id`).map((row) => ({ ...row })),
  trades: await m.sql`select trade_id from market.trades`.then((rows) => rows.length),
  entries: await m.sql`select entry_id from journal.entries`.then((rows) => rows.length),
  holds: await m.sql`select item_id from custody.item_holds where state = 'active'`.then((rows) => rows.length),
  sequenced: await m.sql`select seq from ledger.ledger_txs`.then((rows) => rows.length),
});

/** Sends what a sound client would, with one change, and holds that nothing but the reference was written. */
async function refused(who: Trader, input: PlaceOrderInput, as: Partial<Player> = {}): Promise<string> {
  const before = await figures();
  const answer = await m.market.place({ ...(await who.player()), ...as }, input);
  expect(await figures()).toEqual(before);
  await assertInvariants(m);
  return codeOf(answer);
}
const takeQuote = () =>
  m.quote(m.bob, { intent: 'take_listing', classId: sword.classId, itemIds: items.slice(0, 1), targetOrderId: listed });
const listQuote = (at = 1) =>
  m.quote(m.amy, { intent: 'listing', classId: sword.classId, itemIds: items.slice(at, at + 1), priceFen: fen(100_000n) });

const resign = (who: Trader, change: (order: SignedOrder['order']) => SignedOrder['order'], input: PlaceOrderInput): PlaceOrderInput => {
  const { order, sigs } = decodeSignedOrder(fromHex(input.signedOrder));
  const { keyIdx = 0, keyEpoch = 0 } = sigs[0] ?? {};
  const key = { acct: accountIdBytes(who.acct), keyIdx, keyEpoch, privateKey: who.privateKey };
  const [signed] = signOrders(m.ledger.sm2, key, [change(order)]);
  return { ...input, signedOrder: signed === undefined ? '' : toHex(encodeSignedOrder(signed)) };
};

type Break = (input: PlaceOrderInput) => PlaceOrderInput;
const flip = (hex: string, at: number): string => `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
const cases: readonly (readonly [string, string, Break])[] = [
  ['cut short', 'order_malformed', (input) => ({ ...input, signedOrder: input.signedOrder.slice(0, -2) })],
  ['with a byte too many', 'order_malformed', (input) => ({ ...input, signedOrder: `${input.signedOrder}00` })],
  ['with terms missing', 'order_malformed', (input) => ({ ...input, terms: input.terms.slice(1) })],
  [
    'with another salt in its terms',
    'terms_mismatch',
    (input) => ({ ...input, terms: input.terms.map((field) => ({ ...field, salt: flip(field.salt, 3) })) }),
  ],
  [
    'with a signature changed',
    'sig_invalid',
    (input) => ({ ...input, signedOrder: flip(input.signedOrder, input.signedOrder.length - 20) }),
  ],
  ['for another chain', 'wrong_chain', (input) => resign(m.bob, (order) => ({ ...order, chain: new Uint8Array(32) }), input)],
  ['for another quantity', 'terms_mismatch', (input) => resign(m.bob, (order) => ({ ...order, quantity: 2 }), input)],
  ['for another account', 'order_malformed', (input) => resign(m.bob, (order) => ({ ...order, acct: accountIdBytes(m.amy.acct) }), input)],
  ['signed by somebody else', 'sig_invalid', (input) => resign({ ...m.bob, privateKey: m.amy.privateKey }, (order) => order, input)],
  [
    'with a cheaper quote of its own making',
    'quote_invalid',
    (input) => ({
      ...input,
      quote: { ...input.quote, document: { ...input.quote.document, priceFen: '1', grossFen: '1', youPayFen: '1' } },
    }),
  ],
  ['at another target than quoted', 'terms_mismatch', (input) => ({ ...input, targetOrderId: null })],
];

test.each(cases)('an order %s is refused: %s', async (_, code, change) => {
  expect(await refused(m.bob, change(m.input(m.bob, await takeQuote())))).toBe(code);
});

test('an old quote is refused with a fresh one', async () => {
  const input = m.input(m.bob, await takeQuote());
  m.clock.advance(61_000);
  const answer = await m.market.place(await m.bob.player(), input);
  expect(answer).toMatchObject({ kind: 'rejected', code: 'quote_expired', freshQuote: { document: { priceFen: '100000' } } });
});

test('people who may not trade are told what is missing', async () => {
  const input = async () => m.input(m.bob, await takeQuote());
  expect(await refused(m.bob, await input(), { hasRecovery: false })).toBe('recovery_required');
  expect(await refused(m.bob, await input(), { birthDate: '2010-01-01' })).toBe('minor_refused');
  expect(await refused(m.bob, await input(), { level: 'R1' })).toBe('level_required');
  const hold = { code: 'recovery_sale', until: instant(m.clock.now() + 3_600_000) };
  expect(await refused(m.amy, m.input(m.amy, await listQuote()), { holds: [hold] })).toBe('sale_on_hold');
});

test('a minor gets no quote', async () => {
  await expect(
    m.quote(m.kim, { intent: 'take_listing', classId: sword.classId, itemIds: items.slice(0, 1), targetOrderId: listed }),
  ).rejects.toThrow('minor_refused');
});

test('unfunded, self-matched, held, protected and gone are refused by name', async () => {
  // Two thirds of Bob's money are bound by a buy order; the listing then costs more than is left.
  const order = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(250_000n) })),
  ).order;
  expect(await refused(m.bob, m.input(m.bob, await takeQuote()))).toBe('insufficient_funds');
  await m.cancel(m.bob, order);
  await expect(
    m.quote(m.amy, { intent: 'take_listing', classId: sword.classId, itemIds: items.slice(0, 1), targetOrderId: listed }),
  ).rejects.toThrow('self_trade');
  await expect(listQuote(0)).rejects.toThrow('item_held');
  await expect(
    m.quote(m.bob, { intent: 'listing', classId: sword.classId, itemIds: items.slice(1, 2), priceFen: fen(1n) }),
  ).rejects.toThrow('not_owner');
  const stale = m.input(m.bob, await takeQuote());
  const bought = placed(await m.place(m.bob, await takeQuote()));
  expect(bought.trades).toHaveLength(1);
  expect(await refused(m.bob, stale)).toBe('listing_gone');
  await m.certify();
  await expect(
    m.quote(m.bob, { intent: 'listing', classId: sword.classId, itemIds: items.slice(0, 1), priceFen: fen(1n) }),
  ).rejects.toThrow('item_protected');
});

test('two listings of one item: the second is refused although its quote was sound', async () => {
  const [first, second] = [m.input(m.amy, await listQuote(2)), m.input(m.amy, await listQuote(2))];
  placed(await m.market.place(await m.amy.player(), first));
  expect(await refused(m.amy, second)).toBe('item_held');
});

test('a listing may change its price once in five minutes', async () => {
  const listing = placed(await m.place(m.amy, await listQuote(3))).order;
  await m.cancel(m.amy, listing);
  expect(await refused(m.amy, m.input(m.amy, await listQuote(3)))).toBe('price_change_too_soon');
  m.clock.advance(5 * 60_000);
  placed(await m.place(m.amy, await listQuote(3)));
});

test.each([0n, 100_000_001n])('a price of %s fen is out of range', async (price) => {
  await expect(m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(price) })).rejects.toThrow('price_out_of_range');
});

test('more than a hundred units are refused', async () => {
  const quote = await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(1n), quantity: 101 });
  expect(await refused(m.bob, m.input(m.bob, quote))).toBe('quantity_out_of_range');
});

test('outside an experiment nothing is matched by machine', async () => {
  await expect(m.quote(m.bob, { intent: 'matched', classId: sword.classId, priceFen: fen(1n) })).rejects.toThrow('mechanism_not_granted');
});

test('a cancel by another person, of an unknown order or twice', async () => {
  const order = placed(await m.place(m.amy, await listQuote(4))).order;
  expect(codeOf(await m.cancel(m.bob, order))).toBe('not_your_order');
  expect(codeOf(await m.cancel(m.amy, order, 'c1'))).toBe('canceled');
  expect(codeOf(await m.cancel(m.amy, order, 'c2'))).toBe('order_closed');
  expect(codeOf(await m.market.cancel(await m.amy.player(), { referenceId: 'c3', orderId: order.orderId, signedCancel: 'ff' }))).toBe(
    'order_malformed',
  );
  await assertInvariants(m);
});
