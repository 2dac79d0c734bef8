/** What a person has traded and may still trade, as far as ceilings of the pack in force ask for it (rulebook 10.2, 11). */
import type { TradeId } from '#ledger/primitives/ids.ts';
import type { OpenOrder, Sum } from '#sandbox/decisions/caps.ts';
import type { OrderIntent } from '#server/trpc/views.ts';

export type Side = 'buy' | 'sell';
export type WaitingTrade = { readonly tradeId: TradeId; readonly side: Side; readonly grossFen: bigint };
export type CapFacts = {
  /** By side and window, as `tradedKey` says. */
  readonly traded: ReadonlyMap<string, Sum>;
  /** Agreed, in publicity. One that is reserved stands with its two orders. */
  readonly waiting: readonly WaitingTrade[];
  readonly open: readonly OpenOrder[];
};
export const NO_CAP_FACTS: CapFacts = { traded: new Map(), waiting: [], open: [] };

export const tradedKey = (side: Side, window: string): string => `${side} ${window}`;

/** Orders that stand until several come: each unit may be a trade of its own. */
const IN_PARTS: ReadonlySet<OrderIntent> = new Set(['listing', 'buy_order', 'matched']);

export function mostTrades(intent: OrderIntent, units: number): number {
  return IN_PARTS.has(intent) ? units : 1;
}
