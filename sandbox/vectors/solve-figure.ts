/** Answers the cases that are not about single trades: returns, yearly and single figures, the report record (rulebook 2.8). */
import type { RulePack } from '../packs/rule-pack.ts';
import { computeFigure, computeMonths, computeSupplies, type FigureAnswer, type FigureFacts, figureOf, wholeOf } from '../tax/figures.ts';
import { daysLate } from '../tax/filing-calendar.ts';
import { incomeRecords } from '../tax/income-record.ts';
import { type Answer, number, percent } from './answer.ts';
import {
  amountOf,
  bpsOf,
  countOf,
  dateOf,
  type Fields,
  fieldsOf,
  flagOf,
  instantOf,
  listOf,
  MOST_FEN,
  malformed,
  optionalAmount,
  signedAmountOf,
  textOf,
  wordOf,
} from './read-case.ts';

/** As of the rulebook: cases of these kinds carry no date. */
const AS_OF = '2026-11-22';

export function solvePeriod(fields: Fields, pack: RulePack): Answer {
  const payer = fieldsOf(fields.payer, 'payer');
  const given = {
    ...words(payer, ['role', 'vatStatus', 'citStatus', 'place']),
    ...words(fields, ['period']),
    inputVat: optionalAmount(fields, 'inputVat') ?? 0n,
    carryIn: optionalAmount(fields, 'carryIn') ?? 0n,
  };
  const supplies = listOf(fields, 'supplies').map((supply) => {
    const type = wordOf(supply, 'type', SUPPLY_TYPES, 'PRIMARY');
    const count = BigInt(countOf(supply, 'count'));
    const unitFen = amountOf(supply, 'unitGross');
    if (unitFen * count > MOST_FEN) throw malformed('supplies', 'amounts up to 10^18 fen in all');
    return { unitFen, count: type === 'REFUND' ? -count : count };
  });
  const figure = figureOf(pack, 'PERIOD');
  const answer = computeSupplies(pack, figure, AS_OF, { given, supplies });
  const keys = [
    'thresholdSales',
    'sales',
    'vat',
    'unitVatSum',
    'roundingDiff',
    'payable',
    'carryForward',
    'umct',
    'es',
    'les',
    'surtaxTotal',
  ];
  return {
    gross: number(supplies.reduce((sum, { unitFen, count }) => sum + unitFen * count, 0n)),
    exempt: wholeOf(answer, 'exempt') === 1n,
    ...amounts(answer, keys),
  };
}

const SUPPLY_TYPES = ['PRIMARY', 'P2P', 'P2B', 'ROYALTY', 'FEE', 'TRADER', 'SERVICE', 'CREATOR', 'REFUND'] as const;

export function solveBusiness(fields: Fields, pack: RulePack): Answer {
  const answer = computeFigure(pack, figureOf(pack, 'BUSINESS_IIT'), AS_OF, {
    annualTaxable: signedAmountOf(fields, 'annualTaxable'),
    registered: flagOf(fields, 'registered', false),
    otherReductions: optionalAmount(fields, 'otherReductions') ?? 0n,
  });
  return amounts(answer, ['taxBefore', 'reduction', 'tax']);
}

export function solveService(fields: Fields, pack: RulePack): Answer {
  const months = listOf(fields, 'months').map((month): FigureFacts => {
    const optional = (name: string) => optionalAmount(month, name) ?? 0n;
    return { income: amountOf(month, 'income'), exempt: optional('exempt'), other: optional('other'), reductions: optional('reductions') };
  });
  const answers = computeMonths(pack, figureOf(pack, 'SERVICE'), AS_OF, months);
  return { months: answers.map((answer) => amounts(answer, ['cumTax', 'withhold'])) };
}

export function solveCreator(fields: Fields, pack: RulePack): Answer {
  return amounts(computeFigure(pack, figureOf(pack, 'CREATOR'), AS_OF, { income: amountOf(fields, 'income') }), ['withhold']);
}

export function solveCorporate(fields: Fields, pack: RulePack): Answer {
  const answer = computeFigure(pack, figureOf(pack, 'CIT'), AS_OF, {
    ...words(fields, ['citStatus']),
    taxableIncome: signedAmountOf(fields, 'taxableIncome'),
    staff: BigInt(countOf(fields, 'staff', 0)),
    assets: optionalAmount(fields, 'assets') ?? 0n,
  });
  return { ratePct: percent(answer.values.get('rate')), ...amounts(answer, ['tax']) };
}

export function solveStamp(fields: Fields, pack: RulePack): Answer {
  const shared = {
    ...words(fields, ['contract']),
    amountExVat: amountOf(fields, 'amountExVat'),
    individual: flagOf(fields, 'individual', false),
    electronicOrder: flagOf(fields, 'electronicOrder', false),
  };
  const perParty = listOf(fields, 'parties').map((party) => {
    const given = { ...shared, small: flagOf(party, 'small', false) };
    const answer = computeFigure(pack, figureOf(pack, 'STAMP'), AS_OF, given);
    return number(wholeOf(answer, 'duty'));
  });
  return { perParty };
}

export function solveLateFee(fields: Fields, pack: RulePack): Answer {
  const days = fields.days === undefined ? daysLate(dateOf(fields, 'dueDate'), dateOf(fields, 'paidDate')) : countOf(fields, 'days');
  const answer = computeFigure(pack, figureOf(pack, 'LATE_FEE'), AS_OF, { tax: amountOf(fields, 'tax'), days: BigInt(days) });
  return amounts(answer, ['days', 'surcharge']);
}

export function solveReport(fields: Fields, pack: RulePack): Answer {
  const feeBps = bpsOf(fields, 'feeBp', 0);
  const orders = listOf(fields, 'orders').map((order) => ({
    id: textOf(order, 'id'),
    txType: wordOf(order, 'type', ['P2P', 'P2B', 'GIFT'], 'P2P'),
    paidAt: instantOf(order, 'at'),
    grossFen: amountOf(order, order.type === 'GIFT' && order.gross === undefined ? 'refPrice' : 'gross'),
    feeBps: bpsOf(order, 'feeBp', feeBps),
  }));
  const refunds = (fields.refunds === undefined ? [] : listOf(fields, 'refunds')).map((refund) => ({
    id: textOf(refund, 'id'),
    orderId: textOf(refund, 'of'),
    at: instantOf(refund, 'at'),
    amountFen: amountOf(refund, 'gross'),
    feeReturned: flagOf(refund, 'feeReturned', true),
  }));
  const records = [...incomeRecords(pack, orders, refunds)].map(([quarter, record]): [string, Answer] => [
    quarter,
    {
      gross: number(record.grossFen),
      refund: number(record.refundFen),
      net: number(record.netFen),
      orders: record.orders,
      fees: number(record.feesFen),
    },
  ]);
  return { quarters: Object.fromEntries(records) };
}

function amounts(answer: FigureAnswer, keys: readonly string[]): Answer {
  return Object.fromEntries(keys.map((key) => [key, number(wholeOf(answer, key))]));
}

/** Words that are there; the figure says which it needs and which it knows. */
function words(fields: Fields, names: readonly string[]): FigureFacts {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, textOf(fields, name)]));
}
