/** What counts for the ceilings of packs while recorded facts are run through again: trades by window, and what orders still stand for
 *  (rulebook 6.8 step 2). The same totals as the market's own, from facts alone. */
import { beijingDate } from '#ledger/primitives/instant.ts';
import { addSums, type CapHistory, capTotals, capWindow, NOTHING, type OpenOrder, type Sum } from '../decisions/caps.ts';
import type { CalendarWindow, CapRule, RulePack } from '../packs/rule-pack.ts';
import type { AttemptFact, DealtFact } from './facts.ts';

export type CapSums = {
  /** An order came of the attempt. */
  readonly place: (fact: AttemptFact) => void;
  readonly trade: (trade: DealtFact) => void;
  /** A trade that did not come about: its units stand open no more. */
  readonly undo: (trade: DealtFact) => void;
  /** Nothing but what is already agreed comes of it any more. */
  readonly end: (fact: AttemptFact, agreed: readonly DealtFact[]) => void;
  readonly totals: (fact: AttemptFact, pack: RulePack) => Readonly<Record<string, bigint>> | undefined;
};

const none = (): undefined => undefined;
const WITHOUT_CAPS: CapSums = { place: none, trade: none, undo: none, end: none, totals: none };

export function createCapSums(rules: readonly CapRule[]): CapSums {
  if (rules.length === 0) return WITHOUT_CAPS;
  const windows = [...new Set<CalendarWindow>(rules.map(({ window }) => window))];
  const traded = new Map<string, Sum>();
  const open = new Map<string, Map<string, OpenOrder>>();

  const ordersOf = (personRef: string): Map<string, OpenOrder> => {
    const known = open.get(personRef);
    if (known !== undefined) return known;
    const orders = new Map<string, OpenOrder>();
    open.set(personRef, orders);
    return orders;
  };

  function takeFrom(personRef: string, orderId: string, itemIds: readonly string[]): void {
    const orders = ordersOf(personRef);
    const order = orders.get(orderId);
    if (order === undefined) return;
    const units = order.units - itemIds.length;
    if (units <= 0) orders.delete(orderId);
    else {
      const left = order.itemIds.filter((itemId) => !itemIds.includes(itemId));
      orders.set(orderId, { ...order, units, trades: Math.min(order.trades, units), itemIds: left });
    }
  }

  return {
    place: (fact) => {
      const order = openOrder(fact);
      if (order === null) return;
      const orders = ordersOf(fact.facts.person.personRef);
      for (const orderId of fact.standing?.replaces ?? []) orders.delete(orderId);
      orders.set(order.orderId, order);
    },
    trade: (trade) => {
      const date = beijingDate(trade.paidAt);
      for (const [side, personRef, orderId] of sidesOf(trade)) {
        takeFrom(personRef, orderId, trade.itemIds);
        if (trade.txType === 'PRIMARY') continue;
        for (const window of windows) {
          const key = keyOf(side, personRef, capWindow(window, date));
          traded.set(key, addSums(traded.get(key) ?? NOTHING, { grossFen: trade.grossFen, trades: 1n }));
        }
      }
    },
    undo: (trade) => {
      for (const [, personRef, orderId] of sidesOf(trade)) takeFrom(personRef, orderId, trade.itemIds);
    },
    end: (fact, agreed) => {
      const order = openOrder(fact);
      if (order === null || !ordersOf(fact.facts.person.personRef).has(order.orderId)) return;
      const itemIds = agreed.flatMap((trade) => trade.itemIds);
      const orders = ordersOf(fact.facts.person.personRef);
      if (itemIds.length === 0) orders.delete(order.orderId);
      else {
        const offered = order.side === 'sell' ? itemIds : [];
        orders.set(order.orderId, { ...order, units: itemIds.length, trades: agreed.length, itemIds: offered });
      }
    },
    totals: (fact, pack) => {
      const { attempt, facts, standing } = fact;
      const { personRef } = facts.person;
      const history: CapHistory = {
        traded: (side, window) => traded.get(keyOf(side, personRef, window)) ?? NOTHING,
        // What is agreed stands with its order until it settles.
        waiting: () => NOTHING,
        open: [...(open.get(personRef)?.values() ?? [])],
      };
      const itemIds = attempt.side === 'sell' ? facts.items.map(({ itemId }) => itemId) : [];
      return capTotals(pack.caps, beijingDate(attempt.at), history, { side: attempt.side, itemIds, ends: standing?.replaces ?? [] });
    },
  };
}

function sidesOf(trade: DealtFact) {
  return [
    ['sell', trade.sellerRef, trade.sellOrderId],
    ['buy', trade.buyerRef, trade.buyOrderId],
  ] as const;
}

function openOrder({ orderId, attempt, facts }: AttemptFact): OpenOrder | null {
  if (orderId === null || attempt.act !== 'secondary') return null;
  return {
    orderId,
    side: attempt.side,
    unitFen: attempt.unitPriceFen,
    units: attempt.quantity,
    trades: attempt.atMost?.trades ?? 1,
    itemIds: attempt.side === 'sell' ? facts.items.map(({ itemId }) => itemId) : [],
  };
}

function keyOf(side: 'buy' | 'sell', personRef: string, window: string): string {
  return `${side} ${personRef} ${window}`;
}
