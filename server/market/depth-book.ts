/**
 * One kind's orders by price level, as everybody may see them (product P-15). Pure: it is told what became of orders and which of them are
 * frozen, and answers with the levels that changed. Shown are the best levels of each side; a level that comes into them because a better one
 * is gone is a change like any other, so that whoever applies the changes has the same levels as whoever asks anew.
 */
import type { OrderId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { DepthLevel, LevelChange } from '#server/trpc/views.ts';

export const DEPTH_LEVELS = 60;

export type BookOrder = {
  readonly orderId: OrderId;
  readonly side: 'sell' | 'buy';
  readonly priceFen: bigint;
  /** What is still open of it; 0 when it has ended. */
  readonly leaves: number;
  /** The end of its publicity. */
  readonly liveFrom: Instant;
  /** Promised to one buyer whose payment is on its way: nobody else can have it meanwhile. */
  readonly isReserved: boolean;
};

type Level = { count: number; quantity: number };
/** `prices`: best first. */
type Side = { readonly levels: Map<bigint, Level>; readonly prices: bigint[] };
type Shown = ReadonlyMap<bigint, Readonly<Level>>;

export class DepthBook {
  readonly #orders = new Map<OrderId, BookOrder>();
  /** Those that the levels hold, as they were counted. */
  readonly #counted = new Map<OrderId, BookOrder>();
  readonly #sides: Readonly<Record<BookOrder['side'], Side>> = {
    sell: { levels: new Map(), prices: [] },
    buy: { levels: new Map(), prices: [] },
  };
  #frozen: ReadonlySet<OrderId> = new Set();

  /** What orders are now. `null`: nothing that anybody sees has changed. */
  put(orders: readonly BookOrder[], now: Instant): readonly LevelChange[] | null {
    return this.#change(() => {
      for (const order of orders) {
        if (order.leaves > 0) this.#orders.set(order.orderId, order);
        else this.#orders.delete(order.orderId);
      }
      return orders.filter(({ orderId }) => this.#count(orderId, now)).length;
    });
  }

  /** What the clock has changed: publicity that ended, items that are frozen or free again. */
  turn(frozen: ReadonlySet<OrderId>, now: Instant): readonly LevelChange[] | null {
    this.#frozen = frozen;
    return this.#change(() => [...this.#orders.keys()].filter((orderId) => this.#count(orderId, now)).length);
  }

  /** Best price first. */
  levels(side: BookOrder['side']): readonly DepthLevel[] {
    let cumulative = 0;
    return [...this.#shown(side)].map(([price, { count, quantity }]) => {
      cumulative += quantity;
      return { priceFen: String(price), count, quantity, cumulative };
    });
  }

  #change(act: () => number): readonly LevelChange[] | null {
    const before = { sell: this.#shown('sell'), buy: this.#shown('buy') };
    if (act() === 0) return null;
    return [...differences('sell', before.sell, this.#shown('sell')), ...differences('buy', before.buy, this.#shown('buy'))];
  }

  /** @returns whether the order counts otherwise than before */
  #count(orderId: OrderId, now: Instant): boolean {
    const order = this.#orders.get(orderId);
    const before = this.#counted.get(orderId);
    const isOpen = order !== undefined && order.liveFrom <= now && !order.isReserved && !this.#frozen.has(orderId);
    const after = isOpen ? order : undefined;
    if (before?.priceFen === after?.priceFen && before?.leaves === after?.leaves) return false;
    if (before !== undefined) this.#add(before, -1);
    if (after !== undefined) this.#add(after, 1);
    if (after === undefined) this.#counted.delete(orderId);
    else this.#counted.set(orderId, after);
    return true;
  }

  #add({ side, priceFen, leaves }: BookOrder, by: 1 | -1): void {
    const { levels, prices } = this.#sides[side];
    const level = levels.get(priceFen) ?? { count: 0, quantity: 0 };
    level.count += by;
    level.quantity += by * leaves;
    const isBetter = (price: bigint) => (side === 'sell' ? price < priceFen : price > priceFen);
    const place = placeOf(prices, isBetter);
    if (level.count === 0) {
      levels.delete(priceFen);
      prices.splice(place, 1);
    } else if (!levels.has(priceFen)) {
      levels.set(priceFen, level);
      prices.splice(place, 0, priceFen);
    }
  }

  #shown(side: BookOrder['side']): Shown {
    const { levels, prices } = this.#sides[side];
    const shown = new Map<bigint, Readonly<Level>>();
    for (const price of prices.slice(0, DEPTH_LEVELS)) shown.set(price, { ...(levels.get(price) ?? { count: 0, quantity: 0 }) });
    return shown;
  }
}

/** How many stand before: the prices are in order, so half of them are left out with each look. */
function placeOf(prices: readonly bigint[], isBetter: (price: bigint) => boolean): number {
  let [low, high] = [0, prices.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const price = prices[middle];
    if (price !== undefined && isBetter(price)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function differences(side: BookOrder['side'], before: Shown, after: Shown): readonly LevelChange[] {
  const changes: LevelChange[] = [];
  for (const price of before.keys()) if (!after.has(price)) changes.push({ side, priceFen: String(price), count: 0, quantity: 0 });
  for (const [price, { count, quantity }] of after) {
    const old = before.get(price);
    if (old?.count !== count || old.quantity !== quantity) changes.push({ side, priceFen: String(price), count, quantity });
  }
  return changes;
}
