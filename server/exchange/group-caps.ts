/** What counts for the ceilings of the pack when a placement of a group is decided: what was read for it, and what the group has done
 *  since. So orders of one person in one group see each other. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import {
  addSums,
  type CapHistory,
  capTotals,
  capWindow,
  type NewOrder,
  NOTHING,
  type OpenOrder,
  type Sum,
} from '#sandbox/decisions/caps.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { type CapFacts, mostTrades, NO_CAP_FACTS, type Side, tradedKey } from '#server/settlement/cap-facts.ts';
import type { Group } from '#server/settlement/group.ts';
import type { ItemRow, OrderRow } from '#server/settlement/model.ts';
import type { OrderIntent } from '#server/trpc/views.ts';

export type Totals = ReturnType<typeof capTotals>;

/** Of a quote: nothing has happened since the facts were read. */
export function quotedCapTotals(pack: RulePack, date: string, facts: CapFacts | undefined, order: NewOrder): Totals {
  const { traded, waiting, open } = facts ?? NO_CAP_FACTS;
  const history: CapHistory = {
    traded: (side, window) => traded.get(tradedKey(side, window)) ?? NOTHING,
    waiting: (side) => sumOf(waiting.filter((trade) => trade.side === side)),
    open,
  };
  return capTotals(pack.caps, date, history, order);
}

export function groupCapTotals(group: Group, acct: AccountId, order: NewOrder): Totals {
  const { pack, day, loaded } = group;
  if (pack.caps === undefined || pack.caps.length === 0) return undefined;
  const { traded, waiting, open } = loaded.capFacts.get(acct) ?? NO_CAP_FACTS;
  const known = new Set<string>(loaded.orders.keys());
  const current = new Set(pack.caps.map(({ window }) => capWindow(window, day)));
  const history: CapHistory = {
    traded: (side, window) => {
      const before = traded.get(tradedKey(side, window)) ?? NOTHING;
      return current.has(window) ? addSums(before, settledHere(group, acct, side)) : before;
    },
    waiting: (side) => {
      const left = waiting.filter((trade) => trade.side === side && !hasMoved(group, trade.tradeId));
      return addSums(sumOf(left), agreedHere(group, acct, side));
    },
    open: [...open.filter(({ orderId }) => !known.has(orderId)), ...openHere(group, acct)],
  };
  return capTotals(pack.caps, day, history, order);
}

/** Orders that end when this one comes: whose place it takes (ended before it is asked about), and the own listing that an offer spends. */
export function endedBy(intent: OrderIntent, items: readonly ItemRow[], replaces: string | null): readonly string[] {
  const listings = intent === 'accept_offer' ? items.flatMap(({ heldBy }) => (heldBy === null ? [] : [heldBy])) : [];
  return replaces === null ? listings : [...listings, replaces];
}

function settledHere({ acts }: Group, acct: AccountId, side: Side): Sum {
  return sumOf(acts.flatMap((act) => (act.kind === 'trade' && isOf(act.settled.trade, acct, side) ? [act.settled.trade] : [])));
}

function agreedHere(group: Group, acct: AccountId, side: Side): Sum {
  const trades = group.waiting.map(({ trade }) => trade);
  return sumOf(trades.filter((trade) => trade.state === 'publicity' && isOf(trade, acct, side)));
}

function hasMoved({ acts, failed }: Group, tradeId: string): boolean {
  return (
    failed.some(({ trade }) => trade.tradeId === tradeId) ||
    acts.some((act) => act.kind === 'trade' && act.settled.trade.tradeId === tradeId)
  );
}

function isOf({ seller, buyer }: { readonly seller: AccountId; readonly buyer: AccountId }, acct: AccountId, side: Side): boolean {
  return (side === 'sell' ? seller : buyer) === acct;
}

function sumOf(trades: readonly { readonly grossFen: bigint }[]): Sum {
  return { grossFen: trades.reduce((sum, { grossFen }) => sum + grossFen, 0n), trades: BigInt(trades.length) };
}

function openHere({ loaded }: Group, acct: AccountId): readonly OpenOrder[] {
  const own = [...loaded.orders.values()].filter((order) => order.acct === acct && order.endedAt === null);
  return own.map((order) => {
    const units = order.quantity - order.filled;
    const itemIds = order.intent === 'counter' ? counteredItems(order, loaded) : order.items.map(({ itemId }) => itemId);
    return {
      orderId: order.orderId,
      side: order.side,
      unitFen: order.priceFen,
      units,
      trades: mostTrades(order.intent, units),
      itemIds: order.side === 'sell' ? itemIds : [],
    };
  });
}

function counteredItems({ quote, acct }: OrderRow, { items }: Group['loaded']): readonly string[] {
  return quote.document.items.flatMap(({ itemId }) => {
    const item = items.get(itemId);
    return item !== undefined && item.owner !== acct ? [] : [itemId];
  });
}
