/**
 * The KPIs of experiments (rulebook 6.4, 6.5), by arm, from counted facts. A formula is one of a closed list: nothing is evaluated. Each
 * value is an exact ratio with its sample size and a 95 % interval: Wilson's score for a share, the score interval of a Poisson count for
 * a rate, ranks for a median; totals have none.
 */
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Experiment } from './experiment.ts';
import { boundOf, compareRatios, type Judgement, judge, parseComparison, type Ratio } from './judge.ts';
import { triesReserve } from './tax-reserve.ts';

export const COUNTS = [
  'orders',
  'paidOrders',
  'releasedOrders',
  'trades',
  'complaints',
  'alerts',
  'reviewedAlerts',
  'confirmedAlerts',
  'openReviews',
  'delivered',
  'resoldWithin7d',
  'listings',
  'abandonedListings',
  'turnoverFen',
  'offMarketFen',
  'outsideHalfFen',
  'outsideFullFen',
  'royaltyFen',
  'estimateErrorFen',
  'filedTaxFen',
  'filedOnTime',
  'filingsDue',
  'shadowTaxFen',
  'taxFen',
  'reservedFen',
  'reserves',
  'liquidityComplaints',
  'minorComplaints',
  'rechecks',
  'recheckedMinors',
  'seededCases',
  'seededFound',
  'rejections',
  'falseRejections',
] as const;
export type CountName = (typeof COUNTS)[number];
export const SAMPLES = ['hoursToSale', 'relativeSpread', 'hoursToConfirm'] as const;
export type SampleName = (typeof SAMPLES)[number];

/** What one arm did. A count that nobody can know is absent, and its KPI has no value. */
export type ArmFacts = {
  readonly arm: string;
  readonly counts: Readonly<Partial<Record<CountName, bigint>>>;
  readonly samples: Readonly<Partial<Record<SampleName, readonly Ratio[]>>>;
};

type Formula =
  | { readonly kind: 'share'; readonly of: CountName; readonly by: CountName }
  | { readonly kind: 'per10k'; readonly of: CountName; readonly by: CountName }
  | { readonly kind: 'quotient'; readonly of: CountName; readonly by: CountName }
  | { readonly kind: 'median'; readonly sample: SampleName }
  | { readonly kind: 'total'; readonly of: CountName };

export const FORMULAS = {
  'median(settledAt - placedAt) of sell orders': { kind: 'median', sample: 'hoursToSale' },
  'median((bestAsk - bestBid) / mid)': { kind: 'median', sample: 'relativeSpread' },
  'median(confirmedAt - raisedAt) of alerts': { kind: 'median', sample: 'hoursToConfirm' },
  'releasedOrders / paidOrders': { kind: 'share', of: 'releasedOrders', by: 'paidOrders' },
  'complaints * 10000 / orders': { kind: 'per10k', of: 'complaints', by: 'orders' },
  'alerts * 10000 / trades': { kind: 'per10k', of: 'alerts', by: 'trades' },
  'confirmedAlerts / reviewedAlerts': { kind: 'share', of: 'confirmedAlerts', by: 'reviewedAlerts' },
  'resoldWithin7d / delivered': { kind: 'share', of: 'resoldWithin7d', by: 'delivered' },
  'abs(estimatedTax - filedTax) / filedTax': { kind: 'quotient', of: 'estimateErrorFen', by: 'filedTaxFen' },
  'filedOnTime / filingsDue': { kind: 'share', of: 'filedOnTime', by: 'filingsDue' },
  'abandonedListings / listings': { kind: 'share', of: 'abandonedListings', by: 'listings' },
  'offMarketValue / turnover': { kind: 'quotient', of: 'offMarketFen', by: 'turnoverFen' },
  'outsideHalfBand / turnover': { kind: 'quotient', of: 'outsideHalfFen', by: 'turnoverFen' },
  'outsideFullBand / turnover': { kind: 'quotient', of: 'outsideFullFen', by: 'turnoverFen' },
  'reservedTax / turnover': { kind: 'quotient', of: 'reservedFen', by: 'turnoverFen' },
  'liquidityComplaints * 10000 / reserves': { kind: 'per10k', of: 'liquidityComplaints', by: 'reserves' },
  'minorComplaints * 10000 / orders': { kind: 'per10k', of: 'minorComplaints', by: 'orders' },
  'recheckedMinors / rechecks': { kind: 'share', of: 'recheckedMinors', by: 'rechecks' },
  'shadowTax / tax': { kind: 'quotient', of: 'shadowTaxFen', by: 'taxFen' },
  'sum(royalty)': { kind: 'total', of: 'royaltyFen' },
  'sum(turnover)': { kind: 'total', of: 'turnoverFen' },
  'seededFound / seededCases': { kind: 'share', of: 'seededFound', by: 'seededCases' },
  'falseRejections / rejections': { kind: 'share', of: 'falseRejections', by: 'rejections' },
  'count(openReviews)': { kind: 'total', of: 'openReviews' },
} as const satisfies Readonly<Record<string, Formula>>;
type KnownFormula = (typeof FORMULAS)[keyof typeof FORMULAS];
const BY_SOURCE: Readonly<Record<string, KnownFormula>> = FORMULAS;

