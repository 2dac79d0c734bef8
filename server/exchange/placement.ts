/** What a placement works on and what it answers, before any rule is asked. */
import type { ItemId, TradeId } from '#ledger/primitives/ids.ts';
import type { Group } from '#server/settlement/group.ts';
import type { ClassRow, ItemRow, OrderRow, PlaceCommand } from '#server/settlement/model.ts';
import { drawTradeId, type SettleGround, type TradePlan } from '#server/settlement/settle-trade.ts';
import type { TradeState } from '#server/trpc/views.ts';
import type { Books } from './books.ts';
import type { BrokenBooks } from './broken-books.ts';
import type { ExchangeCode } from './codes.ts';
import type { Experiments } from './experiments.ts';
import type { Halts } from './halts.ts';
import { experimentOfTrade } from './inside.ts';

export type ExchangeGround = SettleGround & {
  readonly books: Books;
  readonly experiments: Experiments;
  readonly halts: Pick<Halts, 'of' | 'inForce'>;
  readonly broken: Pick<BrokenBooks, 'of'>;
  /** Numbers orders by arrival. */
  nextSeq(): bigint;
};
export type PlacedTrade = { readonly tradeId: TradeId; readonly priceFen: bigint; readonly quantity: number; readonly state: TradeState };
export type Outcome =
  | { readonly kind: 'placed'; readonly order: OrderRow; readonly trades: readonly PlacedTrade[] }
  | { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly facts: Readonly<Record<string, string>> };

export const refuse = (code: ExchangeCode, facts: Readonly<Record<string, string>> = {}): Outcome => ({ kind: 'rejected', code, facts });

export type Placement = {
  readonly group: Group;
  readonly ground: ExchangeGround;
  readonly command: PlaceCommand;
  readonly itemClass: ClassRow;
  /** Items named by a sell order, in the order of their serials; wanted ones of a buy order. */
  readonly items: readonly ItemRow[];
  /** The order that this one takes the place of. */
  readonly replaced: Replaced | null;
};
export type Replaced = { readonly order: OrderRow; readonly itemIds: ReadonlySet<ItemId>; readonly keepsPlace: boolean };

export const isSamePrice = ({ order }: Replaced, priceFen: string): boolean => order.priceFen === BigInt(priceFen);

export function targetOf({ group, command }: Placement): OrderRow | null {
  const { targetOrderId } = command.input;
  return targetOrderId === null ? null : (group.loaded.orders.get(targetOrderId) ?? null);
}

export function grossOf(command: PlaceCommand): bigint {
  return BigInt(command.quote.priceFen) * BigInt(command.quote.quantity);
}

type PlanParts = Pick<TradePlan, 'sell' | 'buy' | 'items' | 'unitPriceFen' | 'payFrom'>;

export function planOf({ group, ground, command }: Placement, parts: PlanParts): TradePlan {
  return {
    ...parts,
    tradeId: drawTradeId(ground.random),
    mechanism: command.quote.mechanism,
    ...experimentOfTrade(ground.experiments, parts.sell, parts.buy),
    orderedAt: group.now,
    isNew: true,
  };
}

export function placedTrade(plan: TradePlan, state: TradeState): PlacedTrade {
  return { tradeId: plan.tradeId, priceFen: plan.unitPriceFen, quantity: plan.items.length, state };
}
