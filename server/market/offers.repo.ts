/** Listings and buy orders of a kind as pages show them. */
import {
  type ClassId,
  type ItemId,
  type OrderId,
  parseAccountId,
  parseClassId,
  parseItemId,
  parseOrderId,
} from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import { smallestOffer } from '#server/settlement/offer-thread.ts';
import type { BuyOrderView, ListingView, Mechanism } from '#server/trpc/views.ts';
import { ownCondition } from './expression/order-expression.ts';
import { listFittingOrders } from './fitting.repo.ts';
import { displayNames } from './names.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const SHOWN = 100;

type ListingColumns = {
  order_id: string;
  class_id: string;
  price_fen: string;
  acct: string;
  mechanism: Mechanism;
  live_from: Date;
  placed_at: Date;
  expires_at: Date;
  is_reserved: boolean;
  suspended_until: Date | null;
  named_buyer: string | null;
  smallest_offer: string | null;
  items: readonly { readonly id: string; readonly no: number }[] | null;
};

const LISTING_SELECT = `select o.order_id, o.class_id, o.price_fen, o.acct, o.mechanism, o.live_from, o.placed_at, o.expires_at, o.named_buyer,
    o.quote #>> '{document,smallestOfferFen}' as smallest_offer,
    exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved') as is_reserved,
    (select max(s.until) from (
       select i.frozen_until as until from custody.item_holds h join custody.items i on i.item_id = h.item_id
         where h.order_id = o.order_id and h.state = 'active'
       union all select f.until from cases.freezes f where f.state = 'active'
         and ((f.scope = 'class' and f.target_id = o.class_id) or (f.scope = 'account' and f.target_id = o.acct))
       union all select t.until from cases.halts t where t.state = 'active' and (t.scope = 'market'
         or (t.scope = 'class' and t.target_id = o.class_id)
         or (t.scope = 'game' and t.target_id = (select c.game_id from catalogue.item_classes c where c.class_id = o.class_id)))
     ) s) as suspended_until,
    (select json_agg(json_build_object('id', i.item_id, 'no', i.unit_no) order by i.unit_no)
       from custody.item_holds h join custody.items i on i.item_id = h.item_id where h.order_id = o.order_id and h.state = 'active') as items
  from market.orders o`;

/** Cheapest first, then the one that came first. */
export async function listListings(ground: ReadGround, snapshot: Snapshot, classId: ClassId): Promise<readonly ListingView[]> {
  const rows = await query<ListingColumns>(
    snapshot.tx,
    `${LISTING_SELECT} where o.class_id = $1 and o.intent = 'listing' and o.ended_at is null order by o.price_fen, o.priority limit ${SHOWN}`,
    [classId],
  );
  return listingViews(ground, snapshot, rows);
}

/** Those that are open, cheapest first. */
export async function listListingsById(
  ground: ReadGround,
  snapshot: Snapshot,
  orderIds: readonly OrderId[],
): Promise<readonly ListingView[]> {
  const rows = await query<ListingColumns>(
    snapshot.tx,
    `${LISTING_SELECT} where o.order_id = any($1) and o.intent = 'listing' and o.ended_at is null order by o.price_fen, o.priority`,
    [orderIds],
  );
  return listingViews(ground, snapshot, rows);
}

export async function findListing(ground: ReadGround, snapshot: Snapshot, orderId: OrderId): Promise<ListingView | null> {
  const rows = await query<ListingColumns>(
    snapshot.tx,
    `${LISTING_SELECT} where o.order_id = $1 and o.intent = 'listing' and o.ended_at is null`,
    [orderId],
  );
  const [view] = await listingViews(ground, snapshot, rows);
  return view ?? null;
}

/** What is offered to one person is shown to that one and to its seller. */
async function listingViews(ground: ReadGround, snapshot: Snapshot, found: readonly ListingColumns[]): Promise<readonly ListingView[]> {
  const { viewer } = snapshot;
  const rows = found.filter(({ named_buyer, acct }) => named_buyer === null || named_buyer === viewer || acct === viewer);
  const nameOf = await displayNames(
    ground,
    snapshot,
    rows.flatMap((row) => [row.acct, ...(row.named_buyer === null ? [] : [row.named_buyer])]).map(parseAccountId),
  );
  return rows.map((row) => {
    const sellerRef = parseAccountId(row.acct);
    return {
      orderId: parseOrderId(row.order_id),
      classId: parseClassId(row.class_id),
      items: (row.items ?? []).map(({ id, no }): { itemId: ItemId; serialNo: number } => ({ itemId: parseItemId(id), serialNo: no })),
      priceFen: row.price_fen,
      sellerRef,
      sellerName: nameOf(sellerRef),
      mechanism: row.mechanism,
      state: stateOf(row, snapshot.now),
      placedAt: toIso(at(row.placed_at)),
      expiresAt: toIso(at(row.expires_at)),
      isMine: sellerRef === viewer,
      namedBuyer: row.named_buyer === null ? null : nameOf(parseAccountId(row.named_buyer)),
      smallestOfferFen: row.smallest_offer ?? String(smallestOffer(BigInt(row.price_fen))),
    };
  });
}

/** Suspended: what is frozen or halted stands still, and goes on by itself at its end. */
function stateOf(row: ListingColumns, now: number): ListingView['state'] {
  if (row.suspended_until !== null && row.suspended_until.getTime() > now) return 'suspended';
  if (row.is_reserved) return 'reserved';
  return row.live_from.getTime() > now ? 'publicity' : 'live';
}

type BuyColumns = {
  order_id: string;
  class_id: string;
  price_fen: string;
  quantity: number;
  filled: number;
  acct: string;
  mechanism: Mechanism;
  placed_at: Date;
  expires_at: Date;
  expression: string | null;
  smallest_fill: number;
};

/** For the kind itself and for any kind that fits; best first, then the one that came first. */
export async function listBuyOrders(ground: ReadGround, snapshot: Snapshot, classId: ClassId): Promise<readonly BuyOrderView[]> {
  const fitting = await listFittingOrders(ground, snapshot, classId);
  const rows = await query<BuyColumns>(
    snapshot.tx,
    `select o.order_id, o.class_id, o.price_fen, o.quantity, o.filled, o.acct, o.mechanism, o.placed_at, o.expires_at, o.expression,
       o.smallest_fill
     from market.orders o where o.intent = 'buy_order' and o.ended_at is null
       and ((o.class_id = $1 and o.expression is null) or o.order_id = any($2))
     order by o.price_fen desc, o.priority limit ${SHOWN}`,
    [classId, fitting],
  );
  const nameOf = await displayNames(
    ground,
    snapshot,
    rows.map((row) => parseAccountId(row.acct)),
  );
  return rows.map((row) => {
    const buyerRef = parseAccountId(row.acct);
    return {
      orderId: parseOrderId(row.order_id),
      classId: parseClassId(row.class_id),
      priceFen: row.price_fen,
      quantity: row.quantity,
      leavesQuantity: row.quantity - row.filled,
      expression: row.expression === null ? null : ownCondition(row.expression),
      smallestFill: row.smallest_fill,
      buyerRef,
      buyerName: nameOf(buyerRef),
      mechanism: row.mechanism,
      placedAt: toIso(at(row.placed_at)),
      expiresAt: toIso(at(row.expires_at)),
      isMine: buyerRef === snapshot.viewer,
    };
  });
}
