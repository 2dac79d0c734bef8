/** My orders (product P-37), open and past, newest first. */
import { z } from 'zod';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { parseOrderId } from '#ledger/primitives/ids.ts';
import { listOrders } from '#server/exchange/rows.repo.ts';
import { orderView } from '#server/exchange/views.ts';
import { query } from '#server/journal/rows.repo.ts';
import { playerProcedure } from '#server/trpc/init.ts';
import type { OrderView } from '#server/trpc/views.ts';
import { faceIn, listFaces } from './cards.repo.ts';
import { readSeqCursor, writeCursor } from './cursor.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

const PAGE = 100;

export type OrderPage = { readonly rows: readonly OrderView[]; readonly nextCursor: string | null; readonly height: number };
export type OrderFilter = { readonly open?: boolean | undefined; readonly cursor?: string | undefined };

export async function listOrderPage({ tx, height }: Snapshot, acct: AccountId, { open, cursor }: OrderFilter): Promise<OrderPage> {
  const before = readSeqCursor(cursor);
  const state = open === undefined ? '' : open ? 'and ended_at is null' : 'and ended_at is not null';
  const places = await query<{ order_id: string; seq: string }>(
    tx,
    `select order_id, seq from market.orders where acct = $1 ${state} ${before === null ? '' : 'and seq < $2::bigint'} order by seq desc limit ${PAGE + 1}`,
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
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const last = shown.at(-1);
  return {
    rows: shown.flatMap((row) => {
      const order = byId.get(parseOrderId(row.order_id));
      if (order === undefined) return [];
      const { names, icon, rarity } = faceIn(faces, order.classId);
      return [orderView(order, { classId: order.classId, nameZh: names.zh, nameEn: names.en, icon, rarity })];
    }),
    nextCursor: places.length > PAGE && last !== undefined ? writeCursor([last.seq]) : null,
    height,
  };
}

/** `order.list` of the order router. */
export const orderListProcedure = playerProcedure
  .input(z.strictObject({ open: z.boolean().optional(), cursor: z.string().max(400).optional() }))
  .query(
    ({ ctx, input }): Promise<OrderPage> =>
      readSnapshot(ctx.services, ctx.player.acct, (snapshot) => listOrderPage(snapshot, ctx.player.acct, input)),
  );
