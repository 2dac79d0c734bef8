/** What a platform reports of one seller per quarter (rulebook 2.6.9, CN-ALG-09): gross by payment, refunds by their own time, fees
 *  less fees given back in the quarter of the refund. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import type { RulePack, TxType } from '../packs/rule-pack.ts';
import { divide } from '../parameters/decimal.ts';

export type IncomeOrder = {
  readonly id: string;
  readonly txType: TxType;
  readonly paidAt: Instant;
  readonly grossFen: Fen;
  readonly feeBps: number;
};
export type IncomeRefund = {
  readonly id: string;
  readonly orderId: string;
  readonly at: Instant;
  readonly amountFen: Fen;
  readonly feeReturned: boolean;
};
export type IncomeRecord = {
  readonly grossFen: Fen;
  readonly refundFen: Fen;
  /** May be negative in a quarter that has refunds only. */
  readonly netFen: Fen;
  readonly feesFen: Fen;
  readonly orders: number;
};

type Sum = { gross: bigint; refund: bigint; fees: bigint; orders: number };

/** `2026-Q4` of a Beijing date. */
export function quarterOf(date: string): string {
  return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
}

/** What the pack reports of: `null` in its list, a gift for instance, is no income. A pack without such a report counts sales between people and to companies. */
function isIncome(pack: RulePack): (order: Pick<IncomeOrder, 'txType'>) => boolean {
  const activities = pack.reporting?.find(({ format }) => format === INCOME_FORMAT)?.activities ?? { P2P: SALE, P2B: SALE };
  return ({ txType }) => (activities[txType] ?? null) !== null;
}
export const INCOME_FORMAT = 'cn-income-record';
const SALE = 'INTANGIBLE';

/** By quarter, in order. @throws {ParseError} `refund_order_unknown refund_exceeds_sale` */
export function incomeRecords(
  pack: RulePack,
  orders: readonly IncomeOrder[],
  refunds: readonly IncomeRefund[],
): ReadonlyMap<string, IncomeRecord> {
  const sums = new Map<string, Sum>();
  const sumOf = (at: Instant): Sum => {
    const key = quarterOf(beijingDate(at));
    const sum = sums.get(key) ?? { gross: 0n, refund: 0n, fees: 0n, orders: 0 };
    sums.set(key, sum);
    return sum;
  };
  const feeOn = (order: IncomeOrder, gross: bigint) => divide(gross * BigInt(order.feeBps), 10_000n, pack.rounding.mode);
  const states = new Map<string, { readonly order: IncomeOrder; left: bigint; fee: bigint; leftInQuarter: bigint }>();
  for (const order of orders.filter(isIncome(pack))) {
    const fee = feeOn(order, order.grossFen);
    const sum = sumOf(order.paidAt);
    sum.gross += order.grossFen;
    sum.fees += fee;
    states.set(order.id, { order, left: order.grossFen, fee, leftInQuarter: order.grossFen });
  }
  for (const refund of refunds.toSorted((a, b) => a.at - b.at)) {
    const state = states.get(refund.orderId);
    if (state === undefined) throw new ParseError('refund_order_unknown', { refund: refund.id });
    if (refund.amountFen > state.left) throw new ParseError('refund_exceeds_sale', { refund: refund.id });
    state.left -= refund.amountFen;
    const fee = refund.feeReturned ? feeOn(state.order, state.left) : state.fee;
    const sum = sumOf(refund.at);
    sum.refund += refund.amountFen;
    sum.fees -= state.fee - fee;
    state.fee = fee;
    if (quarterOf(beijingDate(refund.at)) === quarterOf(beijingDate(state.order.paidAt))) state.leftInQuarter = state.left;
  }
  for (const { order, leftInQuarter } of states.values()) if (leftInQuarter > 0n) sumOf(order.paidAt).orders += 1;
  return new Map([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => [key, recordOf(sum)]));
}

function recordOf({ gross, refund, fees, orders }: Sum): IncomeRecord {
  return { grossFen: fen(gross), refundFen: fen(refund), netFen: fen(gross - refund), feesFen: fen(fees), orders };
}
