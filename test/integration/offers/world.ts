/** The market, its people and the steps of an offer, for the tests of offers. Opened once for all of them. */
import { expect } from 'vitest';
import { decodeOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { ExchangeCode } from '#server/exchange/codes.ts';
import type { CancelOrderInput, OfferThreadView, OrderView, PlaceOrderAnswer, PlaceOrderInput } from '#server/trpc/views.ts';
import { assertInvariants } from '#test/support/market.ts';
import { refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld, type QuoteWish } from '../public-refusals/market-cases.ts';
import { type Actor, type Kind, newReference, openRig, type Rig } from '../public-refusals/rig.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export let rig: Rig;
export let market: MarketWorld;
export let eve: Actor;
export let harp: Kind;
export let items: string[];
export async function openWorld(): Promise<void> {
  rig = await openRig();
  market = await openMarketWorld(rig);
  eve = await rig.actor('demo-03');
  for (const person of [rig.bob, eve]) await person.client.deposit({ referenceId: newReference(), amountFen: '2000000' });
  await turns(4);
  harp = await rig.kind('harp');
  items = [...(await rig.mint(harp, rig.amy, 90))];
}

export async function turns(count: number, byMs = 5_000): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    rig.server.clock.advance(byMs);
    await rig.settled();
  }
}
export const nextItem = (): string => {
  const item = items.pop();
  if (item === undefined) throw new Error('more items than were minted');
  return item;
};
export const sound = () => assertInvariants({ ...rig.server.services, clock: rig.server.clock });

export function send(who: Actor, input: PlaceOrderInput): Promise<PlaceOrderAnswer> {
  const { offer, order } = who.client.api;
  if (input.intent === 'accept_offer' || input.intent === 'accept_counter') return offer.accept.mutate(input);
  if (input.intent === 'counter') return offer.counter.mutate(input);
  return input.intent === 'offer' ? offer.place.mutate(input) : order.place.mutate(input);
}
export type Wish = Partial<QuoteWish> & Pick<QuoteWish, 'intent'>;
export const signed = async (who: Actor, wish: Wish) => market.input(who, await market.quote(who, { classId: harp.classId, ...wish }));

export async function step(who: Actor, wish: Wish): Promise<Extract<PlaceOrderAnswer, { kind: 'placed' }>> {
  const answer = await send(who, await signed(who, wish));
  if (answer.kind !== 'placed') throw new Error(`refused: ${answer.code}`);
  return answer;
}
export const list = async (itemId: string, more: Partial<QuoteWish> = {}): Promise<OrderView> =>
  (await step(rig.amy, { intent: 'listing', itemIds: [itemId], ...more })).order;
export const offerOn = async (who: Actor, itemId: string, priceFen: string, more: Partial<QuoteWish> = {}): Promise<OrderView> =>
  (await step(who, { intent: 'offer', itemIds: [itemId], priceFen, ...more })).order;
export const answerTo = (order: OrderView, itemId: string, intent: QuoteWish['intent'], priceFen = order.priceFen): Wish => ({
  intent,
  itemIds: [itemId],
  targetOrderId: order.orderId,
  priceFen,
});

export function cancelInput(who: Actor, { orderId, orderBytes }: OrderView): CancelOrderInput {
  const env = rig.sign(who, { kind: 'order_cancel', order: decodeOrder(fromHex(orderBytes)) });
  return { referenceId: newReference(), orderId, signedCancel: toHex(encodeTxEnv(env)) };
}
export const withdraw = (who: Actor, order: OrderView) => who.client.api.offer.withdraw.mutate(cancelInput(who, order));
export const moneyOf = async (who: Actor) => {
  const { availableFen, heldFen } = await who.client.api.money.get.query();
  return { available: BigInt(availableFen), held: BigInt(heldFen) };
};
export async function threadOf(who: Actor, itemId: string): Promise<OfferThreadView> {
  const found = (await who.client.api.offer.list.query()).rows.find((row) => row.itemId === itemId);
  if (found === undefined) throw new Error('no thread about this item');
  return found;
}
export async function refusesQuote(who: Actor, wish: Wish, code: ExchangeCode): Promise<Readonly<Record<string, unknown>>> {
  const refusal = await rig.unchanged(() => refusalOf(market.quote(who, { classId: harp.classId, ...wish })));
  expect(refusal).toMatchObject({ code, message: expect.stringMatching(/.{15}/), traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  return refusal.facts ?? {};
}
export async function refusesOrder(who: Actor, input: PlaceOrderInput, code: ExchangeCode): Promise<void> {
  const answer = await rig.unchanged(() => send(who, input));
  expect(answer).toMatchObject({ kind: 'rejected', code, message: expect.stringMatching(/.{15}/), replayed: false });
}
