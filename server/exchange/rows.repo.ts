/** Reads orders, items and kinds as the pipeline works on them. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import {
  type AccountId,
  type ClassId,
  type ItemId,
  type OrderId,
  parseAccountId,
  parseClassId,
  parseItemId,
  parseOrderId,
} from '#ledger/primitives/ids.ts';
import { at, atOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import { expressionSchema } from '#server/market/expression/expression.ts';
import type { ExpressionRecord } from '#server/market/expression/match-expression.ts';
import type { ClassRow, ItemRow, OrderRow } from '#server/settlement/model.ts';
import { parseHolderId } from '#server/settlement/sale-id.ts';
import { TERM_COLUMNS, type TermColumns, type TermsOverTime, termsOverTime } from '#server/studio/class-terms.ts';
import { DECLARED_AFFILIATES } from './affiliates.repo.ts';

type OrderColumns = {
  order_id: string;
  seq: string;
  priority: string;
  priced_at: Date;
  replaces: string | null;
  acct: string;
  reference_id: string;
  intent: OrderRow['intent'];
  side: OrderRow['side'];
  mechanism: OrderRow['mechanism'];
  class_id: string;
  price_fen: string;
  quantity: number;
  filled: number;
  state: OrderRow['state'];
  reason: string | null;
  time_in_force: OrderRow['timeInForce'];
  experiment_id: string | null;
  target_order_id: string | null;
  fee_bps: number;
  royalty_bps: number;
  live_from: Date;
  placed_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  signed_order: Uint8Array;
  terms: OrderRow['terms'];
  quote: OrderRow['quote'];
  held: readonly { i: string; s: string; v: string }[] | null;
  left_fen: string | null;
  expression: string | null;
  smallest_fill: number;
};

// From the order to its items, and from each to its hold: without the fence the planner may read every active hold there is, once an order.
export const ORDER_SELECT = `select o.*,
    (select json_agg(json_build_object('i', oi.item_id, 's', oi.ledger_serial::text, 'v', oi.ver::text) order by held.acquired_at, held.ledger_serial)
       from market.order_items oi cross join lateral (
         select i.acquired_at, i.ledger_serial from custody.item_holds h join custody.items i on i.item_id = h.item_id
         where h.order_id = oi.order_id and h.item_id = oi.item_id and h.state = 'active' offset 0) held
       where oi.order_id = o.order_id) as held,
    (select left_fen from journal.holds jh where jh.order_id = o.order_id) as left_fen
  from market.orders o`;

export function orderOf(row: OrderColumns): OrderRow {
  return {
    orderId: parseOrderId(row.order_id),
    seq: BigInt(row.seq),
    priority: BigInt(row.priority),
    pricedAt: at(row.priced_at),
    replaces: row.replaces === null ? null : parseOrderId(row.replaces),
    acct: parseAccountId(row.acct),
    referenceId: row.reference_id,
    intent: row.intent,
    side: row.side,
    mechanism: row.mechanism,
    classId: parseClassId(row.class_id),
    priceFen: BigInt(row.price_fen),
    quantity: row.quantity,
    filled: row.filled,
    state: row.state,
    reason: row.reason,
    timeInForce: row.time_in_force,
    experimentId: row.experiment_id,
    targetOrderId: row.target_order_id === null ? null : parseOrderId(row.target_order_id),
    feeBps: row.fee_bps,
    royaltyBps: row.royalty_bps,
    liveFrom: at(row.live_from),
    placedAt: at(row.placed_at),
    expiresAt: at(row.expires_at),
    endedAt: atOrNull(row.ended_at),
    signedOrder: plainBytes(row.signed_order),
    terms: row.terms,
    quote: row.quote,
    items: (row.held ?? []).map(({ i, s, v }) => ({ itemId: parseItemId(i), serial: BigInt(s), ver: BigInt(v) })),
    holdLeftFen: BigInt(row.left_fen ?? '0'),
    expression: row.expression ?? '',
    smallestFill: row.smallest_fill,
  };
}

/** The driver gives a Buffer; inside only plain byte arrays go round. */
export function plainBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

