/** Reads everything that a group of commands may need, in two rounds of pipelined statements whatever the number of commands. */
import {
  type AccountId,
  type ItemId,
  type OrderId,
  parseAccountId,
  parseItemId,
  parseOrderId,
  parseTradeId,
  type TradeId,
} from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { WindowSale } from '#sandbox/tax/windows.ts';
import { readCoolDowns } from '#server/compliance/cool-downs.repo.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import { type InputDocument, parseInputDocument } from '#server/settlement/assessment-document.ts';
import type { Loaded, StoredAnswer } from '#server/settlement/group.ts';
import { resellersOf } from '#server/settlement/hold-payout.ts';
import type { CancelCommand, ItemRow, OrderRow, PlaceCommand, WindowRow } from '#server/settlement/model.ts';
import { readCapFacts } from './caps.repo.ts';
import { meetsSomebody, readHands } from './linked-accounts.ts';
import { readOfferGround } from './offers/offers.repo.ts';
import { isOfferIntent, isOfferStep } from './offers/refuse-offer.ts';
import { listResellers } from './resellers.repo.ts';
import { listReservations } from './reservations.repo.ts';
import { listItems, listItemsBySerial, listOrders, plainBytes } from './rows.repo.ts';

const LISTED_LATELY_MS = 5 * 60_000;

export type LoadRequest = {
  readonly commands: readonly (PlaceCommand | CancelCommand)[];
  /** Orders that clocks work on. */
  readonly orderIds: readonly OrderId[];
  /** Resting matched orders that this group may meet, from the books. */
  readonly makers: readonly OrderRow[];
  readonly now: Instant;
  readonly day: string;
  readonly pack: RulePack;
  /** Whether sales of this total make their seller's day taxable. */
  isTaxable(totalFen: bigint): boolean;
};

export function referenceKey(acct: AccountId, referenceId: string): string {
  return `${acct} ${referenceId}`;
}

export async function loadGroup(sql: Queryable, request: LoadRequest): Promise<Omit<Loaded, 'classes'>> {
  const { commands, makers } = request;
  const targetIds = [...new Set([...commands.flatMap(targetsOf), ...request.orderIds])];
  const serials = [
    ...new Set(commands.flatMap((command) => (command.kind === 'place' ? command.order.items.map((item) => item.serial) : []))),
  ];
  const cancelIds = commands.flatMap((command) => (command.kind === 'cancel' ? [command.orderId] : []));
  const [answers, stored, named, tradeOfOrder, listedAt, reservations] = await Promise.all([
    listAnswers(sql, commands),
    listOrders(sql, [...targetIds, ...commands.flatMap((command) => (command.kind === 'place' ? [command.orderId] : []))]),
    listItemsBySerial(sql, serials),
    listTradeOfOrder(sql, cancelIds),
    listListedAt(sql, [...new Set(commands.flatMap(listedBy))], request.now),
    listReservations(sql, targetIds),
  ]);
  // A resting matched order has one row in memory: the book's.
  const orders = new Map(stored.map((order) => [order.orderId, order]));
  for (const maker of makers) orders.set(maker.orderId, maker);
  const promised = [...reservations.values()].flatMap(({ sellOrderId, buyOrderId }) => [sellOrderId, buyOrderId]);
  const partners = await listOrders(
    sql,
    [...new Set(promised)].filter((orderId) => !orders.has(orderId)),
  );
  for (const partner of partners) orders.set(partner.orderId, partner);
  const offers = await readOffers(sql, { commands, orders, named });
  for (const listing of offers.listings) if (!orders.has(listing.orderId)) orders.set(listing.orderId, listing);
  for (const [orderId, reservation] of offers.reservations) reservations.set(orderId, reservation);
  const items = new Map<ItemId, ItemRow>(named.map((item) => [item.itemId, item]));
  const missing = [...orders.values()].flatMap((order) => order.items.map((item) => item.itemId)).filter((itemId) => !items.has(itemId));
  const accts = [...new Set([...commands.map((command) => command.player.acct), ...[...orders.values()].map((order) => order.acct)])];
  const placing = [...new Set(commands.flatMap((command) => (command.kind === 'place' ? [command.player.acct] : [])))];
  const meeting = [
    ...new Set(commands.flatMap((command) => (command.kind === 'place' && meetsSomebody(command) ? [command.player.acct] : []))),
  ];
  const [others, available, windows, open, capFacts, hands, cooling] = await Promise.all([
    listItems(sql, [...new Set(missing)]),
    listAvailable(sql, accts),
    listWindows(sql, accts, request.day),
    countOpenOrders(sql, accts),
    readCapFacts(sql, { accts: placing, pack: request.pack, now: request.now }),
    readHands(sql, meeting),
    readCoolDowns(sql, accts, request.now),
  ]);
  for (const item of others) items.set(item.itemId, item);
  const [daySales, resellers] = await Promise.all([
    listDaySales(sql, mayCross(windows, mostFen(commands, orders), request), request.day),
    listResellers(sql, resellersOf([...items.values()], request.pack, request.now), request.now),
  ]);
  return {
    answers,
    orders,
    items,
    available,
    windows,
    ...open,
    daySales,
    tradeOfOrder,
    listedAt,
    reservations,
    offers: new Map(offers.threads.map((thread) => [thread.offerId, thread])),
    takesOffers: offers.open,
    hands,
    cooling,
    resellers,
    capFacts,
  };
}

