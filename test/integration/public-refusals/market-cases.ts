/** Orders, quotes and money through the procedures of the pages: one sound request each, with one thing wrong. */
import { decodeOrder, decodeSignedOrder, encodeSignedOrder, type SignedOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { parseClassId, parseItemId, parseOrderId } from '#ledger/primitives/ids.ts';
import { signOrders } from '#ledger/tx/sign.ts';
import type { ExchangeCode } from '#server/exchange/codes.ts';
import type { OrderView, PlaceOrderInput, Quote } from '#server/trpc/views.ts';
import { type Actor, type Kind, newReference, type Rig } from './rig.ts';

export type MarketWorld = {
  readonly rig: Rig;
  readonly sword: Kind;
  /** Amy's; the first is listed at 1,000 yuan. */
  readonly items: readonly string[];
  readonly listed: OrderView;
  /** Lists an item of Amy's that nobody has touched yet. */
  list(itemId: string): Promise<OrderView>;
  quote(who: Actor, request: QuoteWish): Promise<Quote>;
  input(who: Actor, quote: Quote): PlaceOrderInput;
  place(who: Actor, input: PlaceOrderInput): Promise<string>;
  replace(who: Actor, order: OrderView, quote: Quote): Promise<string>;
  cancel(who: Actor, order: OrderView, signer?: Actor): Promise<string>;
};
export type QuoteWish = {
  readonly intent: Quote['document']['intent'];
  readonly classId?: string;
  readonly itemIds?: readonly string[];
  readonly targetOrderId?: string;
  readonly priceFen?: string;
  readonly quantity?: number;
  readonly timeInForce?: 'gtc' | 'ioc' | 'fok';
  readonly payFrom?: 'balance' | 'outside';
  readonly replaces?: string;
  readonly namedBuyer?: string;
  readonly lifeHours?: number;
  readonly smallestOfferFen?: string;
};

const PRICE = '100000';

export async function openMarketWorld(rig: Rig): Promise<MarketWorld> {
  const { amy, bob } = rig;
  await bob.client.deposit({ referenceId: newReference(), amountFen: '300000' });
  for (let turn = 0; turn < 4; turn++) {
    rig.server.clock.advance(5_000);
    await rig.settled();
  }
  const sword = await rig.kind('sword');
  const items = await rig.mint(sword, amy, 8);
  const quote: MarketWorld['quote'] = (
    who,
    {
      intent,
      classId = sword.classId,
      itemIds = [],
      targetOrderId,
      priceFen = PRICE,
      quantity = 1,
      timeInForce = 'gtc',
      payFrom,
      replaces,
      namedBuyer,
      lifeHours,
      smallestOfferFen,
    },
  ) =>
    who.client.api.quote.get.mutate({
      intent,
      classId: parseClassId(classId),
      itemIds: itemIds.map(parseItemId),
      targetOrderId: targetOrderId === undefined ? null : parseOrderId(targetOrderId),
      priceFen,
      quantity,
      timeInForce,
      payFrom,
      replaces: replaces === undefined ? null : parseOrderId(replaces),
      namedBuyer,
      lifeHours,
      smallestOfferFen,
    });
  const input: MarketWorld['input'] = (who, quoted) => {
    const [signed] = who.client.signSheet([{ quote: quoted, referenceId: newReference() }]);
    if (signed === undefined) throw new Error('one draft gives one order');
    return signed;
  };
  const send = async (who: Actor, placing: PlaceOrderInput) => who.client.api.order.place.mutate(placing);
  const list = async (itemId: string) => {
    const answer = await send(amy, input(amy, await quote(amy, { intent: 'listing', itemIds: [itemId] })));
    if (answer.kind !== 'placed') throw new Error(`not listed: ${answer.code}`);
    return answer.order;
  };
  const listed = await list(items[0] ?? '');
  await rig.settled();
  return {
    rig,
    sword,
    items,
    listed,
    list,
    quote,
    input,
    place: async (who, placing) => {
      const answer = await send(who, placing);
      if (answer.kind !== 'rejected') return answer.kind;
      if (answer.message.length < 15) throw new Error(`${answer.code} has no sentence`);
      return answer.code;
    },
    replace: async (who, order, quoted) => {
      const { referenceId, ...placing } = input(who, quoted);
      const signedCancel = toHex(encodeTxEnv(rig.sign(who, { kind: 'order_cancel', order: decodeOrder(fromHex(order.orderBytes)) })));
      const answer = await who.client.api.order.replace.mutate({
        referenceId,
        cancel: { orderId: order.orderId, signedCancel },
        place: placing,
      });
      if (answer.kind === 'rejected' && answer.message.length < 15) throw new Error(`${answer.code} has no sentence`);
      return answer.kind === 'rejected' ? answer.code : answer.kind;
    },
    cancel: async (who, order, signer = who) => {
      const env = rig.sign(signer, { kind: 'order_cancel', order: decodeOrder(fromHex(order.orderBytes)) });
      const answer = await who.client.api.order.cancel.mutate({
        referenceId: newReference(),
        orderId: order.orderId,
        signedCancel: toHex(encodeTxEnv(env)),
      });
      return answer.kind === 'rejected' ? answer.code : answer.kind;
    },
  };
}

type Change = (input: PlaceOrderInput, world: MarketWorld) => PlaceOrderInput;

function resigned(change: (order: SignedOrder['order']) => SignedOrder['order'], by?: 'amy'): Change {
  return (input, { rig }) => {
    const { order } = decodeSignedOrder(fromHex(input.signedOrder));
    const key = by === undefined ? rig.bob.key() : { ...rig.bob.key(), privateKey: rig.amy.privateKey };
    const [signed] = signOrders(rig.server.services.ledger.sm2, key, [change(order)]);
    return { ...input, signedOrder: signed === undefined ? '' : toHex(encodeSignedOrder(signed)) };
  };
}
function withSig(change: Partial<SignedOrder['sigs'][number]>): Change {
  return (input) => {
    const { order, sigs } = decodeSignedOrder(fromHex(input.signedOrder));
    return { ...input, signedOrder: toHex(encodeSignedOrder({ order, sigs: sigs.map((sig) => ({ ...sig, ...change })) })) };
  };
}

/** Bob takes Amy's listing with a sound quote; then one thing is wrong. */
export const BROKEN_ORDERS: readonly (readonly [string, ExchangeCode, Change])[] = [
  ['cut short', 'order_malformed', (input) => ({ ...input, signedOrder: input.signedOrder.slice(0, -2) })],
  ['empty', 'order_malformed', (input) => ({ ...input, signedOrder: '' })],
  ["for another's account", 'order_malformed', resigned((order) => ({ ...order, acct: new Uint8Array(32) }))],
  ['for another chain', 'wrong_chain', resigned((order) => ({ ...order, chain: new Uint8Array(32) }))],
  ['with another quantity', 'terms_mismatch', resigned((order) => ({ ...order, quantity: 2 }))],
  ['with a later end', 'terms_mismatch', resigned((order) => ({ ...order, notAfter: order.notAfter + 1n }))],
  ['at another target', 'terms_mismatch', (input) => ({ ...input, targetOrderId: null })],
  [
    'with a cheaper quote of its own making',
    'quote_invalid',
    (input) => ({
      ...input,
      quote: { ...input.quote, document: { ...input.quote.document, priceFen: '1', grossFen: '1', youPayFen: '1' } },
    }),
  ],
  ['with a changed quote signature', 'quote_invalid', (input) => ({ ...input, quote: { ...input.quote, sig: '00'.repeat(64) } })],
  ['signed by somebody else', 'sig_invalid', resigned((order) => order, 'amy')],
  ['signed with zeros', 'sig_invalid', withSig({ sig: new Uint8Array(64) })],
  ['of another key epoch', 'key_epoch_stale', withSig({ keyEpoch: 5 })],
  ['of a key that is not there', 'key_unknown', withSig({ keyIdx: 77 })],
];

/** Refused before anything is signed: code → who asks for what. */
export const REFUSED_QUOTES: readonly (readonly [string, ExchangeCode, (world: MarketWorld) => readonly [Actor, QuoteWish]])[] = [
  ['an unknown kind', 'class_unknown', ({ rig }) => [rig.bob, { intent: 'buy_order', classId: `cls_${'0'.repeat(32)}` }]],
  ['an unknown item', 'item_unknown', ({ rig }) => [rig.amy, { intent: 'listing', itemIds: [`itm_${'0'.repeat(32)}`] }]],
  [
    'an unknown listing',
    'listing_gone',
    ({ rig, items }) => [rig.bob, { intent: 'take_listing', itemIds: items.slice(0, 1), targetOrderId: `ord_${'0'.repeat(64)}` }],
  ],
  [
    'an unknown buy order',
    'buy_order_gone',
    ({ rig, items }) => [rig.amy, { intent: 'serve_buy_order', itemIds: items.slice(1, 2), targetOrderId: `ord_${'0'.repeat(64)}` }],
  ],
  [
    'her own listing',
    'self_trade',
    ({ rig, items, listed }) => [rig.amy, { intent: 'take_listing', itemIds: items.slice(0, 1), targetOrderId: listed.orderId }],
  ],
  ["another's item", 'not_owner', ({ rig, items }) => [rig.bob, { intent: 'listing', itemIds: items.slice(1, 2) }]],
  ['a listed item', 'item_held', ({ rig, items }) => [rig.amy, { intent: 'listing', itemIds: items.slice(0, 1) }]],
  ['a price of nothing', 'price_out_of_range', ({ rig }) => [rig.bob, { intent: 'buy_order', priceFen: '0' }]],
  ['a price above a million', 'price_out_of_range', ({ rig }) => [rig.bob, { intent: 'buy_order', priceFen: '100000001' }]],
  ['a machine outside an experiment', 'mechanism_not_granted', ({ rig }) => [rig.bob, { intent: 'matched' }]],
  ['a sale of nothing', 'quantity_out_of_range', ({ rig }) => [rig.amy, { intent: 'listing' }]],
  [
    'a minor',
    'minor_refused',
    ({ rig, items, listed }) => [rig.kim, { intent: 'take_listing', itemIds: items.slice(0, 1), targetOrderId: listed.orderId }],
  ],
];
