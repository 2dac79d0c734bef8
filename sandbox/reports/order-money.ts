/**
 * Money of orders at the payment institution, order by order (rulebook 8.3): what is set aside for an order is one credit of the account, and
 * what leaves it for the seller, the platform, the studio, the tax sub-account or back to the buyer is a debit each. Pure.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { EntryTax, FundEntry, FundKind } from './fund-statement.ts';

/** Money that waits for an order, or for the end of its protection; every other pot is somebody's own. */
export const ORDER_POTS: readonly string[] = ['held', 'pending'];
const OPERATOR = 'operator';

/** One entry of the institution's books that touches such a pot. */
export type OrderBooking = {
  /** `instruction/17`. */
  readonly source: string;
  readonly kind: string;
  readonly at: Instant;
  /** The order that pays. Null where the books know of none, as those of a former operator. */
  readonly orderId: string | null;
  readonly tradeId: string | null;
  readonly buyer: string | null;
  readonly seller: string | null;
  /** Signed; they sum to zero. */
  readonly lines: readonly { readonly ref: string; readonly pot: string; readonly amountFen: Fen }[];
};

const KIND_OF: Readonly<Record<string, FundKind>> = {
  hold: 'hold',
  release: 'release',
  payout: 'payout',
  reserve: 'tax_reserve',
  opening: 'opening',
};

function kindOf(kind: string, isCredit: boolean, ref: string): FundKind {
  const charge = ref === OPERATOR ? 'fee' : 'royalty';
  if (kind === 'trade') return isCredit ? 'hold' : charge;
  if (kind === 'reversal') return isCredit ? charge : 'refund';
  return KIND_OF[kind] ?? 'adjustment';
}

/** Each line outside of the account is a movement of it. What only changes its waiting inside, as a capture of held money does, is none. */
export function orderEntries(bookings: readonly OrderBooking[], taxes: ReadonlyMap<string, EntryTax> = new Map()): readonly FundEntry[] {
  return bookings.flatMap(({ source, kind, at, orderId, tradeId, buyer, seller, lines }) => {
    assert(lines.reduce((sum, { amountFen }) => sum + amountFen, 0n) === 0n, `${source} of the institution balances`);
    const outside = lines.filter(({ pot }) => !ORDER_POTS.includes(pot));
    return outside.map(({ ref, amountFen }, index) => {
      const isCredit = amountFen < 0n;
      const named = kindOf(kind, isCredit, ref);
      return {
        ref: `${source}/${index + 1}`,
        source,
        kind: named,
        at,
        amountFen: fen(isCredit ? -amountFen : amountFen),
        isCredit,
        isReversal: kind === 'reversal',
        orderId,
        tradeId,
        from: isCredit ? ref : null,
        to: isCredit ? null : ref,
        ultimateFrom: isCredit || buyer === ref ? null : buyer,
        ultimateTo: isCredit && seller !== ref ? seller : null,
        tax: named === 'payout' && tradeId !== null ? (taxes.get(tradeId) ?? null) : null,
      };
    });
  });
}

export type OrderMoney = {
  readonly orderId: string;
  /** Times that money was paid in for it; what came back by a reversal is none. */
  readonly credits: number;
  /** Credits less debits: what the institution holds for it. */
  readonly leftFen: Fen;
};

/** Of all entries of these orders, from their first on. */
export function moneyOfOrders(entries: readonly FundEntry[]): readonly OrderMoney[] {
  const named = entries.flatMap((entry) => (entry.orderId === null ? [] : [{ ...entry, orderId: entry.orderId }]));
  return [...Map.groupBy(named, ({ orderId }) => orderId)].map(([orderId, own]) => ({
    orderId,
    credits: own.filter(({ isCredit, isReversal }) => isCredit && !isReversal).length,
    leftFen: fen(own.reduce((sum, { isCredit, amountFen }) => (isCredit ? sum + amountFen : sum - amountFen), 0n)),
  }));
}

export type OrderFault = { readonly orderId: string; readonly fault: 'credits' | 'left' };

/**
 * A paid order has exactly one credit; one that is released has debits that sum to its pay-in, so nothing is left. `heldFen`: what our own books
 * still hold for the order, nothing where it is over. `byFill`: orders of a continuous book, which pay with each fill. `openedFen`: orders that a
 * former operator settled, with what our opening books took over for each: it was paid in under numbers that are gone, so that here are only the
 * debits of what was taken over, and no credit.
 */
export function orderFaults(
  orders: readonly OrderMoney[],
  heldFen: ReadonlyMap<string, Fen>,
  byFill: ReadonlySet<string>,
  openedFen: ReadonlyMap<string, Fen> = new Map(),
): readonly OrderFault[] {
  return orders.flatMap(({ orderId, credits, leftFen }) => {
    const opened = openedFen.get(orderId);
    const isPaidIn = opened === undefined ? credits === 1 || (byFill.has(orderId) && credits > 0) : credits === 0;
    return [
      ...(isPaidIn ? [] : [{ orderId, fault: 'credits' as const }]),
      ...(leftFen + (opened ?? 0n) === (heldFen.get(orderId) ?? 0n) ? [] : [{ orderId, fault: 'left' as const }]),
    ];
  });
}
