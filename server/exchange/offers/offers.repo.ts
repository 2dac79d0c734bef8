/** Threads of offers: read for a group or a quote, written by the group, and looked through by the clock for what has to end. */
import {
  type AccountId,
  type ItemId,
  type OrderId,
  parseAccountId,
  parseClassId,
  parseItemId,
  parseOrderId,
  parseTradeId,
} from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, insertRows, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ItemRow, OrderRow, Reservation } from '#server/settlement/model.ts';
import type { OfferThread } from '#server/settlement/offer-thread.ts';
import { isGiftId } from '#server/settlement/sale-id.ts';
import { listReservations } from '../reservations.repo.ts';
import { listOrders } from '../rows.repo.ts';

type RoundColumns = {
  readonly round: number;
  readonly order_id: string;
  readonly by: OfferThread['rounds'][number]['by'];
  readonly price_fen: string;
  readonly placed_at: string;
  readonly expires_at: string;
  readonly state: OfferThread['rounds'][number]['state'];
  readonly ended_at: string | null;
};
type ThreadColumns = {
  offer_id: string;
  item_id: string;
  class_id: string;
  ledger_serial: string;
  ver: string;
  buyer: string;
  holder: string;
  is_listed: boolean;
  opened_at: Date;
  state: OfferThread['state'];
  reason: string | null;
  ended_at: Date | null;
  trade_id: string | null;
  listing_order_id: string | null;
  rounds: readonly RoundColumns[];
};

const THREAD_SELECT = `select f.*, (select json_agg(json_build_object('round', r.round, 'order_id', r.order_id, 'by', r.by,
      'price_fen', r.price_fen::text, 'placed_at', r.placed_at, 'expires_at', r.expires_at, 'state', r.state, 'ended_at', r.ended_at)
      order by r.round) from market.offer_rounds r where r.offer_id = f.offer_id) as rounds
  from market.offers f`;

function threadOf(row: ThreadColumns): OfferThread {
  return {
    offerId: row.offer_id,
    itemId: parseItemId(row.item_id),
    classId: parseClassId(row.class_id),
    ledgerSerial: BigInt(row.ledger_serial),
    ver: BigInt(row.ver),
    buyer: parseAccountId(row.buyer),
    holder: parseAccountId(row.holder),
    isListed: row.is_listed,
    openedAt: at(row.opened_at),
    state: row.state,
    reason: row.reason,
    endedAt: atOrNull(row.ended_at),
    tradeId: row.trade_id === null ? null : parseTradeId(row.trade_id),
    listingOrderId: row.listing_order_id === null ? null : parseOrderId(row.listing_order_id),
    rounds: row.rounds.map((round) => ({
      round: round.round,
      orderId: parseOrderId(round.order_id),
      by: round.by,
      priceFen: BigInt(round.price_fen),
      placedAt: at(new Date(round.placed_at)),
      expiresAt: at(new Date(round.expires_at)),
      state: round.state,
      endedAt: round.ended_at === null ? null : at(new Date(round.ended_at)),
    })),
  };
}

/** By the orders that are their steps, and every open one about these items. */
export async function listThreads(
  sql: Queryable,
  { orderIds, itemIds }: { readonly orderIds: readonly OrderId[]; readonly itemIds: readonly ItemId[] },
): Promise<readonly OfferThread[]> {
  if (orderIds.length === 0 && itemIds.length === 0) return [];
  const rows = await query<ThreadColumns>(
    sql,
    `${THREAD_SELECT} where f.offer_id in (select offer_id from market.offer_rounds where order_id = any($1))
       or (f.ended_at is null and f.item_id = any($2))`,
    [orderIds, itemIds],
  );
  return rows.map(threadOf);
}

/** The newest first; those that are open, or those that have ended. */
export async function listThreadsOf(
  sql: Queryable,
  acct: AccountId,
  { open, limit }: { readonly open: boolean; readonly limit: number },
): Promise<readonly OfferThread[]> {
  const rows = await query<ThreadColumns>(
    sql,
    `${THREAD_SELECT} where (f.buyer = $1 or f.holder = $1) and f.ended_at is ${open ? '' : 'not'} null
     order by f.opened_at desc, f.offer_id limit ${String(limit)}`,
    [acct],
  );
  return rows.map(threadOf);
}

export type OfferGround = {
  readonly threads: readonly OfferThread[];
  readonly listings: readonly OrderRow[];
  readonly reservations: ReadonlyMap<OrderId, Reservation>;
  /** Holders who take offers on anything of theirs. */
  readonly open: ReadonlySet<AccountId>;
};

