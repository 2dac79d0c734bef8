/** My orders (product P-37), open and past, newest first. */
import { z } from 'zod';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type OrderId, parseOrderId, parseTradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { listOrders } from '#server/exchange/rows.repo.ts';
import { orderView } from '#server/exchange/views.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import { playerProcedure } from '#server/trpc/init.ts';
import type { OrderFill, OrderWithFills } from '#server/trpc/views.ts';
import { faceIn, listFaces } from './cards.repo.ts';
import { readSeqCursor, writeCursor } from './cursor.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

const PAGE = 100;

export type OrderPage = { readonly rows: readonly OrderWithFills[]; readonly nextCursor: string | null; readonly height: number };
export type OrderFilter = { readonly open?: boolean | undefined; readonly cursor?: string | undefined };

export async function listOrderPage({ tx, height }: Snapshot, acct: AccountId, { open, cursor }: OrderFilter): Promise<OrderPage> {
  const before = readSeqCursor(cursor);
  const state = open === undefined ? '' : open ? 'and ended_at is null' : 'and ended_at is not null';
  const places = await query<{ order_id: string; seq: string; named_buyer: string | null }>(
    tx,
    `select order_id, seq, (select p.display_name from identity.players p where p.acct = o.named_buyer) as named_buyer
     from market.orders o where acct = $1 ${state} ${before === null ? '' : 'and seq < $2::bigint'} order by seq desc limit ${PAGE + 1}`,
    before === null ? [acct] : [acct, before],
  );
  const shown = places.slice(0, PAGE);
  const orders = await listOrders(
    tx,
    shown.map((row) => parseOrderId(row.order_id)),
  );
  const faces = await listFaces(
    tx,
    orders.map((order) => order.classId),
  );
  const fills = await listFills(
    tx,
    orders.map((order) => order.orderId),
  );
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const last = shown.at(-1);
  return {
    rows: shown.flatMap((row) => {
      const order = byId.get(parseOrderId(row.order_id));
      if (order === undefined) return [];
      const { names, icon, rarity } = faceIn(faces, order.classId);
      const face = { classId: order.classId, nameZh: names.zh, nameEn: names.en, icon, rarity };
      return [{ ...orderView(order, face), namedBuyer: row.named_buyer, fills: fills.get(order.orderId) ?? [] }];
    }),
    nextCursor: places.length > PAGE && last !== undefined ? writeCursor([last.seq]) : null,
    height,
  };
}

type FillColumns = {
  order_id: string;
  trade_id: string;
  class_id: string;
  name_zh: string | null;
  name_en: string;
  price_fen: string;
  quantity: number;
  state: OrderFill['state'];
  ordered_at: Date;
};

/** Each trade seen from its orders, oldest first. */
async function listFills(tx: Snapshot['tx'], orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, readonly OrderFill[]>> {
  const rows = await query<FillColumns>(
    tx,
    `select k.order_id, t.trade_id, t.class_id, c.name_zh, c.name_en, t.price_fen::text, t.quantity, t.state, t.ordered_at
     from unnest($1::text[]) k(order_id) join market.trades t on t.sell_order_id = k.order_id or t.buy_order_id = k.order_id
     join catalogue.item_classes c on c.class_id = t.class_id order by t.seq`,
    [orderIds],
  );
  const fills = new Map<OrderId, OrderFill[]>();
  for (const row of rows) {
    const orderId = parseOrderId(row.order_id);
    const list = fills.get(orderId) ?? [];
    fills.set(orderId, list);
    list.push({
      tradeId: parseTradeId(row.trade_id),
      names: { zh: row.name_zh, en: row.name_en },
      priceFen: row.price_fen,
      quantity: row.quantity,
      state: row.state,
      at: toIso(at(row.ordered_at)),
    });
  }
  return fills;
}

/** `order.list` of the order router. */
export const orderListProcedure = playerProcedure
  .input(z.strictObject({ open: z.boolean().optional(), cursor: z.string().max(400).optional() }))
  .query(
    ({ ctx, input }): Promise<OrderPage> =>
      readSnapshot(ctx.services, ctx.player.acct, (snapshot) => listOrderPage(snapshot, ctx.player.acct, input)),
  );