/** Who takes part in a trial of the tax reserve proves filings; of nobody else the market is told. */
const OF_A_RESERVE: readonly CountName[] = ['filedOnTime', 'filingsDue', 'reserves', 'liquidityComplaints'];

/** How a value reads: a share of one, events in 10,000, hours, money, or a number of things. */
export type KpiUnit = 'share' | 'per10k' | 'hours' | 'fen' | 'count';
/** What a formula measures: the count or sample that it is about. Each names one formula alone. */
export type KpiMeasure = Extract<KnownFormula, { kind: 'median' }>['sample'] | Exclude<KnownFormula, { kind: 'median' }>['of'];

/** For screens, which have words for what the closed list measures and none for the names that authors give their KPIs. @throws {ParseError} `kpi_malformed` */
export function readingOf(source: string): { readonly measure: KpiMeasure; readonly unit: KpiUnit } {
  const formula = formulaOf(source);
  if (formula.kind === 'median') return { measure: formula.sample, unit: formula.sample === 'relativeSpread' ? 'share' : 'hours' };
  if (formula.kind === 'per10k') return { measure: formula.of, unit: 'per10k' };
  if (formula.kind === 'total') return { measure: formula.of, unit: formula.of.endsWith('Fen') ? 'fen' : 'count' };
  return { measure: formula.of, unit: 'share' };
}

/** Whether the sample of a value is an amount: a share of the turnover is taken of so much money. */
export function isSampleMoney(measured: KpiMeasure): boolean {
  return Object.values<KnownFormula>(FORMULAS).some(
    (formula) => formula.kind === 'quotient' && formula.of === measured && formula.by.endsWith('Fen'),
  );
}

/** What has to be counted for a formula; a median is made of samples. @throws {ParseError} `kpi_malformed` */
export function countsOf(source: string): readonly CountName[] {
  const formula = formulaOf(source);
  if (formula.kind === 'median') return [];
  return formula.kind === 'total' ? [formula.of] : [formula.of, formula.by];
}

/** What of a formula is not counted in this experiment; `null`: all of it is. @throws {ParseError} `kpi_malformed` */
export function uncounted(source: string, experiment: Pick<Experiment, 'mode' | 'ruleOverrides'>): CountName | null {
  if (triesReserve(experiment)) return null;
  return countsOf(source).find((name) => OF_A_RESERVE.includes(name)) ?? null;
}

export type KpiValue = {
  readonly kpiId: string;
  readonly arm: string;
  readonly value: Ratio | null;
  readonly n: number;
  /** 95 %, as decimals; `null`: nothing to say. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly target: { readonly source: string; readonly bound: Ratio | null; readonly judgement: Judgement } | null;
  /** `holds` means that the guardrail is touched. */
  readonly guardrail: { readonly source: string; readonly bound: Ratio | null; readonly judgement: Judgement } | null;
};