/** What steps about these items are decided from. */
export async function readOfferGround(
  sql: Queryable,
  { items, orderIds }: { readonly items: readonly ItemRow[]; readonly orderIds: readonly OrderId[] },
): Promise<OfferGround> {
  const holding = [...new Set(items.flatMap(({ heldBy }) => (heldBy === null || isGiftId(heldBy) ? [] : [heldBy])))];
  const [threads, orders, reservations, takers] = await Promise.all([
    listThreads(sql, { orderIds, itemIds: items.map(({ itemId }) => itemId) }),
    listOrders(sql, holding),
    listReservations(sql, holding),
    query<{ acct: string }>(sql, 'select acct from market.offer_settings where takes_offers and acct = any($1)', [
      [...new Set(items.map(({ owner }) => owner))],
    ]),
  ]);
  return {
    threads,
    listings: orders.filter(({ intent }) => intent === 'listing'),
    reservations,
    open: new Set(takers.map(({ acct }) => parseAccountId(acct))),
  };
}

/** The last word of each thread; steps in their order, so that one ends before the next begins. */
export async function saveThreads(tx: Tx, threads: readonly OfferThread[]): Promise<void> {
  if (threads.length === 0) return;
  await Promise.all([
    insertRows(
      tx,
      'market.offers',
      threads.map((thread) => ({
        offer_id: thread.offerId,
        item_id: thread.itemId,
        class_id: thread.classId,
        ledger_serial: String(thread.ledgerSerial),
        ver: String(thread.ver),
        buyer: thread.buyer,
        holder: thread.holder,
        is_listed: thread.isListed,
        opened_at: toIso(thread.openedAt),
        state: thread.state,
        reason: thread.reason,
        ended_at: isoOrNull(thread.endedAt),
        trade_id: thread.tradeId,
        listing_order_id: thread.listingOrderId,
      })),
      `on conflict (offer_id) do update set state = excluded.state, reason = excluded.reason, ended_at = excluded.ended_at,
         trade_id = excluded.trade_id, listing_order_id = excluded.listing_order_id`,
    ),
    insertRows(
      tx,
      'market.offer_rounds',
      threads.flatMap(({ offerId, rounds }) =>
        rounds.map((round) => ({
          offer_id: offerId,
          round: round.round,
          order_id: round.orderId,
          by: round.by,
          price_fen: String(round.priceFen),
          placed_at: toIso(round.placedAt),
          expires_at: toIso(round.expiresAt),
          state: round.state,
          ended_at: isoOrNull(round.endedAt),
        })),
      ),
      'on conflict (offer_id, round) do update set state = excluded.state, ended_at = excluded.ended_at',
    ),
  ]);
}

export type EndedOffer = { readonly orderId: OrderId; readonly reason: 'order_expired' | 'item_moved' | 'listing_ended' };

/** Steps whose time is over, and steps that have lost their ground: the item has moved, or it is no longer for sale where it was. */
export async function listEndedOffers(sql: Queryable, now: Instant, limit: number): Promise<readonly EndedOffer[]> {
  const rows = await query<{ order_id: string; reason: EndedOffer['reason'] }>(
    sql,
    `select order_id, reason from (
       select r.order_id, case
         when r.expires_at <= $1::timestamptz then 'order_expired'
         when i.owner <> f.holder or i.ver <> f.ver or i.ledger_serial <> f.ledger_serial or i.is_burned then 'item_moved'
         when h.order_id is null and (f.is_listed or s.takes_offers is not true) then 'listing_ended'
         when h.order_id is not null
           and (o.intent = 'listing' and o.acct = f.holder and (o.named_buyer is null or o.named_buyer = f.buyer)) is not true
           then 'listing_ended'
       end as reason
       from market.offer_rounds r join market.offers f on f.offer_id = r.offer_id join custody.items i on i.item_id = f.item_id
       left join custody.item_holds h on h.item_id = i.item_id and h.state = 'active' left join market.orders o on o.order_id = h.order_id
       left join market.offer_settings s on s.acct = f.holder
       where r.ended_at is null) e
     where reason is not null order by order_id limit ${String(limit)}`,
    [toIso(now)],
  );
  return rows.map(({ order_id, reason }) => ({ orderId: parseOrderId(order_id), reason }));
}

export async function countOpenOffers(sql: Queryable, acct: AccountId): Promise<number> {
  const [row] = await query<{ open: number }>(
    sql,
    `select count(*)::int as open from market.orders where acct = $1 and ended_at is null and intent in ('offer', 'counter')`,
    [acct],
  );
  return row?.open ?? 0;
}

export async function takesOffers(sql: Queryable, acct: AccountId): Promise<boolean> {
  const [row] = await query<{ takes_offers: boolean }>(sql, 'select takes_offers from market.offer_settings where acct = $1', [acct]);
  return row?.takes_offers ?? false;
}

export async function setTakesOffers(sql: Queryable, acct: AccountId, is: boolean, now: Instant): Promise<void> {
  await query(
    sql,
    `insert into market.offer_settings (acct, takes_offers, changed_at) values ($1, $2::boolean, $3::timestamptz)
     on conflict (acct) do update set takes_offers = excluded.takes_offers, changed_at = excluded.changed_at`,
    [acct, is, toIso(now)],
  );
}
