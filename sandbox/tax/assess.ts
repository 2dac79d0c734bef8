/**
 * One trade under one pack: every tax line to the fen, with the trace of how it came about (rulebook 2.6.2).
 *
 * The engine knows no country: which lines there are, when they apply and what they are computed from stands in the pack. It knows
 * that a VAT line splits a tax-inclusive price, that a surtax and an income line multiply a base by a rate, and that each line is
 * rounded once.
 */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { packHash, refuseDate } from '../packs/pack.ts';
import type { PackLine, PackValue, RulePack } from '../packs/rule-pack.ts';
import { applyRate, divide, netOfRate, parseRate, type Rate, rateText } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import type { AssessAnswer, AssessInput, Assessment, TaxLine, TraceStep } from './assessment.ts';
import { evaluate, type Fact, holds, type Scope, toWhole } from './expression.ts';
import { hasThreshold, netOfWindow, type ThresholdTest, thresholdTest } from './threshold.ts';
import { describeLine, describeShare, describeValue, describeVat, describeWindow } from './trace.ts';

type Work = {
  readonly pack: RulePack;
  readonly date: string;
  readonly input: AssessInput;
  readonly facts: Record<string, Fact>;
  readonly lines: TaxLine[];
  readonly trace: TraceStep[];
};

/** @throws {ParseError} only for a broken pack; a pack outside its dates is an answer */
export function assess(input: AssessInput, pack: RulePack): AssessAnswer {
  const date = beijingDate(input.paidAt);
  const code = refuseDate(pack, input.paidAt);
  if (code !== null) return { kind: 'rejected', code, packId: pack.id, date };
  const work: Work = { pack, date, input, facts: {}, lines: [], trace: [] };
  const feeFen = shareOf(work, 'fee', input.feeBps, input.feeFen);
  const royaltyFen = shareOf(work, 'royalty', input.royaltyBps, input.royaltyFen);
  const threshold = openFacts(work, feeFen, royaltyFen);
  const isTaxable = computeLines(work, threshold);
  return { kind: 'assessed', assessment: close(work, { feeFen, royaltyFen, isTaxable }) };
}

function openFacts(work: Work, feeFen: Fen, royaltyFen: Fen): ThresholdTest | null {
  const { facts, input, pack } = work;
  facts.gross = input.grossFen;
  facts.sales = input.grossFen;
  facts.fee = feeFen;
  facts.royalty = royaltyFen;
  facts.cost = input.basis?.costFen ?? 0n;
  facts['basis.isAssessed'] = input.basis?.mode === 'PCT_OF_REVENUE';
  facts.place = input.place;
  facts.vatStatus = input.vatStatus;
  if (!hasThreshold(pack, input.txType)) return null;
  const threshold = thresholdTest(pack, work.date);
  if (input.window.kind === 'total') facts[`agg.${threshold.aggregate}`] = netOfWindow(pack, work.date, input.window.totalFen);
  return threshold;
}

/** Lines in pack order; a value is computed as soon as no line of the types it waits for is left. Answers whether VAT applies. */
function computeLines(work: Work, threshold: ThresholdTest | null): boolean {
  const lines = work.pack.lines.filter((line) => line.txTypes.includes(work.input.txType));
  let values = work.pack.values.filter((value) => value.txTypes.includes(work.input.txType));
  let isTaxable = false;
  lines.forEach((line, index) => {
    const left = lines.slice(index);
    const ready = values.filter((value) => !left.some((other) => value.after.includes(other.type)));
    for (const value of ready) computeValue(work, value);
    values = values.filter((value) => !ready.includes(value));
    const applies = doesApply(work, line, threshold);
    isTaxable ||= line.type === 'VAT' && applies;
    if (line.type === 'VAT' && line.method !== 'ON_BASE') {
      computeVat(work, line, applies, threshold);
    } else computeLine(work, line, applies);
  });
  for (const value of values) computeValue(work, value);
  return isTaxable;
}

function doesApply(work: Work, line: PackLine, threshold: ThresholdTest | null): boolean {
  const { input } = work;
  if (input.txType === 'GIFT' && input.grossFen === 0n) return false; // a gift of base 0 is never taxable (2.6.5)
  if (line.type === 'VAT' && threshold !== null && input.window.kind === 'frozen') return input.window.isTaxable;
  return line.when === undefined || holds(line.when, scopeOf(work));
}

function shareOf(work: Work, id: 'fee' | 'royalty', bps: number, fixed: Fen | null): Fen {
  const amount = fixed ?? divide(work.input.grossFen * BigInt(bps), 10_000n, work.pack.rounding.mode);
  work.facts[id] = amount;
  if (bps > 0 || amount !== 0n) work.trace.push(describeShare(work, id, bps, fixed, amount));
  return amount;
}

