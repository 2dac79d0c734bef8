/**
 * Counts what an experiment has used and reserved, so that no interleaving of orders can exceed a cap by a fen (rulebook 6.4).
 * One writer per experiment. A placement reserves its worst case before it reaches the book; a fill turns reserved into used at the
 * trade price; cancel, expiry and refund release.
 *
 * Person-day and person-month count both sides of a person, by the Beijing date of the placement. Open exposure and turnover count a
 * trade once. In a matched book that is on its buyer's order: every trade has exactly one, and its reservation covers the price. Outside
 * it the other side may take no part in the experiment, so that every order reserves them. Deterministic, no clock.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import type { Caps } from './experiment.ts';

/** In order of enforcement; the name is the key in `caps` without `Fen`. */
export const CAP_CODES = [
  'SBX_CAP_PARTICIPANTS',
  'SBX_CAP_PER_TRADE',
  'SBX_CAP_PER_PERSON_DAY',
  'SBX_CAP_PER_PERSON_MONTH',
  'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE',
  'SBX_CAP_EXPERIMENT_TOTAL_TURNOVER',
] as const;
export type CapCode = (typeof CAP_CODES)[number];

export type Placement = {
  readonly orderId: string;
  readonly personRef: string;
  readonly side: 'buy' | 'sell';
  /** Worst unit price: a buyer's limit; a seller's limit or the best bid if that is higher (`worstUnitFen`). */
  readonly unitFen: Fen;
  readonly quantity: bigint;
  readonly placedAt: Instant;
  /** Outside a matched book: whoever takes it may take no part. */
  readonly isAlone?: boolean;
};
export type CapFill = {
  readonly tradeId: string;
  /** `null`: an order outside the experiment; never both. */
  readonly buyOrderId: string | null;
  readonly sellOrderId: string | null;
  readonly priceFen: Fen;
  readonly quantity: bigint;
};
export type CapAnswer =
  | { readonly kind: 'reserved' }
  | {
      readonly kind: 'rejected';
      readonly code: CapCode;
      readonly limitFen: Fen;
      /** Used and reserved before this placement. */
      readonly takenFen: Fen;
      readonly wantedFen: Fen;
    };
export type CapSide = { readonly personRef: string; readonly placedAt: Instant };
export type CapTrade = {
  readonly tradeId: string;
  readonly grossFen: Fen;
  /** `null`: that side takes no part. */
  readonly buyer: CapSide | null;
  readonly seller: CapSide | null;
  /** Paid and neither released nor refunded. */
  readonly isOpen: boolean;
};
/** Everything a counter is made of: what a start-up reads back from tables. */
export type CapState = {
  readonly participants: readonly string[];
  /** `quantity` is what still rests. */
  readonly placements: readonly Placement[];
  readonly trades: readonly CapTrade[];
};
export type CapGauge = { readonly code: CapCode; readonly limitFen: Fen; readonly usedFen: Fen; readonly reservedFen: Fen };

export interface CapCounter {
  join(personRef: string): { readonly kind: 'joined' } | { readonly kind: 'rejected'; readonly code: CapCode; readonly limit: number };
  /** The place is free again; what the person has used stays used. */
  leave(personRef: string): void;
  /** What `reserve` would answer, without reserving; `instead`: of an order that this one would take the place of. */
  check(placement: Placement, instead?: string | null): CapAnswer;
  /** All caps or none: a refusal changes nothing. */
  reserve(placement: Placement): CapAnswer;
  /** One trade between two orders of which one at least has reserved. */
  fill(fill: CapFill): void;
  /** A sell order has had its immediate fills: what rests can trade at its limit only. */
  trim(orderId: string, limitFen: Fen): void;
  /** What is still reserved for the order is free again; unknown and filled orders change nothing. */
  release(orderId: string): void;
  /** The trade was paid out: no longer open. */
  close(tradeId: string): void;
  /** The trade was undone: it counts nowhere any more. */
  refund(tradeId: string): void;
  /** Caps as a person's ticket shows them. */
  gauges(personRef: string, at: Instant): readonly CapGauge[];
  participants(): number;
  state(): CapState;
}