/** Nothing is asked for a group without a step of an offer. */
function readOffers(
  sql: Queryable,
  facts: {
    readonly commands: LoadRequest['commands'];
    readonly orders: ReadonlyMap<OrderId, OrderRow>;
    readonly named: readonly ItemRow[];
  },
) {
  const serials = new Set(
    facts.commands.flatMap((command) =>
      command.kind === 'place' && isOfferIntent(command.input.intent) ? command.order.items.map((item) => item.serial) : [],
    ),
  );
  const orderIds = [...facts.orders.values()].flatMap(({ orderId, intent }) => (isOfferStep(intent) ? [orderId] : []));
  return readOfferGround(sql, { items: facts.named.filter(({ serial }) => serials.has(serial)), orderIds });
}

/** No seller takes more in this group than all its orders together: a trade costs at most what its buy order offers. */
function mostFen(commands: LoadRequest['commands'], orders: ReadonlyMap<OrderId, OrderRow>): bigint {
  let sum = 0n;
  for (const command of commands) if (command.kind === 'place') sum += BigInt(command.quote.priceFen) * BigInt(command.quote.quantity);
  for (const order of orders.values()) sum += order.priceFen * BigInt(order.quantity);
  return sum;
}

/** Sellers whose day may become taxable in this group: nobody else's earlier sales are asked for, and a day may hold thousands. */
function mayCross(windows: ReadonlyMap<AccountId, WindowRow>, mostFen: bigint, { isTaxable }: LoadRequest): readonly AccountId[] {
  return [...windows].flatMap(([acct, window]) =>
    !window.isTaxable && window.grossFen > 0n && isTaxable(window.grossFen + mostFen) ? [acct] : [],
  );
}

/** A price may change once in five minutes: only who lists is asked when he did so last. */
function listedBy(command: PlaceCommand | CancelCommand): readonly bigint[] {
  return command.kind === 'place' && command.input.intent === 'listing' ? command.order.items.map((item) => item.serial) : [];
}

function targetsOf(command: PlaceCommand | CancelCommand): readonly OrderId[] {
  if (command.kind === 'cancel') return [command.orderId];
  return command.input.targetOrderId === null ? [] : [command.input.targetOrderId];
}

async function listAnswers(
  sql: Queryable,
  commands: readonly (PlaceCommand | CancelCommand)[],
): Promise<ReadonlyMap<string, StoredAnswer>> {
  if (commands.length === 0) return new Map();
  const rows = await query<{ acct: string; reference_id: string; body_sm3: Uint8Array; answer: StoredAnswer['answer'] }>(
    sql,
    `select r.acct, r.reference_id, r.body_sm3, r.answer from unnest($1::text[], $2::text[]) as k(acct, reference_id)
     join market.references r on r.acct = k.acct and r.reference_id = k.reference_id`,
    [commands.map((command) => command.player.acct), commands.map((command) => command.referenceId)],
  );
  return new Map(
    rows.map((row) => [
      referenceKey(parseAccountId(row.acct), row.reference_id),
      { bodySm3: plainBytes(row.body_sm3), answer: row.answer },
    ]),
  );
}

async function listAvailable(sql: Queryable, accts: readonly AccountId[]): Promise<Map<AccountId, bigint>> {
  if (accts.length === 0) return new Map();
  const rows = await query<{ account_id: string; balance_fen: string }>(
    sql,
    'select account_id, balance_fen from journal.accounts where account_id = any($1)',
    [accts.map((acct) => `available:${acct}`)],
  );
  return new Map(rows.map((row) => [parseAccountId(row.account_id.slice('available:'.length)), BigInt(row.balance_fen)]));
}

