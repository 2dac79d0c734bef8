/** Statement and notifications of the customers' money at the institution (rulebook 8.3): the account of orders, and that of all money in and out. */
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { type EntryTax, type FundEntry, type FundStatement, sumStatement } from '#sandbox/reports/fund-statement.ts';
import { moneyOfOrders, type OrderFault, orderEntries, orderFaults } from '#sandbox/reports/order-money.ts';
import type { Period } from '#sandbox/reports/period.ts';
import type { Tx } from '#server/db.ts';
import { PROVIDER_NAME } from '#server/payments/simulated-institution.ts';
import * as facts from './fund-facts.repo.ts';
import { listLatestAssessments } from './report-facts.repo.ts';
import { reportedLine } from './reported-line.ts';

export type FundStatements = {
  readonly orders: FundStatement;
  readonly customers: FundStatement;
  readonly faults: readonly OrderFault[];
};

export async function readFundStatements(tx: Tx, period: Period): Promise<FundStatements> {
  const [bookings, balances] = await Promise.all([facts.listOrderBookings(tx, period), facts.readOrderBalances(tx, period)]);
  const paidOut = bookings.flatMap(({ kind, tradeId }) => (kind === 'payout' && tradeId !== null ? [tradeId] : []));
  const entries = orderEntries(bookings, await taxesOf(tx, paidOut, period));
  const orders: FundStatement = { ...frame(period, 'DAOJU-ORDERS', 'Money held for orders of Daoju'), ...balances, entries };
  return { orders, customers: await customersOf(tx, period), faults: await faultsOf(tx, entries, period) };
}

function frame(period: Period, id: string, name: string): Pick<FundStatement, 'account' | 'period' | 'sequence' | 'createdAt'> {
  return { account: { id, name, currency: 'CNY', servicer: PROVIDER_NAME }, period, sequence: 1, createdAt: period.before };
}

/** As assessed by the end of the period; a sale without tax has none. */
async function taxesOf(tx: Tx, tradeIds: readonly string[], { before }: Period): Promise<ReadonlyMap<string, EntryTax>> {
  const assessments = await listLatestAssessments(tx, tradeIds, before);
  return new Map(
    assessments.flatMap(({ tradeId, assessment }) => {
      const lines = assessment.lines.filter(({ amountFen }) => amountFen !== 0n).map(reportedLine);
      if (lines.length === 0) return [];
      return [[tradeId, { baseFen: assessment.input.grossFen, totalFen: assessment.taxTotalFen, lines }] as const];
    }),
  );
}

const BANK_KINDS: Readonly<Record<string, 'pay_in' | 'pay_out' | 'refund'>> = {
  pay_in: 'pay_in',
  checkout: 'pay_in',
  pay_out: 'pay_out',
  refund: 'refund',
};

async function customersOf(tx: Tx, period: Period): Promise<FundStatement> {
  const { openingFen, closingFen, entries } = await facts.listBankEntries(tx, period);
  return {
    ...frame(period, 'DAOJU-CUSTOMERS', 'Customers of Daoju, money in and out'),
    openingFen,
    closingFen,
    heldFen: null,
    entries: entries.map(({ source, kind, at, amountFen, ref, orderId, tradeId }): FundEntry => {
      const isCredit = amountFen > 0n;
      return {
        ref: source,
        source,
        kind: BANK_KINDS[kind] ?? (isCredit ? 'pay_in' : 'pay_out'),
        at,
        amountFen: isCredit ? amountFen : fen(-amountFen),
        isCredit,
        isReversal: kind === 'refund',
        orderId,
        tradeId,
        from: isCredit ? ref : null,
        to: isCredit ? null : ref,
        ultimateFrom: null,
        ultimateTo: null,
        tax: null,
      };
    }),
  };
}

/** Of every order that moved in the period, from its first pay-in to the end of the period. */
async function faultsOf(tx: Tx, entries: readonly FundEntry[], { before }: Period): Promise<readonly OrderFault[]> {
  const orderIds = [...new Set(entries.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])))].sort();
  if (orderIds.length === 0) return [];
  const [all, { heldFen, byFill, openedFen }] = await Promise.all([
    facts.listBookingsOf(tx, orderIds, before),
    facts.readOrdersHeld(tx, orderIds, before),
  ]);
  return orderFaults(moneyOfOrders(orderEntries(all)), heldFen, byFill, openedFen);
}

/** The figures that stand in the manifest: the checks of rulebook 8.3, and everything that should be zero. */
export function fundCounts({ orders, customers, faults }: FundStatements): Readonly<Record<string, string>> {
  const [ofOrders, ofCustomers] = [sumStatement(orders), sumStatement(customers)];
  const held: Fen = orders.heldFen ?? fen(0n);
  const faulty = (fault: OrderFault['fault']) => String(faults.filter((each) => each.fault === fault).length);
  return {
    entries: String(orders.entries.length + customers.entries.length),
    openingFen: String(customers.openingFen),
    creditFen: String(ofCustomers.creditFen),
    debitFen: String(ofCustomers.debitFen),
    closingFen: String(customers.closingFen),
    ordersOpeningFen: String(orders.openingFen),
    ordersCreditFen: String(ofOrders.creditFen),
    ordersDebitFen: String(ofOrders.debitFen),
    ordersClosingFen: String(orders.closingFen),
    ordersHeldFen: String(held),
    ordersPaidInOtherwise: faulty('credits'),
    ordersLeftOtherwise: faulty('left'),
    reconciliationDiffFen: String(absolute(ofOrders.diffFen) + absolute(ofOrders.heldDiffFen) + absolute(ofCustomers.diffFen)),
  };
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
