/** Words and numbers of each step, so that a person can follow an assessment and a browser can show it (product V-07). Amounts are in
 *  fen; the words come from the pack's names and from the small vocabulary of `words.ts`. */
import type { Fen } from '#ledger/primitives/fen.ts';
import type { Confidence, PackLine, PackValue, RulePack } from '../packs/rule-pack.ts';
import { type Rate, rateText } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import type { AssessInput, TraceStep } from './assessment.ts';
import type { Facts } from './expression.ts';
import type { ThresholdTest } from './threshold.ts';
import { numbersOf, ROUNDING, WORDS, wordsOf } from './words.ts';

export type TraceScope = { readonly pack: RulePack; readonly date: string; readonly input: AssessInput; readonly facts: Facts };
type Constants = ReadonlyMap<string, Parameter>;

export function describeShare(scope: TraceScope, id: 'fee' | 'royalty', bps: number, fixed: Fen | null, amount: Fen): TraceStep {
  const formula =
    fixed === null
      ? { zh: `${WORDS.gross.zh} × 费率`, en: `${WORDS.gross.en} × rate` }
      : { zh: '退款时未退还，保持原额', en: 'not returned with the refund: stays as it was' };
  return traceStep(scope, {
    id,
    name: WORDS[id],
    formula,
    numbers: fixed === null ? `${scope.input.grossFen} × ${bps}/10000` : `${amount}`,
    result: `${amount}`,
    rounding: fixed === null ? ROUNDING[scope.pack.rounding.mode] : null,
    ...scope.pack.shares[id],
    constants: new Map(),
  });
}

export function describeWindow(scope: TraceScope, test: ThresholdTest, applies: boolean): TraceStep {
  const { window } = scope.input;
  const name = test.window === 'DAY' ? { zh: '当日起征点', en: 'day line' } : { zh: '当月起征点', en: 'month line' };
  const net = scope.facts[`agg.${test.aggregate}`];
  const result = applies ? 'taxable' : 'exempt';
  const frozen = window.kind === 'frozen';
  return traceStep(scope, {
    id: 'window',
    name,
    formula: frozen
      ? { zh: '该期间已结束，沿用当时的结论', en: 'the window is past: its outcome stands' }
      : { zh: '期间全部含税成交额换算不含税，与起征点比较', en: 'gross of the whole window, without VAT, against the line' },
    numbers: frozen ? result : `${window.totalFen} → ${String(net)} : ${test.thresholdFen}`,
    result,
    rounding: frozen ? null : ROUNDING[scope.pack.rounding.mode],
    ruleId: test.parameter.ruleId,
    citation: test.parameter.citation,
    confidence: test.parameter.confidence,
    constants: new Map([[test.constant, test.parameter]]),
  });
}

type Vat = {
  readonly gross: bigint;
  readonly sales: Fen;
  readonly amount: Fen;
  readonly rate: Rate;
  readonly applies: boolean;
  readonly constants: Constants;
};

export function describeVat(scope: TraceScope, line: PackLine, vat: Vat): readonly TraceStep[] {
  const { numerator: p, denominator: q } = vat.rate;
  const common = { ruleId: line.ruleId, citation: line.citation, confidence: line.confidence, constants: vat.constants };
  const exempt = { zh: '未达起征点或依规则免征：销售额等于成交额', en: 'line not reached, or exempt by rule: sales equal the gross' };
  return [
    traceStep(scope, {
      ...common,
      id: 'sales',
      name: WORDS.sales,
      formula: vat.applies ? { zh: `${WORDS.gross.zh} ÷ (1 + 征收率)`, en: `${WORDS.gross.en} ÷ (1 + rate)` } : exempt,
      numbers: vat.applies ? `${vat.gross} × ${q} / ${q + p}` : `${vat.gross}`,
      result: `${vat.sales}`,
      rounding: vat.applies ? ROUNDING[scope.pack.rounding.mode] : null,
    }),
    traceStep(scope, {
      ...common,
      id: line.id,
      name: line.name,
      formula: { zh: `${WORDS.gross.zh} − ${WORDS.sales.zh}`, en: `${WORDS.gross.en} − ${WORDS.sales.en}` },
      numbers: `${vat.gross} − ${vat.sales}`,
      result: `${vat.amount}`,
      rounding: null,
    }),
  ];
}

type Line = {
  readonly base: Fen;
  readonly amount: Fen;
  readonly rate: Rate;
  readonly applies: boolean;
  readonly constants: Constants;
};

export function describeLine(scope: TraceScope, line: PackLine, { base, amount, rate, applies, constants }: Line): TraceStep {
  const words = wordsOf(line.base, scope);
  return traceStep(scope, {
    id: line.id,
    name: line.name,
    formula: applies ? { zh: `${words.zh} × 税率`, en: `${words.en} × rate` } : { zh: '按规则免征', en: 'exempt by rule' },
    numbers: applies ? `${base} × ${rateText(rate)}` : '0',
    result: `${amount}`,
    rounding: applies ? ROUNDING[scope.pack.rounding.mode] : null,
    ruleId: line.ruleId,
    citation: line.citation,
    confidence: line.confidence,
    constants,
  });
}

export function describeValue(scope: TraceScope, value: PackValue, amount: bigint, constants: Constants): TraceStep {
  return traceStep(scope, {
    id: value.id,
    name: value.name,
    formula: wordsOf(value.value, scope),
    numbers: numbersOf(value.value, scope),
    result: `${amount}`,
    rounding: null,
    ruleId: value.ruleId,
    citation: value.citation,
    confidence: value.confidence,
    constants,
  });
}

export type TraceDraft = Omit<TraceStep, 'effectiveFrom' | 'effectiveTo'> & { readonly constants: Constants };

/** Dates and confidence of a step are those of its least lasting and least sure figure. */
export function traceStep({ pack }: Pick<TraceScope, 'pack'>, { constants, ...draft }: TraceDraft): TraceStep {
  const parameters = [...constants.values()];
  const ends = [pack.effectiveTo, ...parameters.flatMap(({ effectiveTo }) => (effectiveTo === null ? [] : [effectiveTo]))];
  const flags: readonly Confidence[] = [draft.confidence, ...parameters.map(({ confidence }) => confidence)];
  const order: readonly Confidence[] = ['UNSURE', 'DESIGN', 'KNOWN', 'VERIFIED'];
  return {
    ...draft,
    confidence: order.find((flag) => flags.includes(flag)) ?? draft.confidence,
    effectiveFrom: [pack.effectiveFrom, ...parameters.map(({ effectiveFrom }) => effectiveFrom)].toSorted().at(-1) ?? pack.effectiveFrom,
    effectiveTo: ends.toSorted()[0] ?? null,
  };
}
