/** Whether a buy order asks for items of a kind (product P-22): its own kind, or by the condition in its signed terms. Asked before the quote,
 *  before the placement and once more by the settlement itself. Pure. */
import { matchesExpression } from '#server/market/expression/match-expression.ts';
import { signedExpression } from '#server/market/expression/order-expression.ts';
import type { ClassRow, OrderRow } from './model.ts';

export function isWanted(buy: Pick<OrderRow, 'classId' | 'expression'>, kind: ClassRow): boolean {
  if (buy.expression === '') return buy.classId === kind.classId;
  const expression = signedExpression(buy.expression, kind.gameId, kind.schema);
  return expression !== null && matchesExpression(expression, kind.record);
}

/** A rest below the smallest fill is taken whole. */
export function isFillEnough(buy: Pick<OrderRow, 'quantity' | 'filled' | 'smallestFill'>, units: number): boolean {
  return units >= Math.min(buy.smallestFill, buy.quantity - buy.filled);
}
