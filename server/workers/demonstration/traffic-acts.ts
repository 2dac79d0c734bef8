/** What simulated people do, each through the public API: buy, list, bid, serve, change their mind. An act
 *  answers in a word what came of it; a refusal is an answer, not a fault. */

import { decodeOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { ClassId, ItemId, OrderId, TradeId } from '#ledger/primitives/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import type { ClassCard, PlaceOrderAnswer } from '#server/trpc/views.ts';
import { basePriceFen } from './plan.ts';
import type { PlayerClient } from './player-client.ts';
import type { TrafficGround } from './traffic-people.ts';

/** A number in [0, 1) from the seeded stream. */
export type Dice = () => number;
export type Trader = {
  readonly name: string;
  readonly acct: string;
  readonly client: PlayerClient;
  readonly privateKey: Uint8Array<ArrayBuffer>;
  readonly isMaker: boolean;
};
export type Outcome = { readonly act: string; readonly result: string; readonly tradeId: TradeId | null };

export const pick = <T>(dice: Dice, all: readonly T[]): T | undefined => all[Math.floor(dice() * all.length)];

/** Around what the market shows, else around the kind's own level: 0.7 to 1.3 of it, mostly near the middle. */
export function valuationFen(card: ClassCard, dice: Dice): bigint {
  const shown = card.referenceFen ?? card.lowestListingFen;
  const level = shown === null ? basePriceFen({ uniqueName: card.classId, rarity: card.rarity }) : BigInt(shown);
  const percent = BigInt(70 + Math.floor((dice() + dice()) * 30));
  const fen = (level * percent) / 1000n;
  return fen < 1n ? 10n : fen * 10n;
}

export function outcome(act: string, answer: PlaceOrderAnswer | undefined): Outcome {
  if (answer === undefined) return { act, result: 'nothing', tradeId: null };
  return answer.kind === 'placed'
    ? { act, result: 'placed', tradeId: answer.trades[0]?.tradeId ?? null }
    : { act, result: answer.code, tradeId: null };
}

type QuoteInput = Parameters<PlayerClient['api']['quote']['get']['mutate']>[0];

export async function placeQuoted(ground: TrafficGround, trader: Trader, input: QuoteInput): Promise<PlaceOrderAnswer | undefined> {
  const quote = await trader.client.api.quote.get.mutate(input);
  const [signed] = trader.client.signSheet([{ quote, referenceId: `traffic-${toHex(ground.random(12))}` }]);
  return signed === undefined ? undefined : trader.client.api.order.place.mutate(signed);
}

async function kinds(trader: Trader, query: Parameters<PlayerClient['api']['search']['list']['query']>[0]): Promise<readonly ClassCard[]> {
  return (await trader.client.api.search.list.query(query)).rows;
}

export async function buy(ground: TrafficGround, trader: Trader, dice: Dice): Promise<Outcome> {
  const card = pick(
    dice,
    await kinds(trader, { listed: true, sort: pick(dice, ['newest', 'best_deal', 'price_down'] as const) ?? 'newest' }),
  );
  if (card === undefined) return outcome('buy', undefined);
  const page = await trader.client.api.itemClass.get.query({ classId: card.classId });
  const listing = page.listings.find((each) => !each.isMine && each.state === 'live' && each.mechanism === 'fixed_price');
  if (listing === undefined || BigInt(listing.priceFen) > valuationFen(card, dice) + BigInt(listing.priceFen) / 5n)
    return { act: 'buy', result: 'too dear', tradeId: null };
  return outcome('buy', await takeListing(ground, trader, card.classId, listing));
}

type Offered = { readonly orderId: OrderId; readonly priceFen: string; readonly items: readonly { readonly itemId: ItemId }[] };

export function takeListing(
  ground: TrafficGround,
  trader: Trader,
  classId: ClassId,
  listing: Offered,
): Promise<PlaceOrderAnswer | undefined> {
  return placeQuoted(ground, trader, {
    intent: 'take_listing',
    classId,
    itemIds: listing.items.map((item) => item.itemId),
    targetOrderId: listing.orderId,
    priceFen: listing.priceFen,
    quantity: listing.items.length,
    timeInForce: 'gtc',
  });
}

export async function list(ground: TrafficGround, trader: Trader, dice: Dice): Promise<Outcome> {
  const portfolio = await trader.client.api.portfolio.list.query({});
  const row = pick(
    dice,
    portfolio.rows.filter((each) => each.state === 'free'),
  );
  if (row === undefined) return outcome('list', undefined);
  const answer = await placeQuoted(ground, trader, {
    intent: 'listing',
    classId: row.card.classId,
    itemIds: [row.itemId],
    targetOrderId: null,
    priceFen: valuationFen(row.card, dice).toString(),
    quantity: 1,
    timeInForce: 'gtc',
  });
  return outcome('list', answer);
}

export async function bid(ground: TrafficGround, trader: Trader, dice: Dice): Promise<Outcome> {
  const card = pick(dice, await kinds(trader, { sort: 'most_traded' }));
  if (card === undefined) return outcome('bid', undefined);
  const price = (valuationFen(card, dice) * 4n) / 50n;
  const answer = await placeQuoted(ground, trader, {
    intent: 'buy_order',
    classId: card.classId,
    itemIds: [],
    targetOrderId: null,
    priceFen: ((price < 1n ? 1n : price) * 10n).toString(),
    quantity: 1 + Math.floor(dice() * 2),
    timeInForce: 'gtc',
  });
  return outcome('bid', answer);
}

export async function serve(ground: TrafficGround, trader: Trader, dice: Dice): Promise<Outcome> {
  const portfolio = await trader.client.api.portfolio.list.query({});
  const row = pick(
    dice,
    portfolio.rows.filter((each) => each.state === 'free' && each.card.highestBuyFen !== null),
  );
  if (row === undefined) return outcome('serve', undefined);
  const page = await trader.client.api.itemClass.get.query({ classId: row.card.classId });
  const order = page.buyOrders.find((each) => !each.isMine && each.mechanism === 'fixed_price');
  if (order === undefined) return outcome('serve', undefined);
  const answer = await placeQuoted(ground, trader, {
    intent: 'serve_buy_order',
    classId: row.card.classId,
    itemIds: [row.itemId],
    targetOrderId: order.orderId,
    priceFen: order.priceFen,
    quantity: 1,
    timeInForce: 'gtc',
  });
  return outcome('serve', answer);
}

const CANCEL_WINDOW_MS = 300_000n;

export async function changeMind(ground: TrafficGround, trader: Trader, dice: Dice): Promise<Outcome> {
  const order = pick(dice, (await trader.client.api.order.list.query({ open: true })).rows);
  if (order === undefined) return outcome('cancel', undefined);
  const me = await trader.client.api.account.me.query();
  if (me === null) return { act: 'cancel', result: 'signed out', tradeId: null };
  const decoded = decodeOrder(fromHex(order.orderBytes));
  const now = BigInt(ground.now());
  const [env] = signTx(
    ground.sm2,
    { acct: fromHex(trader.acct, 32), keyIdx: me.keyIdx, keyEpoch: me.keyEpoch, privateKey: trader.privateKey },
    [
      {
        chain: decoded.chain,
        salt: ground.random(16),
        notBefore: now - CANCEL_WINDOW_MS,
        notAfter: now + CANCEL_WINDOW_MS,
        op: { kind: 'order_cancel', order: decoded },
      },
    ],
  );
  if (env === undefined) return outcome('cancel', undefined);
  const answer = await trader.client.api.order.cancel.mutate({
    referenceId: `traffic-${toHex(ground.random(12))}`,
    orderId: order.orderId,
    signedCancel: toHex(encodeTxEnv(env)),
  });
  return { act: 'cancel', result: answer.kind === 'rejected' ? answer.code : answer.kind, tradeId: null };
}
