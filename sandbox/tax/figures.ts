/**
 * Figures that are not one trade's: the return of a period, a yearly tax, a withholding, a duty, a surcharge (rulebook 2.6.7, 2.6.8).
 * The steps stand in the pack; this walks them, rounds where they say, and tells each step.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Figure, FigureInput, FigureStep, RulePack, Texts } from '../packs/rule-pack.ts';
import { type Rate, rateText } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import type { TraceStep } from './assessment.ts';
import { divideExact, evaluate, type Fact, holds, type Scope, toWhole } from './expression.ts';
import { traceStep } from './trace.ts';
import { numbersOf, ROUNDING, wordsOf } from './words.ts';

export type FigureFacts = Readonly<Record<string, bigint | string | boolean>>;
/** Units sold alike; a negative count is a refund. */
export type Supply = { readonly unitFen: bigint; readonly count: bigint };
export type FigureAnswer = {
  readonly values: ReadonlyMap<string, Rate>;
  readonly trace: readonly TraceStep[];
};

/** @throws {ParseError} `figure_unknown` the pack has no such figure */
export function figureOf(pack: RulePack, id: string): Figure {
  const found = pack.figures?.find((figure) => figure.id === id);
  if (found === undefined) throw new ParseError('figure_unknown', { figure: id, pack: pack.id });
  return found;
}

type Work = {
  readonly pack: RulePack;
  readonly date: string;
  readonly figure: Figure;
  readonly facts: Record<string, Fact>;
  readonly names: ReadonlyMap<string, Texts>;
};

/** `date` decides which constants are in force. @throws {ParseError} `figure_input_missing figure_input_malformed` */
export function computeFigure(pack: RulePack, figure: Figure, date: string, given: FigureFacts): FigureAnswer {
  const work: Work = { pack, date, figure, facts: inputsOf(figure, given), names: namesOf(figure) };
  const values = new Map<string, Rate>();
  const trace: TraceStep[] = [];
  for (const step of figure.steps) {
    if (values.has(step.id) || (step.when !== undefined && !holds(step.when, { pack, date, facts: work.facts }))) continue;
    const constants = new Map<string, Parameter>();
    const value = computeStep(work, step, constants);
    trace.push(tellStep(work, step, value, constants));
    values.set(step.id, value);
    work.facts[step.id] = value;
  }
  return { values, trace };
}

/** Figures with supplies: `gross`, and the pack's sums by unit, are added up here. */
export function computeSupplies(
  pack: RulePack,
  figure: Figure,
  date: string,
  { given, supplies }: { readonly given: FigureFacts; readonly supplies: readonly Supply[] },
): FigureAnswer {
  const facts: Record<string, Fact> = inputsOf(figure, { ...given, gross: 0n });
  const sums: Record<string, bigint> = { gross: supplies.reduce((sum, { unitFen, count }) => sum + unitFen * count, 0n) };
  for (const [name, value] of Object.entries(figure.perUnit ?? {})) {
    sums[`units.${name}`] = supplies.reduce((sum, { unitFen, count }) => {
      const scope: Scope = { pack, date, facts: { ...facts, unit: unitFen } };
      return sum + toWhole(evaluate(value, scope)) * count;
    }, 0n);
  }
  return computeFigure(pack, figure, date, { ...given, ...sums });
}

/** Month by month from the first of the year: sums so far come in as `cum.NAME`, the month's number as `month`. */
export function computeMonths(pack: RulePack, figure: Figure, date: string, months: readonly FigureFacts[]): readonly FigureAnswer[] {
  const { inputs = [], steps = [] } = figure.cumulative ?? {};
  const sums: Record<string, bigint> = Object.fromEntries([...inputs, ...steps].map((name) => [`cum.${name}`, 0n]));
  return months.map((month, index) => {
    const facts = inputsOf(figure, month);
    for (const name of inputs) sums[`cum.${name}`] = (sums[`cum.${name}`] ?? 0n) + wholeFact(facts[name]);
    const answer = computeFigure(pack, figure, date, { ...month, ...sums, month: BigInt(index + 1) });
    for (const name of steps) sums[`cum.${name}`] = (sums[`cum.${name}`] ?? 0n) + wholeOf(answer, name);
    return answer;
  });
}