export async function listOrders(sql: Queryable, orderIds: readonly OrderId[]): Promise<readonly OrderRow[]> {
  if (orderIds.length === 0) return [];
  return (await query<OrderColumns>(sql, `${ORDER_SELECT} where o.order_id = any($1)`, [orderIds])).map(orderOf);
}

/** Open matched orders of a kind in the order of their places. */
export async function listOpenMatched(sql: Queryable, classId: ClassId): Promise<readonly OrderRow[]> {
  const rows = await query<OrderColumns>(
    sql,
    `${ORDER_SELECT} where o.class_id = $1 and o.intent = 'matched' and o.ended_at is null order by o.priority`,
    [classId],
  );
  return rows.map(orderOf);
}

export async function listOrdersOfAccount(
  sql: Queryable,
  acct: AccountId,
  options: { readonly openOnly: boolean; readonly limit: number },
): Promise<readonly OrderRow[]> {
  const rows = await query<OrderColumns>(
    sql,
    `${ORDER_SELECT} where o.acct = $1 ${options.openOnly ? 'and o.ended_at is null' : ''} order by o.seq desc limit ${String(options.limit)}`,
    [acct],
  );
  return rows.map(orderOf);
}

/** A reserved listing outlives its end: it is sold or runs out when the payment's time is over. */
export async function listExpired(sql: Queryable, now: Date, limit: number): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select order_id from market.orders o where ended_at is null and expires_at <= $1
       and not exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved')
     order by expires_at limit ${String(limit)}`,
    [now],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}

/** Open orders for kinds of these studios; one that a payment from outside waits for ends with it. */
/** Placed before the end of their studio. */
export async function listOpenOfStudios(
  sql: Queryable,
  studios: readonly { readonly acct: string; readonly endsAt: number }[],
  limit: number,
): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select o.order_id from market.orders o join catalogue.item_classes c on c.class_id = o.class_id
     join json_to_recordset($1::text::json) as s(acct text, "endsAt" bigint) on s.acct = c.studio_acct
     where o.ended_at is null and extract(epoch from o.placed_at) * 1000 < s."endsAt"
       and not exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved')
     order by o.order_id limit ${String(limit)}`,
    [JSON.stringify(studios)],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}

