/** A market of one kind: a studio's few items and a trade between two players, in seconds and over the public API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type OrderId, parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { systemClock } from '#server/clock.ts';
import { systemRandom } from '#server/random.ts';
import { createStudioClient } from '#server/sdk/studio-client.ts';
import type { PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from '#server/workers/demonstration/studio-account.ts';
import { type Program, waitFor } from './program.ts';

const PRICE_FEN = '100000';
const reference = () => `e2e-${toHex(systemRandom.bytes(8))}`;

export type Issued = { readonly gameId: string; readonly classId: string; readonly itemIds: readonly string[] };

/** @returns the kind and its items, all of one player */
export async function issueItems(program: Program, to: PlayerClient, quantity: number): Promise<Issued> {
  const game = await studioWrites(program)('/api/v1/games', {
    game_ref: 'small',
    name: { en: 'Small game', zh: '小游戏' },
    approval_no: 'ISBN-1',
  });
  return issueKind(program, to, { gameId: String(game.game_id), classRef: 'sword', quantity });
}

/** One more kind of the game, with terms of its own. */
export async function issueKind(
  program: Program,
  to: PlayerClient,
  wish: {
    readonly gameId: string;
    readonly classRef: string;
    readonly quantity: number;
    readonly terms?: Readonly<Record<string, unknown>>;
  },
): Promise<Issued> {
  const { gameId, classRef, quantity, terms = {} } = wish;
  const write = studioWrites(program);
  const row = {
    class_ref: classRef,
    name: { en: `A ${classRef} of tests`, zh: '测试道具' },
    category: 'Mods',
    type: 'Mod',
    icon: 'processor',
    terms,
  };
  await write('/api/v1/item-classes', { game_id: gameId, rows: [row] });
  const acct = (await to.api.account.me.query())?.acct ?? '';
  const before = new Set((await to.api.portfolio.list.query({})).rows.map(({ itemId }) => String(itemId)));
  await write('/api/v1/mints', { game_id: gameId, rows: [{ class_ref: classRef, to: acct, quantity }] });
  const fresh = async () => (await to.api.portfolio.list.query({})).rows.filter(({ itemId }) => !before.has(String(itemId)));
  const held = await waitFor(fresh, (rows) => rows.length >= quantity, 60_000, 'the items');
  return { gameId, classId: String(held[0]?.card.classId), itemIds: held.map(({ itemId }) => String(itemId)) };
}

/** Writes of the demonstration's studio; nothing is issued of a kind before the members have certified it. */
function studioWrites(program: Program) {
  const studio = createStudioClient({
    base: program.base,
    keyId: STUDIO_WRITE_KEY_ID,
    privateKey: demonstrationKeys('studio-rest').privateKey,
    readKey: STUDIO_READ_KEY,
    sm2: openSslSm2(),
    now: () => systemClock.now(),
    random: (length) => systemRandom.bytes(length),
  });
  const post = (route: string, body: Readonly<Record<string, unknown>>) =>
    studio.write('POST', route, { reference_id: reference(), ...body });
  return async (route: string, body: Readonly<Record<string, unknown>>) => {
    const isDone = ({ status, body: said }: Awaited<ReturnType<typeof post>>) =>
      status < 300 || !JSON.stringify(said).includes('not_certified');
    const { status, body: answer } = await waitFor(() => post(route, body), isDone, 60_000, route);
    if (status >= 300) throw new Error(`${route}: ${JSON.stringify(answer)}`);
    return Object(answer);
  };
}

export async function deposit(buyer: PlayerClient, amountFen: string): Promise<void> {
  await buyer.deposit({ referenceId: reference(), amountFen });
  const money = () => buyer.api.money.get.query();
  await waitFor(money, ({ availableFen }) => BigInt(availableFen) >= BigInt(amountFen), 60_000, 'the money');
}

export type Wish = {
  readonly classId: string;
  readonly itemId: string;
  readonly priceFen: string;
  readonly targetOrderId: OrderId | null;
};

export async function place(who: PlayerClient, intent: 'listing' | 'take_listing', wish: Wish) {
  const { classId, itemId, priceFen, targetOrderId } = wish;
  const request = { classId: parseClassId(classId), itemIds: [parseItemId(itemId)], priceFen, quantity: 1, timeInForce: 'gtc' } as const;
  const quote = await who.api.quote.get.mutate({ ...request, intent, targetOrderId });
  const [signed] = who.signSheet([{ quote, referenceId: reference() }]);
  if (signed === undefined) throw new Error('one draft gives one order');
  const answer = await who.api.order.place.mutate(signed);
  if (answer.kind !== 'placed') throw new Error(`${intent}: ${answer.code}`);
  return answer;
}

/** Listed by one, bought by the other, certified. @returns the trade */
export async function trade(seller: PlayerClient, buyer: PlayerClient, classId: string, itemId: string): Promise<string> {
  const wish = { classId, itemId, priceFen: PRICE_FEN };
  const listed = await place(seller, 'listing', { ...wish, targetOrderId: null });
  await sleep(50);
  const tradeId = (await place(buyer, 'take_listing', { ...wish, targetOrderId: listed.order.orderId })).trades[0]?.tradeId;
  if (tradeId === undefined) throw new Error('a listing that is taken is a trade');
  await waitFor(
    () => buyer.api.trade.get.query({ tradeId }),
    ({ state }) => state === 'protected',
    60_000,
    'the members',
  );
  return tradeId;
}