export async function listWindows(sql: Queryable, accts: readonly AccountId[], day: string): Promise<Map<AccountId, WindowRow>> {
  if (accts.length === 0) return new Map();
  const rows = await query<{ acct: string; gross_fen: string; turnover_fen: string; is_taxable: boolean }>(
    sql,
    'select acct, gross_fen, turnover_fen, is_taxable from compliance.windows where day = $2 and acct = any($1)',
    [accts, day],
  );
  return new Map(
    rows.map((row) => [
      parseAccountId(row.acct),
      { grossFen: BigInt(row.gross_fen), turnoverFen: BigInt(row.turnover_fen), isTaxable: row.is_taxable },
    ]),
  );
}

async function countOpenOrders(sql: Queryable, accts: readonly AccountId[]): Promise<Pick<Loaded, 'openOrders' | 'openOffers'>> {
  if (accts.length === 0) return { openOrders: new Map(), openOffers: new Map() };
  const rows = await query<{ acct: string; orders: number; offers: number }>(
    sql,
    `select acct, count(*) filter (where intent not in ('offer', 'counter'))::int as orders,
       count(*) filter (where intent in ('offer', 'counter'))::int as offers
     from market.orders where ended_at is null and acct = any($1) group by acct`,
    [accts],
  );
  return {
    openOrders: new Map(rows.map((row) => [parseAccountId(row.acct), row.orders])),
    openOffers: new Map(rows.map((row) => [parseAccountId(row.acct), row.offers])),
  };
}

/** Only of days that are not taxable yet: a day that is has nothing left to assess again. */
export async function listDaySales(
  sql: Queryable,
  accts: readonly AccountId[],
  day: string,
): Promise<Map<AccountId, readonly WindowSale[]>> {
  if (accts.length === 0) return new Map();
  const rows = await query<{ seller: string; trade_id: string; input: InputDocument }>(
    sql,
    `select distinct on (a.seller, a.trade_id) a.seller, a.trade_id, a.input
     from compliance.windows w join compliance.assessments a on a.seller = w.acct and a.day = w.day
     where w.day = $2 and w.acct = any($1) and not w.is_taxable and w.gross_fen > 0
     order by a.seller, a.trade_id, a.version desc`,
    [accts, day],
  );
  const sales = new Map<AccountId, WindowSale[]>();
  for (const row of rows) {
    const seller = parseAccountId(row.seller);
    const list = sales.get(seller) ?? [];
    list.push({ id: row.trade_id, input: parseInputDocument(row.input) });
    sales.set(seller, list);
  }
  return sales;
}

async function listTradeOfOrder(sql: Queryable, orderIds: readonly OrderId[]): Promise<Map<OrderId, TradeId>> {
  if (orderIds.length === 0) return new Map();
  const rows = await query<{ order_id: string; trade_id: string }>(
    sql,
    `select k.order_id, t.trade_id from unnest($1::text[]) as k(order_id)
     join lateral (select trade_id, seq from market.trades where sell_order_id = k.order_id
                   union all select trade_id, seq from market.trades where buy_order_id = k.order_id
                   union all select t.trade_id, t.seq from market.offers f join market.trades t on t.trade_id = f.trade_id
                     where f.listing_order_id = k.order_id
                   order by seq desc limit 1) t on true`,
    [orderIds],
  );
  return new Map(rows.map((row) => [parseOrderId(row.order_id), parseTradeId(row.trade_id)]));
}

async function listListedAt(sql: Queryable, serials: readonly bigint[], now: Instant): Promise<Map<ItemId, Instant>> {
  if (serials.length === 0) return new Map();
  const rows = await query<{ item_id: string; placed_at: Date }>(
    sql,
    `select i.item_id, l.placed_at from custody.items i
     cross join lateral (
       select max(o.priced_at) as placed_at from market.order_items oi join market.orders o on o.order_id = oi.order_id
       where oi.item_id = i.item_id and o.intent = 'listing' and o.acct = i.owner and o.priced_at > $2 offset 0
     ) l
     where i.ledger_serial = any($1::bigint[]) and l.placed_at is not null`,
    [serials.map(String), new Date(instant(Math.max(0, now - LISTED_LATELY_MS)))],
  );
  return new Map(rows.map((row) => [parseItemId(row.item_id), at(row.placed_at)]));
}

export async function findAnswer(sql: Queryable, acct: AccountId, referenceId: string): Promise<StoredAnswer | null> {
  const [row] = await query<{ body_sm3: Uint8Array; answer: StoredAnswer['answer'] }>(
    sql,
    'select body_sm3, answer from market.references where acct = $1 and reference_id = $2',
    [acct, referenceId],
  );
  return row === undefined ? null : { bodySm3: plainBytes(row.body_sm3), answer: row.answer };
}