/** Open sell orders that name an item by a number which is not its own. */
export async function listRenumbered(sql: Queryable, limit: number): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select distinct o.order_id from market.orders o join market.order_items n on n.order_id = o.order_id
       join custody.item_holds h on h.order_id = o.order_id and h.item_id = n.item_id and h.state = 'active'
       join custody.items i on i.item_id = n.item_id
     where o.ended_at is null and o.side = 'sell' and i.ledger_serial <> n.ledger_serial limit ${String(limit)}`,
  );
  return rows.map((row) => parseOrderId(row.order_id));
}

type ItemColumns = {
  item_id: string;
  ledger_serial: string;
  class_id: string;
  unit_no: number;
  owner: string;
  ver: string;
  is_burned: boolean;
  acquired_at: Date;
  protected_until: Date | null;
  publicity_until: Date | null;
  act: ItemRow['acquiredAct'];
  held_by: string | null;
  cost_fen: string | null;
  source: ItemRow['costSource'] | null;
};

const ITEM_SELECT = `select i.item_id, i.ledger_serial, i.class_id, i.unit_no, i.owner, i.ver, i.is_burned, i.acquired_at, i.protected_until,
    i.publicity_until, h.order_id as held_by, l.cost_fen, l.source,
    (select p.act from custody.hops p where p.item_id = i.item_id and p.ver <= i.ver order by p.ver desc limit 1) as act
  from custody.items i
  left join custody.item_holds h on h.item_id = i.item_id and h.state = 'active'
  left join lateral (select cost_fen, source from custody.lots l where l.item_id = i.item_id and l.acct = i.owner and l.ver <= i.ver order by l.ver desc limit 1) l on true`;

function itemOf(row: ItemColumns): ItemRow {
  return {
    itemId: parseItemId(row.item_id),
    serial: BigInt(row.ledger_serial),
    classId: parseClassId(row.class_id),
    unitNo: row.unit_no,
    owner: parseAccountId(row.owner),
    ver: BigInt(row.ver),
    isBurned: row.is_burned,
    acquiredAt: at(row.acquired_at),
    acquiredAct: row.act,
    protectedUntil: atOrNull(row.protected_until),
    publicityUntil: atOrNull(row.publicity_until),
    heldBy: row.held_by === null ? null : parseHolderId(row.held_by),
    costFen: row.cost_fen === null ? null : BigInt(row.cost_fen),
    costSource: row.source ?? 'none',
  };
}

export async function listItemsBySerial(sql: Queryable, serials: readonly bigint[]): Promise<readonly ItemRow[]> {
  if (serials.length === 0) return [];
  const rows = await query<ItemColumns>(sql, `${ITEM_SELECT} where i.ledger_serial = any($1::bigint[])`, [serials.map(String)]);
  return rows.map(itemOf);
}

export async function listItems(sql: Queryable, itemIds: readonly ItemId[]): Promise<readonly ItemRow[]> {
  if (itemIds.length === 0) return [];
  return (await query<ItemColumns>(sql, `${ITEM_SELECT} where i.item_id = any($1)`, [itemIds])).map(itemOf);
}

type ClassColumns = TermColumns & {
  class_id: string;
  ledger_serial: string;
  studio_acct: string;
  affiliates: readonly string[];
  game_id: string;
  name_zh: string | null;
  name_en: string;
  picture: string;
  rarity: string | null;
  interchangeable: boolean;
  origin: ClassRow['origin'];
  draw_table_sm3: string | null;
  approval_no: string | null;
  category: string;
  type: string;
  refinement: string | null;
  class_ref: string;
  attributes: ExpressionRecord['attributes'];
  definitions: Parameters<typeof expressionSchema>[0] | null;
};

type TermFacts =
  | 'feeBps'
  | 'royaltyBps'
  | 'publicityHours'
  | 'protectionHours'
  | 'resaleWaitTradingDays'
  | 'isCollectible'
  | 'isGiftable'
  | 'isResalable'
  | 'smallestOfferBps';
/** A kind with its terms over time: which of them hold is asked with a moment. */
export type DeclaredClassRow = Omit<ClassRow, TermFacts> & { readonly terms: TermsOverTime };

export async function listClasses(sql: Queryable, classIds: readonly ClassId[]): Promise<readonly DeclaredClassRow[]> {
  if (classIds.length === 0) return [];
  const rows = await query<ClassColumns>(
    sql,
    `select c.class_id, c.ledger_serial, c.studio_acct, ${DECLARED_AFFILIATES} as affiliates, c.game_id, c.name_zh, c.name_en, c.picture, c.rarity, c.interchangeable, c.origin,
       c.draw_table_sm3, g.approval_no, c.category, c.type, c.refinement, c.class_ref, c.attributes, ${TERM_COLUMNS},
       (select json_agg(json_build_object('key', d.key, 'type', d.type)) from catalogue.attribute_definitions d where d.game_id = c.game_id)
         as definitions
     from catalogue.item_classes c join catalogue.games g on g.game_id = c.game_id where c.class_id = any($1)`,
    [classIds],
  );
  return rows.map((row) => ({
    classId: parseClassId(row.class_id),
    serial: Number(row.ledger_serial),
    studioAcct: parseAccountId(row.studio_acct),
    affiliates: new Set(row.affiliates),
    gameId: row.game_id,
    nameZh: row.name_zh,
    nameEn: row.name_en,
    icon: row.picture,
    rarity: row.rarity,
    isInterchangeable: row.interchangeable,
    origin: row.origin,
    drawTableSm3: row.draw_table_sm3,
    approvalNo: row.approval_no,
    record: {
      columns: {
        game: row.game_id,
        category: row.category,
        type: row.type,
        rarity: row.rarity,
        refinement: row.refinement,
        class_ref: row.class_ref,
      },
      attributes: row.attributes,
    },
    schema: expressionSchema(row.definitions ?? []),
    terms: termsOverTime(row),
  }));
}
