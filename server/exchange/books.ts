/** The matched books, one per kind, in memory under the one writer. A book is rebuilt from its open orders when it is first needed and
 *  after a group that was thrown away: the same orders in the same sequence give the same book. */
import { assert } from '#ledger/primitives/assert.ts';
import type { ClassId, OrderId } from '#ledger/primitives/ids.ts';
import { createOrderBook } from '#server/matching/level-book.ts';
import type { OrderBook } from '#server/matching/order-book.ts';
import type { OrderRow } from '#server/settlement/model.ts';

export type Book = { readonly engine: OrderBook; readonly rows: Map<OrderId, OrderRow> };

export interface Books {
  find(classId: ClassId): Book | null;
  /** Open matched orders of a kind by sequence. */
  build(classId: ClassId, open: readonly OrderRow[]): Book;
  /** The one row of a resting order, if its book is built. */
  rowOf(orderId: OrderId): OrderRow | null;
  /** Forgets what may hold orders of a group that failed. */
  drop(classId: ClassId): void;
}

export function createBooks(): Books {
  const books = new Map<ClassId, Book>();
  return {
    find: (classId) => books.get(classId) ?? null,
    build: (classId, open) => {
      const book: Book = { engine: createOrderBook(), rows: new Map() };
      for (const row of open) {
        const events = book.engine.apply(placeCommand(row, 'gtc'));
        assert(events.length === 0, 'resting orders do not cross');
        book.rows.set(row.orderId, row);
      }
      books.set(classId, book);
      return book;
    },
    rowOf: (orderId) => {
      for (const { rows } of books.values()) {
        const row = rows.get(orderId);
        if (row !== undefined) return row;
      }
      return null;
    },
    drop: (classId) => void books.delete(classId),
  };
}

export function placeCommand(row: OrderRow, tif: OrderRow['timeInForce']) {
  return {
    type: 'place',
    id: row.orderId,
    account: row.acct,
    side: row.side,
    price: row.priceFen,
    quantity: BigInt(row.quantity - row.filled),
    tif,
  } as const;
}