/** @throws {ParseError} `kpi_malformed` */
export function formulaOf(source: string): KnownFormula {
  const formula = Object.hasOwn(BY_SOURCE, source) ? BY_SOURCE[source] : undefined;
  if (formula === undefined) throw new ParseError('kpi_malformed', { source, expected: 'one of the formulas that are published' });
  return formula;
}

/** Every KPI of every arm, in the order of the experiment object. */
export function computeKpis(experiment: Experiment, facts: readonly ArmFacts[]): readonly KpiValue[] {
  return experiment.kpis.flatMap((kpi) => {
    const formula = formulaOf(kpi.formula);
    const measured = experiment.assignment.arms.map(({ id }) => ({
      arm: id,
      ...measure(
        formula,
        facts.find(({ arm }) => arm === id),
      ),
    }));
    const valueOfArm = (arm: string) => measured.find((each) => each.arm === arm)?.value ?? null;
    const stand = (source: string | undefined, arm: string, value: Ratio | null) => {
      if (source === undefined) return null;
      const comparison = parseComparison(source);
      // An arm that the others are measured against is not measured against itself.
      if (comparison.arm === arm) return null;
      return { source, bound: boundOf(comparison, valueOfArm), judgement: judge(comparison, value, valueOfArm) };
    };
    return measured.map(({ arm, value, n, interval }) => ({
      kpiId: kpi.id,
      arm,
      value,
      n,
      interval,
      target: stand(kpi.target, arm, value),
      guardrail: stand(kpi.guardrail, arm, value),
    }));
  });
}

type Measured = Pick<KpiValue, 'value' | 'n' | 'interval'>;
const NOTHING: Measured = { value: null, n: 0, interval: null };
const TEN_THOUSAND = 10_000n;

function measure(formula: Formula, facts: ArmFacts | undefined): Measured {
  if (facts === undefined) return NOTHING;
  if (formula.kind === 'median') return medianOf(facts.samples[formula.sample] ?? []);
  const of = facts.counts[formula.of];
  if (of === undefined) return NOTHING;
  if (formula.kind === 'total') return { value: { numerator: of, denominator: 1n }, n: Number(of), interval: null };
  const by = facts.counts[formula.by];
  if (by === undefined || by === 0n) return NOTHING;
  const n = Number(by);
  if (formula.kind === 'share') return { value: { numerator: of, denominator: by }, n, interval: wilson(Number(of), n) };
  if (formula.kind === 'quotient') return { value: { numerator: of, denominator: by }, n, interval: null };
  return { value: { numerator: of * TEN_THOUSAND, denominator: by }, n, interval: poissonRate(Number(of), n) };
}

const Z = 1.96;

function wilson(hits: number, n: number): { readonly low: number; readonly high: number } | null {
  // Counts of two tables can disagree for a moment; a share above 1 has no interval.
  if (hits > n) return null;
  const p = hits / n;
  const z2 = Z * Z;
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

function poissonRate(hits: number, n: number): { readonly low: number; readonly high: number } {
  const middle = hits + (Z * Z) / 2;
  const half = Z * Math.sqrt(hits + (Z * Z) / 4);
  const scale = Number(TEN_THOUSAND) / n;
  return { low: Math.max(0, middle - half) * scale, high: (middle + half) * scale };
}

function medianOf(sample: readonly Ratio[]): Measured {
  const n = sample.length;
  if (n === 0) return NOTHING;
  const sorted = sample.toSorted(compareRatios);
  const at = (index: number) => sorted[Math.min(n - 1, Math.max(0, index))] ?? { numerator: 0n, denominator: 1n };
  const value = n % 2 === 1 ? at((n - 1) / 2) : between(at(n / 2 - 1), at(n / 2));
  const half = (Z * Math.sqrt(n)) / 2;
  const low = at(Math.floor(n / 2 - half) - 1);
  const high = at(Math.ceil(n / 2 + half));
  return { value, n, interval: { low: decimal(low), high: decimal(high) } };
}

function between(a: Ratio, b: Ratio): Ratio {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: 2n * a.denominator * b.denominator,
  };
}

function decimal({ numerator, denominator }: Ratio): number {
  return Number(numerator) / Number(denominator);
}
