/**
 * The book in use: price levels in sorted arrays with the best price last, and per level a linked queue in order of arrival.
 * Placing costs a binary search, a fill and a cancel touch only the order and its level. `naive-book.ts` is its twin in the plainest
 * possible form; both pass `test/conformance/order-book.test.ts`.
 */
import { assert } from '#ledger/primitives/assert.ts';
import type {
  CancelCommand,
  MatchCommand,
  MatchEvent,
  MatchRefusal,
  OrderBook,
  PlaceCommand,
  PriceLevel,
  RestingOrder,
  Side,
} from './order-book.ts';

type Node = {
  readonly id: string;
  readonly account: string;
  readonly level: Level;
  leaves: bigint;
  previous: Node | null;
  next: Node | null;
};
type Level = { readonly price: bigint; readonly side: Side; quantity: bigint; orders: number; first: Node | null; last: Node | null };
/** Levels of one side, worst first. `resting` counts orders by account, so that the self-trade walk is skipped for most. */
type Half = { readonly levels: Level[]; readonly resting: Map<string, number> };

export function createOrderBook(): OrderBook {
  const halves: Record<Side, Half> = { buy: { levels: [], resting: new Map() }, sell: { levels: [], resting: new Map() } };
  const nodes = new Map<string, Node>();
  /** Ids stay taken for ever: a repeated id must never place a second order. */
  const taken = new Set<string>();

  return {
    apply: (command: MatchCommand) => (command.type === 'place' ? place(command) : cancel(command)),
    bestPrice: (side) => halves[side].levels.at(-1)?.price ?? null,
    levels: (side) => halves[side].levels.toReversed().map(({ price, quantity, orders }): PriceLevel => ({ price, quantity, orders })),
    find(id) {
      const node = nodes.get(id);
      return node === undefined ? null : restingOrder(node);
    },
    orders: (side) => halves[side].levels.toReversed().flatMap((level) => [...queue(level)].map(restingOrder)),
  };

  function place(command: PlaceCommand): readonly MatchEvent[] {
    const refusal = refusePlace(command);
    if (refusal !== null) return [{ type: 'rejected', id: command.id, code: refusal }];
    taken.add(command.id);
    const events: MatchEvent[] = [];
    if (command.tif === 'fok' && !isFillable(command)) return [{ type: 'canceled', id: command.id, leavesQuantity: command.quantity }];
    const leaves = take(command, events);
    if (leaves > 0n) {
      if (command.tif === 'gtc') rest(command, leaves);
      else events.push({ type: 'canceled', id: command.id, leavesQuantity: leaves });
    }
    return events;
  }

  function refusePlace(command: PlaceCommand): MatchRefusal | null {
    if (command.quantity <= 0n) return 'quantity_invalid';
    if (command.price <= 0n) return 'price_invalid';
    if (taken.has(command.id)) return 'duplicate_order';
    return wouldSelfTrade(command) ? 'self_trade' : null;
  }

  /** Does an own order stand among those that this one would fill? Own orders behind them do no harm. */
  function wouldSelfTrade(command: PlaceCommand): boolean {
    const half = halves[opposite(command.side)];
    if (!half.resting.has(command.account)) return false;
    let wanted = command.quantity;
    for (let i = half.levels.length - 1; i >= 0; i--) {
      const level = half.levels[i];
      if (level === undefined || !crosses(command, level.price)) return false;
      for (const node of queue(level)) {
        if (node.account === command.account) return true;
        wanted -= node.leaves;
        if (wanted <= 0n) return false;
      }
    }
    return false;
  }

  function isFillable(command: PlaceCommand): boolean {
    const { levels } = halves[opposite(command.side)];
    let wanted = command.quantity;
    for (let i = levels.length - 1; i >= 0 && wanted > 0n; i--) {
      const level = levels[i];
      if (level === undefined || !crosses(command, level.price)) return false;
      wanted -= level.quantity;
    }
    return wanted <= 0n;
  }

  function take(command: PlaceCommand, events: MatchEvent[]): bigint {
    const { levels } = halves[opposite(command.side)];
    let leaves = command.quantity;
    for (let level = levels.at(-1); leaves > 0n && level !== undefined && crosses(command, level.price); level = levels.at(-1)) {
      const maker = level.first;
      assert(maker !== null, 'a level in the book holds an order');
      const quantity = maker.leaves < leaves ? maker.leaves : leaves;
      events.push({ type: 'fill', maker: maker.id, taker: command.id, price: level.price, quantity });
      leaves -= quantity;
      maker.leaves -= quantity;
      level.quantity -= quantity;
      if (maker.leaves === 0n) remove(maker);
    }
    return leaves;
  }

  function rest(command: PlaceCommand, leaves: bigint): void {
    const half = halves[command.side];
    const index = searchLevel(half.levels, command.side, command.price);
    let level = half.levels[index];
    if (level === undefined || level.price !== command.price) {
      level = { price: command.price, side: command.side, quantity: 0n, orders: 0, first: null, last: null };
      half.levels.splice(index, 0, level);
    }
    const node: Node = { id: command.id, account: command.account, level, leaves, previous: level.last, next: null };
    if (level.last === null) level.first = node;
    else level.last.next = node;
    level.last = node;
    level.quantity += leaves;
    level.orders += 1;
    nodes.set(node.id, node);
    half.resting.set(node.account, (half.resting.get(node.account) ?? 0) + 1);
  }

  function cancel(command: CancelCommand): readonly MatchEvent[] {
    const node = nodes.get(command.id);
    if (node === undefined) return [{ type: 'rejected', id: command.id, code: 'unknown_order' }];
    const leavesQuantity = node.leaves;
    node.level.quantity -= leavesQuantity;
    remove(node);
    return [{ type: 'canceled', id: command.id, leavesQuantity }];
  }

  /** Unlinks an order whose quantity no longer counts in its level. */
  function remove(node: Node): void {
    const { level } = node;
    const half = halves[level.side];
    if (node.previous === null) level.first = node.next;
    else node.previous.next = node.next;
    if (node.next === null) level.last = node.previous;
    else node.next.previous = node.previous;
    level.orders -= 1;
    nodes.delete(node.id);
    const resting = (half.resting.get(node.account) ?? 0) - 1;
    if (resting === 0) half.resting.delete(node.account);
    else half.resting.set(node.account, resting);
    if (level.orders === 0) half.levels.splice(searchLevel(half.levels, level.side, level.price), 1);
  }
}

function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

function crosses(command: PlaceCommand, price: bigint): boolean {
  return command.side === 'buy' ? price <= command.price : price >= command.price;
}

/** Index of the level with this price, or where it belongs: bids ascend and asks descend, so that the best stands last. */
function searchLevel(levels: readonly Level[], side: Side, price: bigint): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = levels[middle]?.price ?? 0n;
    if (side === 'buy' ? at < price : at > price) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* queue(level: Level): Generator<Node> {
  for (let node = level.first; node !== null; node = node.next) yield node;
}

function restingOrder(node: Node): RestingOrder {
  return { id: node.id, account: node.account, side: node.level.side, price: node.level.price, leavesQuantity: node.leaves };
}