/** The gross that a sell order may reach at worst: it can only trade at once at a bid above its limit. */
export function worstUnitFen(side: 'buy' | 'sell', limitFen: Fen, bestBidFen: Fen | null): Fen {
  return side === 'sell' && bestBidFen !== null && bestBidFen > limitFen ? bestBidFen : limitFen;
}

type Count = { used: bigint; reserved: bigint };
type Limit = { readonly code: CapCode; readonly limit: bigint; readonly key: string };

function sideOf({ personRef, placedAt }: Placement): CapSide {
  return { personRef, placedAt };
}

export function createCapCounter(caps: Caps, from?: CapState): CapCounter {
  const people = new Set<string>();
  const placements = new Map<string, Placement>();
  const trades = new Map<string, CapTrade>();
  const counts = new Map<string, Count>();

  for (const personRef of from?.participants ?? []) people.add(personRef);
  for (const placement of from?.placements ?? []) {
    placements.set(placement.orderId, placement);
    addReserved(placement, placement.unitFen * placement.quantity);
  }
  for (const trade of from?.trades ?? []) {
    trades.set(trade.tradeId, trade);
    addUsed(trade, 1n);
    if (!trade.isOpen) countOf(EXPOSURE).used -= trade.grossFen;
  }

  return {
    join(personRef) {
      if (!people.has(personRef) && people.size >= caps.participants) {
        return { kind: 'rejected', code: 'SBX_CAP_PARTICIPANTS', limit: caps.participants };
      }
      people.add(personRef);
      return { kind: 'joined' };
    },
    leave(personRef) {
      people.delete(personRef);
    },
    check(placement, instead = null) {
      const left = instead === null ? undefined : placements.get(instead);
      if (left !== undefined) addReserved(left, -left.unitFen * left.quantity);
      const refusal = refuse(placement, placement.unitFen * placement.quantity);
      if (left !== undefined) addReserved(left, left.unitFen * left.quantity);
      return refusal ?? { kind: 'reserved' };
    },
    reserve(placement) {
      assert(!placements.has(placement.orderId), 'an order reserves once');
      assert(placement.quantity > 0n && placement.unitFen >= 0n, 'a placement has a quantity and a price');
      const gross = placement.unitFen * placement.quantity;
      const refusal = refuse(placement, gross);
      if (refusal !== null) return refusal;
      placements.set(placement.orderId, placement);
      addReserved(placement, gross);
      return { kind: 'reserved' };
    },
    fill({ tradeId, buyOrderId, sellOrderId, priceFen, quantity }) {
      assert(!trades.has(tradeId), 'a trade counts once');
      assert(buyOrderId !== null || sellOrderId !== null, 'somebody in it takes part');
      const buyer = buyOrderId === null ? null : sideOf(takeReserved(buyOrderId, priceFen, quantity));
      const seller = sellOrderId === null ? null : sideOf(takeReserved(sellOrderId, priceFen, quantity));
      const trade: CapTrade = { tradeId, grossFen: fen(priceFen * quantity), buyer, seller, isOpen: true };
      trades.set(tradeId, trade);
      addUsed(trade, 1n);
    },
    trim(orderId, limitFen) {
      const placement = placements.get(orderId);
      if (placement === undefined) return;
      assert(limitFen <= placement.unitFen, 'a trim only lowers');
      addReserved(placement, (limitFen - placement.unitFen) * placement.quantity);
      placements.set(orderId, { ...placement, unitFen: limitFen });
    },
    release(orderId) {
      const placement = placements.get(orderId);
      if (placement === undefined) return;
      addReserved(placement, -placement.unitFen * placement.quantity);
      placements.delete(orderId);
    },
    close(tradeId) {
      const trade = trades.get(tradeId);
      if (trade === undefined || !trade.isOpen) return;
      trades.set(tradeId, { ...trade, isOpen: false });
      countOf(EXPOSURE).used -= trade.grossFen;
    },
    refund(tradeId) {
      const trade = trades.get(tradeId);
      if (trade === undefined) return;
      trades.delete(tradeId);
      addUsed(trade, -1n);
      if (!trade.isOpen) countOf(EXPOSURE).used += trade.grossFen;
    },
    gauges: (personRef, at) => [
      { code: 'SBX_CAP_PER_TRADE', limitFen: fen(BigInt(caps.perTradeFen)), usedFen: fen(0n), reservedFen: fen(0n) },
      ...limitsFor({ personRef, placedAt: at, side: 'buy' }).map(({ code, limit, key }): CapGauge => {
        const { used, reserved } = counts.get(key) ?? { used: 0n, reserved: 0n };
        return { code, limitFen: fen(limit), usedFen: fen(used), reservedFen: fen(reserved) };
      }),
    ],
    participants: () => people.size,
    state: () => ({ participants: [...people], placements: [...placements.values()], trades: [...trades.values()] }),
  };

  function refuse(placement: Placement, gross: bigint): Extract<CapAnswer, { kind: 'rejected' }> | null {
    const perTrade = BigInt(caps.perTradeFen);
    if (gross > perTrade) {
      return { kind: 'rejected', code: 'SBX_CAP_PER_TRADE', limitFen: fen(perTrade), takenFen: fen(0n), wantedFen: fen(gross) };
    }
    for (const { code, limit, key } of limitsFor(placement)) {
      const { used, reserved } = counts.get(key) ?? { used: 0n, reserved: 0n };
      if (used + reserved + gross > limit) {
        return { kind: 'rejected', code, limitFen: fen(limit), takenFen: fen(used + reserved), wantedFen: fen(gross) };
      }
    }
    return null;
  }

  function limitsFor(order: CapSide & Pick<Placement, 'side' | 'isAlone'>): readonly Limit[] {
    return order.side === 'buy' || order.isAlone === true ? [...limitsOf(order), ...limitsOfAll()] : limitsOf(order);
  }

  function limitsOf({ personRef, placedAt }: CapSide): readonly Limit[] {
    const date = beijingDate(placedAt);
    return [
      { code: 'SBX_CAP_PER_PERSON_DAY', limit: BigInt(caps.perPersonDayFen), key: dayKey(personRef, date) },
      { code: 'SBX_CAP_PER_PERSON_MONTH', limit: BigInt(caps.perPersonMonthFen), key: monthKey(personRef, date) },
    ];
  }

  function limitsOfAll(): readonly Limit[] {
    return [
      { code: 'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE', limit: BigInt(caps.experimentOpenExposureFen), key: EXPOSURE },
      { code: 'SBX_CAP_EXPERIMENT_TOTAL_TURNOVER', limit: BigInt(caps.experimentTotalTurnoverFen), key: TURNOVER },
    ];
  }

  function takeReserved(orderId: string, priceFen: Fen, quantity: bigint): Placement {
    const placement = placements.get(orderId);
    assert(placement !== undefined && quantity <= placement.quantity, 'only what was reserved can trade');
    assert(priceFen <= placement.unitFen, 'no trade is dearer than the reserved worst case');
    addReserved(placement, -placement.unitFen * quantity);
    const left = placement.quantity - quantity;
    if (left === 0n) placements.delete(orderId);
    else placements.set(orderId, { ...placement, quantity: left });
    return placement;
  }

  function addReserved(placement: Placement, amount: bigint): void {
    for (const { key } of limitsFor(placement)) countOf(key).reserved += amount;
  }

  function addUsed({ buyer, seller, grossFen }: CapTrade, sign: bigint): void {
    const sides = [buyer, seller].filter((side) => side !== null);
    for (const { key } of [...sides.flatMap(limitsOf), ...limitsOfAll()]) countOf(key).used += sign * grossFen;
  }

  function countOf(key: string): Count {
    const known = counts.get(key);
    if (known !== undefined) return known;
    const count: Count = { used: 0n, reserved: 0n };
    counts.set(key, count);
    return count;
  }
}

const EXPOSURE = 'experiment:exposure';
const TURNOVER = 'experiment:turnover';
function dayKey(personRef: string, date: string): string {
  return `day:${date}:${personRef}`;
}
function monthKey(personRef: string, date: string): string {
  return `month:${date.slice(0, 'yyyy-mm'.length)}:${personRef}`;
}