/** @throws {ParseError} `figure_unknown` a step that did not run */
export function wholeOf(answer: FigureAnswer, step: string): bigint {
  const value = answer.values.get(step);
  if (value === undefined) throw new ParseError('figure_unknown', { step });
  return toWhole(value);
}

function wholeFact(fact: Fact | undefined): bigint {
  assert(typeof fact === 'bigint', 'what is summed over months is an amount');
  return fact;
}

function computeStep({ pack, date, facts }: Work, step: FigureStep, constants: Map<string, Parameter>): Rate {
  const scope: Scope = {
    pack,
    date,
    facts,
    onConstant: (name, parameter) => constants.set(name, parameter),
    ...(step.exact === true ? { isExact: true } : {}),
  };
  const value = evaluate(step.value, scope);
  if (step.over === undefined) return value;
  return divideExact(value, evaluate(step.over, scope));
}

function tellStep(work: Work, step: FigureStep, value: Rate, constants: ReadonlyMap<string, Parameter>): TraceStep {
  const words = wordsOf(step.value, work);
  const numbers = numbersOf(step.value, work);
  const over = step.over === undefined ? null : { words: wordsOf(step.over, work), numbers: numbersOf(step.over, work) };
  return traceStep(work, {
    id: step.id,
    name: step.name,
    formula: over === null ? words : { zh: `${words.zh} ÷ ${over.words.zh}`, en: `${words.en} ÷ ${over.words.en}` },
    numbers: over === null ? numbers : `${numbers} ÷ ${over.numbers}`,
    result: rateText(value),
    rounding: step.exact === true || !doesRound(step) ? null : ROUNDING[work.pack.rounding.mode],
    ruleId: step.ruleId,
    citation: step.citation,
    confidence: step.confidence,
    constants,
  });
}

function doesRound({ value }: FigureStep): boolean {
  return 'op' in value && (value.op === 'mulFrac' || value.op === 'netOfRate' || value.op === 'if');
}

function namesOf(figure: Figure): ReadonlyMap<string, Texts> {
  const inputs = Object.entries(figure.inputs).flatMap(([id, { name }]): [string, Texts][] => [
    [id, name],
    [`cum.${id}`, { zh: `累计${name.zh}`, en: `${name.en} so far` }],
  ]);
  const steps = figure.steps.flatMap(({ id, name }): [string, Texts][] => [
    [id, name],
    [`cum.${id}`, { zh: `此前累计${name.zh}`, en: `${name.en} before` }],
    [`units.${id}`, { zh: `逐件${name.zh}合计`, en: `${name.en}, summed by unit` }],
  ]);
  return new Map<string, Texts>([
    ['gross', { zh: '含税销售额', en: 'gross incl. tax' }],
    ['month', { zh: '月数', en: 'months' }],
    ...steps,
    ...inputs,
  ]);
}

function inputsOf(figure: Figure, given: FigureFacts): Record<string, Fact> {
  const facts: Record<string, Fact> = { ...given };
  for (const [name, input] of Object.entries(figure.inputs)) facts[name] = inputOf(name, input, given[name]);
  return facts;
}

function inputOf(name: string, input: FigureInput, given: bigint | string | boolean | undefined): Fact {
  const malformed = (expected: string) => new ParseError('figure_input_malformed', { input: name, expected });
  const value = given ?? input.default;
  if (value === undefined) throw new ParseError('figure_input_missing', { input: name });
  switch (input.unit) {
    case 'fen':
    case 'count':
      if (typeof value === 'bigint') return value;
      if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value);
      throw malformed('a whole number');
    case 'switch':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw malformed('true or false');
    case 'word':
      if (typeof value === 'string' && (input.allowed?.includes(value) ?? true)) return value;
      throw malformed(input.allowed?.join(', ') ?? 'a word');
  }
}
