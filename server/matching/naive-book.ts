/** The plainest order book that can be right: one array in order of arrival, sorted anew for each command. The twin that the
 *  conformance suite holds against `level-book.ts`; nothing else uses it. */
import type { MatchCommand, MatchEvent, OrderBook, PlaceCommand, PriceLevel, RestingOrder, Side } from './order-book.ts';

type Order = RestingOrder & { readonly arrival: number };

export function createNaiveBook(): OrderBook {
  let resting: readonly Order[] = [];
  const taken: string[] = [];

  return {
    apply: (command: MatchCommand) => (command.type === 'place' ? place(command) : cancel(command.id)),
    bestPrice: (side) => sorted(side)[0]?.price ?? null,
    levels(side) {
      const prices = [...new Set(sorted(side).map((order) => order.price))];
      return prices.map((price): PriceLevel => {
        const orders = sorted(side).filter((order) => order.price === price);
        return { price, quantity: orders.reduce((sum, order) => sum + order.leavesQuantity, 0n), orders: orders.length };
      });
    },
    find: (id) => withoutArrival(resting.find((order) => order.id === id)),
    orders: (side) => sorted(side).map((order) => ({ ...strip(order) })),
  };

  function sorted(side: Side): readonly Order[] {
    const better = (a: Order, b: Order) => (a.price === b.price ? a.arrival - b.arrival : a.price < b.price === (side === 'sell') ? -1 : 1);
    return resting.filter((order) => order.side === side).toSorted(better);
  }

  function place(command: PlaceCommand): readonly MatchEvent[] {
    if (command.quantity <= 0n) return [{ type: 'rejected', id: command.id, code: 'quantity_invalid' }];
    if (command.price <= 0n) return [{ type: 'rejected', id: command.id, code: 'price_invalid' }];
    if (taken.includes(command.id)) return [{ type: 'rejected', id: command.id, code: 'duplicate_order' }];
    const makers = sorted(command.side === 'buy' ? 'sell' : 'buy').filter((order) =>
      command.side === 'buy' ? order.price <= command.price : order.price >= command.price,
    );
    const fills: { readonly maker: Order; readonly quantity: bigint }[] = [];
    let leaves = command.quantity;
    for (const maker of makers) {
      if (leaves === 0n) break;
      const quantity = maker.leavesQuantity < leaves ? maker.leavesQuantity : leaves;
      fills.push({ maker, quantity });
      leaves -= quantity;
    }
    if (fills.some(({ maker }) => maker.account === command.account)) return [{ type: 'rejected', id: command.id, code: 'self_trade' }];
    taken.push(command.id);
    if (command.tif === 'fok' && leaves > 0n) return [{ type: 'canceled', id: command.id, leavesQuantity: command.quantity }];
    resting = resting.flatMap((order) => {
      const fill = fills.find(({ maker }) => maker.id === order.id);
      const left = order.leavesQuantity - (fill?.quantity ?? 0n);
      return left === 0n ? [] : [{ ...order, leavesQuantity: left }];
    });
    const events: MatchEvent[] = fills.map(({ maker, quantity }) => ({
      type: 'fill',
      maker: maker.id,
      taker: command.id,
      price: maker.price,
      quantity,
    }));
    if (leaves > 0n && command.tif === 'gtc') {
      const { id, account, side, price } = command;
      resting = [...resting, { id, account, side, price, leavesQuantity: leaves, arrival: taken.length }];
    } else if (leaves > 0n) events.push({ type: 'canceled', id: command.id, leavesQuantity: leaves });
    return events;
  }

  function cancel(id: string): readonly MatchEvent[] {
    const order = resting.find((candidate) => candidate.id === id);
    if (order === undefined) return [{ type: 'rejected', id, code: 'unknown_order' }];
    resting = resting.filter((candidate) => candidate.id !== id);
    return [{ type: 'canceled', id, leavesQuantity: order.leavesQuantity }];
  }
}

function strip({ id, account, side, price, leavesQuantity }: Order): RestingOrder {
  return { id, account, side, price, leavesQuantity };
}

function withoutArrival(order: Order | undefined): RestingOrder | null {
  return order === undefined ? null : strip(order);
}
