/** Rows of the pipeline as procedures answer them. */

import { decodeSignedOrder, encodeOrder } from '#ledger/codec/order.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { ownCondition } from '#server/market/expression/order-expression.ts';
import type { ClassRow, OrderRow } from '#server/settlement/model.ts';
import type { OrderView } from '#server/trpc/views.ts';

/** The class's own columns that a row of a list shows. */
export type ClassFace = Pick<ClassRow, 'classId' | 'nameZh' | 'nameEn' | 'icon' | 'rarity'>;

export function orderView(order: OrderRow, face: ClassFace): OrderView {
  return {
    orderId: order.orderId,
    intent: order.intent,
    side: order.side,
    mechanism: order.mechanism,
    state: order.state,
    reason: order.reason,
    classId: order.classId,
    names: { zh: face.nameZh, en: face.nameEn },
    icon: face.icon,
    rarity: face.rarity,
    priceFen: String(order.priceFen),
    quantity: order.quantity,
    filledQuantity: order.filled,
    leavesQuantity: order.endedAt === null ? order.quantity - order.filled : 0,
    heldFen: String(order.holdLeftFen),
    heldItems: order.endedAt === null ? order.items.map((item) => item.itemId) : [],
    expression: order.expression === '' ? null : ownCondition(order.expression),
    smallestFill: order.smallestFill,
    experimentId: order.experimentId,
    placedAt: toIso(order.placedAt),
    expiresAt: toIso(order.expiresAt),
    endedAt: isoOf(order.endedAt),
    orderBytes: toHex(encodeOrder(decodeSignedOrder(order.signedOrder).order)),
  };
}

function isoOf(at: Instant | null): string | null {
  return at === null ? null : toIso(at);
}
