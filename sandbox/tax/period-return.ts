/**
 * The return of VAT and surtaxes of one taxpayer and month (rulebook 0.2, 2.6.7, CN-ST-02): from the aggregate of its supplies, never from
 * the sum of unit taxes; what the units would have added up to stands beside it as `roundingDiff`. Input VAT is not known to the market:
 * it is 0 here, and the payer deducts his own.
 */
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { constantOf, findConstant } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { netOfRate, parseRate } from '../parameters/decimal.ts';
import { type Period, parsePeriod } from '../reports/period.ts';
import type { TraceStep } from './assessment.ts';
import { computeSupplies, type FigureFacts, figureOf, type Supply, wholeOf } from './figures.ts';
import { dueDate } from './filing-calendar.ts';

/** What the market takes its payers for, until they say otherwise: companies in a city, general or small-scale by their turnover. */
export type Taxpayer = Readonly<Record<'role' | 'vatStatus' | 'citStatus' | 'place', string>>;

const SMALL_SCALE_MAX = 'vatSmallScaleMax';

/**
 * What a payer is by its turnover of twelve months, as long as it has not registered otherwise (CN-VAT-03): small-scale up to the line of sales
 * without VAT, the line included. A pack that draws none leaves everybody general.
 */
export function vatStatusOf(pack: RulePack, grossOfYearFen: bigint): 'GENERAL' | 'SMALL_SCALE' {
  const line = findConstant(pack, SMALL_SCALE_MAX);
  if (line === null) return 'GENERAL';
  return netOfRate(grossOfYearFen, parseRate(constantOf(pack, 'vatLevy').value)) > BigInt(line.value) ? 'GENERAL' : 'SMALL_SCALE';
}

/** The first instant of the twelve months that end with a month. */
export function yearUpTo({ label }: Period): Instant {
  const [year = 0, month = 1] = label.split('-').map(Number);
  return parsePeriod(month === 12 ? `${year}-01` : `${year - 1}-${String(month + 1).padStart(2, '0')}`).from;
}

export const RETURN_FIGURE = 'PERIOD';
/** Amounts in fen, in the order in which a return has them. */
export const RETURN_VALUES = ['sales', 'vat', 'unitVatSum', 'roundingDiff', 'payable', 'umct', 'es', 'les', 'surtaxTotal'] as const;
export type ReturnValues = Readonly<Record<(typeof RETURN_VALUES)[number], bigint>>;

export type PeriodReturn = {
  readonly grossFen: bigint;
  readonly values: ReturnValues;
  /** VAT payable and surtaxes. */
  readonly totalFen: bigint;
  /** Date. */
  readonly due: string;
  readonly trace: readonly TraceStep[];
};

/** `period`: a month. @throws {ParseError} `figure_unknown` the pack has no such return */
export function returnOf(pack: RulePack, taxpayer: Taxpayer, period: Period, supplies: readonly Supply[]): PeriodReturn {
  const date = beijingDate(instant(period.before - 1));
  const given: FigureFacts = { ...taxpayer, period: 'MONTH' };
  const answer = computeSupplies(pack, figureOf(pack, RETURN_FIGURE), date, { given, supplies });
  const value = (name: keyof ReturnValues) => wholeOf(answer, name);
  const values: ReturnValues = {
    sales: value('sales'),
    vat: value('vat'),
    unitVatSum: value('unitVatSum'),
    roundingDiff: value('roundingDiff'),
    payable: value('payable'),
    umct: value('umct'),
    es: value('es'),
    les: value('les'),
    surtaxTotal: value('surtaxTotal'),
  };
  return {
    grossFen: supplies.reduce((sum, { unitFen, count }) => sum + unitFen * count, 0n),
    values,
    totalFen: values.payable + values.surtaxTotal,
    due: dueDate(pack, 'PERIOD_PLUS_15_DAYS', period.label),
    trace: answer.trace,
  };
}
