/** The orders that make a kind's depth (product P-15): listings and buy orders of people, or the matched book inside an experiment. */
import { type ClassId, type OrderId, parseOrderId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { BookOrder } from './depth-book.ts';
import { listFittingOrders } from './fitting.repo.ts';
import type { Snapshot } from './snapshot.ts';

/** Immediate orders never stand in a book, and what is offered to one person is nobody else's business. */
export const DEPTH_INTENTS = { people: ['listing', 'buy_order'], matched: ['matched'] } as const;

const IS_FROZEN = `exists (select from custody.item_holds h join custody.items i using (item_id)
    where h.order_id = o.order_id and h.state = 'active' and i.frozen_until > $1)`;

type Columns = {
  order_id: string;
  side: 'sell' | 'buy';
  price_fen: string;
  leaves: number;
  live_from: Date;
  is_reserved: boolean;
  is_frozen: boolean;
};

export type DepthOrders = { readonly orders: readonly BookOrder[]; readonly frozen: ReadonlySet<OrderId> };

/** As of one moment, orders for any kind that fits among them. */
export async function readDepthOrders(
  ground: { readonly sql: Sql; readonly clock: Clock },
  snapshot: Snapshot,
  { classId, isMatched }: { readonly classId: ClassId; readonly isMatched: boolean },
): Promise<DepthOrders> {
  const fitting = isMatched ? [] : await listFittingOrders(ground, snapshot, classId);
  const rows = await query<Columns>(
    snapshot.tx,
    `select o.order_id, o.side, o.price_fen::text, o.quantity - o.filled as leaves, o.live_from, ${IS_FROZEN} as is_frozen,
       exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved') as is_reserved
     from market.orders o where o.ended_at is null and o.named_buyer is null and o.intent = any($2)
       and ((o.class_id = $3 and o.expression is null) or o.order_id = any($4))`,
    [toIso(snapshot.now), DEPTH_INTENTS[isMatched ? 'matched' : 'people'], classId, fitting],
  );
  return {
    orders: rows.map((row) => ({
      orderId: parseOrderId(row.order_id),
      side: row.side,
      priceFen: BigInt(row.price_fen),
      leaves: row.leaves,
      liveFrom: at(row.live_from),
      isReserved: row.is_reserved,
    })),
    frozen: new Set(rows.filter((row) => row.is_frozen).map((row) => parseOrderId(row.order_id))),
  };
}

/** Open sell orders that nobody can take, because an item of theirs is frozen. */
export async function listFrozenOrders(sql: Queryable, now: Instant): Promise<ReadonlySet<OrderId>> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select h.order_id from custody.items i join custody.item_holds h on h.item_id = i.item_id and h.state = 'active'
     where i.frozen_until > $1 and h.order_id like 'ord\\_%'`,
    [toIso(now)],
  );
  return new Set(rows.map((row) => parseOrderId(row.order_id)));
}