function computeVat(work: Work, line: PackLine, applies: boolean, threshold: ThresholdTest | null): void {
  const { rate, constants } = rateOf(work, line);
  const gross = toWhole(evaluate(line.base, scopeOf(work)));
  const sales = applies ? netOfRate(gross, rate, work.pack.rounding.mode) : fen(gross);
  const amount = fen(gross - sales);
  if (applies || work.facts.sales === work.input.grossFen) work.facts.sales = sales;
  work.facts[`line.${line.id}`] = amount;
  if (threshold !== null) work.trace.push(describeWindow(work, threshold, applies));
  work.trace.push(...describeVat(work, line, { gross, sales, amount, rate, applies, constants }));
  work.lines.push(taxLine(line, { applies, amount, base: fen(gross), rate, constants }));
}

function computeLine(work: Work, line: PackLine, applies: boolean): void {
  const { rate, constants } = rateOf(work, line);
  const base = work.input.grossFen === 0n ? ZERO_FEN : fen(toWhole(evaluate(line.base, scopeOf(work))));
  const product = applies ? applyRate(base, [rate], work.pack.rounding.mode) : ZERO_FEN;
  const amount = line.floorZero === true && product < 0n ? ZERO_FEN : product;
  work.facts[`line.${line.id}`] = amount;
  work.trace.push(describeLine(work, line, { base, amount, rate, applies, constants }));
  work.lines.push(taxLine(line, { applies, amount, base, rate, constants }));
}

function computeValue(work: Work, value: PackValue): void {
  if (value.when !== undefined && !holds(value.when, scopeOf(work))) return;
  const constants = new Map<string, Parameter>();
  const scope = scopeOf(work, constants);
  // Nothing is left of a refunded order: its cost went back to the lot, so there is neither gain nor loss (2.6.4).
  const amount = work.input.grossFen === 0n ? 0n : toWhole(evaluate(value.value, scope));
  work.facts[value.id] = amount;
  work.trace.push(describeValue(work, value, amount, constants));
}

function rateOf(work: Work, line: PackLine): { readonly rate: Rate; readonly constants: ReadonlyMap<string, Parameter> } {
  const constants = new Map<string, Parameter>();
  const scope = scopeOf(work, constants);
  const rate = evaluate(line.rate, scope);
  if (line.reduce === undefined) return { rate, constants };
  const reduce = typeof line.reduce === 'string' ? parseRate(line.reduce) : evaluate(line.reduce, scope);
  return {
    rate: { numerator: rate.numerator * reduce.numerator, denominator: rate.denominator * reduce.denominator },
    constants,
  };
}

function scopeOf(work: Work, constants?: Map<string, Parameter>): Scope {
  const { pack, date, facts } = work;
  if (constants === undefined) return { pack, date, facts };
  return { pack, date, facts, onConstant: (name, parameter) => constants.set(name, parameter) };
}

type Computed = {
  readonly applies: boolean;
  readonly amount: Fen;
  readonly base: Fen;
  readonly rate: Rate;
  readonly constants: ReadonlyMap<string, Parameter>;
};

function taxLine(line: PackLine, { applies, amount, base, rate, constants }: Computed): TaxLine {
  return {
    id: line.id,
    type: line.type,
    kind: line.kind,
    name: line.name,
    payer: line.payer,
    applies,
    amountFen: amount,
    baseFen: base,
    rate: rateText(rate),
    ruleId: line.ruleId,
    citation: line.citation,
    confidence: weakest([line.confidence, ...[...constants.values()].map((parameter) => parameter.confidence)]),
    dueRule: line.dueRule,
  };
}

/** A line is no surer than the least sure figure in it. */
export function weakest(flags: readonly TaxLine['confidence'][]): TaxLine['confidence'] {
  const order = ['UNSURE', 'DESIGN', 'KNOWN', 'VERIFIED'] as const;
  return order.find((flag) => flags.includes(flag)) ?? 'VERIFIED';
}

function close(work: Work, totals: { readonly feeFen: Fen; readonly royaltyFen: Fen; readonly isTaxable: boolean }): Assessment {
  const { input, lines, facts, pack } = work;
  const taxTotal = lines.reduce((sum, line) => sum + line.amountFen, 0n);
  const received = input.txType === 'GIFT' ? 0n : input.grossFen;
  const gain = facts.gain;
  const sales = facts.sales;
  return {
    packId: pack.id,
    packVersion: pack.version,
    packHash: packHash(pack),
    input,
    isTaxable: totals.isTaxable,
    lines,
    salesFen: typeof sales === 'bigint' ? fen(sales) : input.grossFen,
    feeFen: totals.feeFen,
    royaltyFen: totals.royaltyFen,
    gainFen: typeof gain === 'bigint' ? fen(gain) : null,
    taxTotalFen: fen(taxTotal),
    sellerAfterAllFen: fen(received - totals.feeFen - totals.royaltyFen - taxTotal),
    assessModeApplied: input.basis?.mode ?? null,
    flags: [...new Set([...input.flags, ...(input.basis?.flags ?? [])])],
    trace: work.trace,
  };
}

/** Sum of the lines of one kind (`vat`, `iit`, …); 0 where the pack has no such line for the trade. */
export function amountOfKind(assessment: Assessment, kind: string): Fen {
  return fen(assessment.lines.reduce((sum, line) => (line.kind === kind ? sum + line.amountFen : sum), 0n));
}
