/** Market data of single kinds after a commit: not kept, numbered by the feed, rebuilt from a snapshot. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { Group } from '#server/settlement/group.ts';
import type { OrderRow } from '#server/settlement/model.ts';
import { classRoom, message } from './messages.ts';
import type { SettledTx } from './save-trades.repo.ts';

export function classMessages(group: Group, settled: readonly SettledTx[], height: bigint): readonly NewMessage[] {
  const at = group.now;
  const touched = new Set<OrderRow>([...group.newOrders, ...group.changedOrders]);
  const classIds = new Set([...touched].filter(isShown).map((order) => order.classId));
  return [
    ...settled.map(({ settled: { trade } }) =>
      message(classRoom(trade.classId), 'tape.trade', at, {
        classId: trade.classId,
        tradeId: trade.tradeId,
        priceFen: String(trade.priceFen),
        quantity: trade.quantity,
        at: toIso(at),
        mechanism: trade.mechanism,
      }),
    ),
    ...[...classIds].map((classId) =>
      message(classRoom(classId), 'book.delta', at, {
        classId,
        height: Number(height),
        changes: [...touched]
          .filter((order) => order.classId === classId && isShown(order))
          .map((order) => ({
            orderId: order.orderId,
            side: order.side,
            priceFen: String(order.priceFen),
            leavesQuantity: order.endedAt === null ? order.quantity - order.filled : 0,
          })),
      }),
    ),
  ];
}

/** Immediate orders never stand in a book, and what is offered to one person is nobody else's business. */
function isShown(order: OrderRow): boolean {
  if ((order.quote.document.namedBuyer ?? null) !== null) return false;
  return order.intent === 'listing' || order.intent === 'buy_order' || order.intent === 'matched';
}
