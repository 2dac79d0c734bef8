/** Does a pack that fits the grammar mean something? References resolve, ids are single, dates and figures do not contradict each other,
 *  and every line computes. The first fault found is thrown, with its place. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { parseRate } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import { assess } from '../tax/assess.ts';
import { checkFigures } from './check-figures.ts';
import { CLOCK_MOST, fitsClock, isClock } from './clocks.ts';
import { assertFits } from './pack.ts';
import type { Cond, Expr, Figure, RulePack, TxType } from './rule-pack.ts';

/** In order of precedence. */
export const PACK_FAULTS = [
  'pack_malformed',
  'pack_duplicate_id',
  'pack_dates_contradict',
  'pack_constant_malformed',
  'pack_reference_unknown',
  'pack_contradictory',
  'pack_does_not_compute',
] as const;
export type PackFault = (typeof PACK_FAULTS)[number];

/** @throws {ParseError} one of PACK_FAULTS */
export function checkPack(pack: RulePack): void {
  refuseDuplicates(pack);
  refuseDates(pack);
  refuseConstants(pack);
  refuseReferences(pack);
  // Before anything reads a figure as an amount.
  checkFigures(pack);
  refuseContradictions(pack);
  refuseWhatDoesNotCompute(pack);
}

function fault(code: PackFault, facts: Readonly<Record<string, string>>): ParseError {
  return new ParseError(code, facts);
}

function refuseDuplicates(pack: RulePack): void {
  const lists: readonly (readonly [place: string, ids: readonly string[]])[] = [
    ['lines', pack.lines.map(({ id }) => id)],
    ['values', pack.values.map(({ id }) => id)],
    ['aggregates', pack.aggregates.map(({ id }) => id)],
    ['figures', (pack.figures ?? []).map(({ id }) => id)],
    ['caps', (pack.caps ?? []).map(({ id }) => id)],
    ['reporting', (pack.reporting ?? []).map(({ id }) => id)],
    ['trading.levels.order', pack.trading.levels.order],
  ];
  for (const [place, ids] of lists) {
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) throw fault('pack_duplicate_id', { path: place, id: twice });
  }
}

function refuseDates(pack: RulePack): void {
  const { effectiveFrom: from, effectiveTo: to } = pack;
  if (from > to) throw fault('pack_dates_contradict', { path: 'effectiveTo', effectiveFrom: from, effectiveTo: to });
  for (const [name, parameter] of Object.entries(pack.constants)) {
    const end = parameter.effectiveTo;
    if (parameter.effectiveFrom > from || (end !== null && end < to)) {
      // Inside its dates a pack must be able to compute on every day.
      throw fault('pack_dates_contradict', { path: `constants.${name}`, effectiveFrom: parameter.effectiveFrom, effectiveTo: end ?? '' });
    }
  }
  for (const [year, { closed, open }] of Object.entries(pack.holidays.years)) {
    const both = closed.find((day) => open.includes(day)) ?? [...closed, ...open].find((day) => !day.startsWith(year));
    if (both !== undefined) throw fault('pack_dates_contradict', { path: `holidays.years.${year}`, date: both });
  }
}

function refuseConstants(pack: RulePack): void {
  for (const [name, parameter] of Object.entries(pack.constants)) {
    try {
      assertFits(name, parameter, parameter.value);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const { value, unit, allowed } = parameter;
      throw fault('pack_constant_malformed', {
        path: `constants.${name}`,
        value,
        unit,
        ...(allowed === undefined ? {} : { expected: allowed.join(', ') }),
      });
    }
    if (isClock(name) && !fitsClock(parameter.value)) {
      throw fault('pack_constant_malformed', { path: `constants.${name}`, value: parameter.value, expected: `1 to ${CLOCK_MOST}` });
    }
  }
}

/** What an expression on one trade may refer to besides constants, scales and lines above it. */
const TRADE_FACTS = ['gross', 'sales', 'fee', 'royalty', 'cost', 'basis.isAssessed', 'place', 'vatStatus'];
/** What engine, decisions and quotes read by name. */
const NEEDED = [
  ...['unitPriceMin', 'unitPriceMax', 'platformFeeBpsMax', 'enhancedLevelAboveDay', 'payoutHoursMin', 'tradeHoldDaysAfterPrimary'],
  ...['resaleCooldownTradingDays', 'offMarketFactor', 'offMarketMinDifference', 'virtualCurrencyTradable', 'drawnItemsResale'],
];
const NEEDED_FOR_INCOME = ['assessMode', 'earnedMode', 'giftReceivedCost', 'giftDeemedSale'];

function refuseReferences(pack: RulePack): void {
  const constants = constantNames(pack);
  const know = (path: string, name: string) => {
    if (!constants.has(name)) throw fault('pack_reference_unknown', { path, ref: `const.${name}` });
  };
  const hasIncome = pack.lines.some(({ type }) => type === 'INCOME');
  for (const name of [...NEEDED, ...(hasIncome ? NEEDED_FOR_INCOME : [])]) know('constants', name);
  for (const [name, selector] of Object.entries(pack.selectors)) {
    if (typeof selector === 'object') for (const target of Object.values(selector.constants)) know(`selectors.${name}`, target);
  }
  const facts = new Set([...TRADE_FACTS, ...pack.aggregates.map(({ id }) => `agg.${id}`), ...pack.values.map(({ id }) => id)]);
  pack.lines.forEach((line, index) => {
    const above = new Set([...facts, ...pack.lines.slice(0, index).map(({ id }) => `line.${id}`)]);
    const path = `lines[${index}]`;
    visitRefs(
      { path, exprs: [line.base, line.rate, ...(typeof line.reduce === 'object' ? [line.reduce] : [])], conds: [line.when] },
      pack,
      above,
    );
    knowDue(pack, path, line.dueRule);
  });
  const all = new Set([...facts, ...pack.lines.map(({ id }) => `line.${id}`)]);
  pack.values.forEach((value, index) => {
    visitRefs({ path: `values[${index}]`, exprs: [value.value], conds: [value.when] }, pack, all);
  });
  pack.withholding.forEach((rule, index) => {
    visitRefs({ path: `withholding[${index}]`, exprs: [], conds: [rule.when] }, pack, new Set());
  });
  (pack.reporting ?? []).forEach((rule, index) => {
    const reportFacts = new Set(['activity', 'count', 'gross', 'isCasual']);
    visitRefs({ path: `reporting[${index}]`, exprs: [], conds: [rule.include, rule.exclude] }, pack, reportFacts);
    knowDue(pack, `reporting[${index}]`, rule.due);
    if (rule.extension !== undefined) know(`reporting[${index}].extension`, rule.extension.switch);
  });
  (pack.caps ?? []).forEach((cap, index) => {
    know(`caps[${index}].max`, cap.max);
  });
  for (const figure of pack.figures ?? []) refuseFigure(pack, figure);
  refuseTradingReferences(pack, know);
}

function refuseTradingReferences(pack: RulePack, know: (path: string, name: string) => void): void {
  const { levels, unitPrice } = pack.trading;
  know('trading.unitPrice.minConstant', unitPrice.minConstant);
  know('trading.unitPrice.maxConstant', unitPrice.maxConstant);
  know('trading.levels.secondaryAboveDay', levels.secondaryAboveDay.constant);
  for (const level of [levels.primary, levels.secondary, levels.secondaryAboveDay.level]) {
    if (!levels.order.includes(level)) throw fault('pack_reference_unknown', { path: 'trading.levels', ref: level });
  }
  for (const { single, month } of pack.minors.bands) for (const name of [single, month]) if (name !== null) know('minors.bands', name);
  const { thresholdWindow } = pack;
  if (thresholdWindow === undefined) return;
  know('thresholdWindow.switch', thresholdWindow.switch);
  for (const [value, { aggregate, threshold }] of Object.entries(thresholdWindow.choices)) {
    know(`thresholdWindow.choices.${value}`, threshold);
    const found = pack.aggregates.find(({ id }) => id === aggregate);
    if (found === undefined) throw fault('pack_reference_unknown', { path: `thresholdWindow.choices.${value}`, ref: aggregate });
    if (found.window !== 'DAY' && found.window !== 'MONTH') {
      throw fault('pack_contradictory', { path: `thresholdWindow.choices.${value}`, expected: 'a window of a day or a month' });
    }
  }
  const values = pack.constants[thresholdWindow.switch]?.allowed ?? [];
  const missing = values.find((value) => !Object.hasOwn(thresholdWindow.choices, value));
  if (missing !== undefined) throw fault('pack_reference_unknown', { path: 'thresholdWindow.choices', ref: missing });
}

function knowDue(pack: RulePack, path: string, due: string): void {
  if (pack.dueRules !== undefined && !Object.hasOwn(pack.dueRules, due)) throw fault('pack_reference_unknown', { path, ref: due });
}

function refuseFigure(pack: RulePack, figure: Figure): void {
  const { inputs = [], steps = [] } = figure.cumulative ?? {};
  const facts = new Set(['gross', 'month', ...Object.keys(figure.inputs), ...[...inputs, ...steps].map((name) => `cum.${name}`)]);
  for (const value of Object.values(figure.perUnit ?? {})) {
    visitRefs({ path: `figures.${figure.id}.perUnit`, exprs: [value], conds: [] }, pack, new Set([...facts, 'unit']));
  }
  for (const name of Object.keys(figure.perUnit ?? {})) facts.add(`units.${name}`);
  for (const step of figure.steps) {
    const path = `figures.${figure.id}.${step.id}`;
    visitRefs({ path, exprs: [step.value, ...(step.over === undefined ? [] : [step.over])], conds: [step.when] }, pack, facts);
    facts.add(step.id);
  }
}

type Places = { readonly path: string; readonly exprs: readonly Expr[]; readonly conds: readonly (Cond | undefined)[] };

function visitRefs({ path, exprs, conds }: Places, pack: RulePack, facts: ReadonlySet<string>): void {
  const constants = constantNames(pack);
  const know = (ref: string) => {
    const isKnown = ref.startsWith('const.')
      ? constants.has(ref.slice('const.'.length))
      : ref.startsWith('scale.')
        ? Object.hasOwn(pack.scales ?? {}, ref.slice('scale.'.length))
        : facts.has(ref);
    if (!isKnown) throw fault('pack_reference_unknown', { path, ref });
  };
  const visitExpr = (expr: Expr): void => {
    if ('ref' in expr) know(expr.ref);
    else if ('op' in expr) expr.args.forEach(visitExpr);
  };
  const visitCond = (cond: Cond): void => {
    if ('all' in cond) cond.all.forEach(visitCond);
    else if ('any' in cond) cond.any.forEach(visitCond);
    else if ('not' in cond) visitCond(cond.not);
    else {
      know(cond.path);
      if (typeof cond.value === 'object' && 'ref' in cond.value) know(cond.value.ref);
    }
  };
  exprs.forEach(visitExpr);
  for (const cond of conds) if (cond !== undefined) visitCond(cond);
}

function constantNames(pack: RulePack): ReadonlySet<string> {
  return new Set([...Object.keys(pack.constants), ...Object.keys(pack.selectors)]);
}

function refuseContradictions(pack: RulePack): void {
  const amount = (name: string): bigint => BigInt(pack.constants[name]?.value ?? '0');
  const { unitPrice } = pack.trading;
  if (amount(unitPrice.minConstant) > amount(unitPrice.maxConstant)) {
    throw fault('pack_contradictory', { path: 'trading.unitPrice', expected: 'a lowest price not above the highest' });
  }
  const bands = pack.minors.bands.toSorted((a, b) => a.from - b.from);
  bands.forEach(({ from, to, single, month }, index) => {
    const next = bands[index + 1];
    if (from > to || (next !== undefined && next.from <= to) || to >= pack.minors.adultAge) {
      throw fault('pack_contradictory', { path: 'minors.bands', expected: 'ages below adulthood that do not overlap' });
    }
    if (single !== null && month !== null && amount(single) > amount(month)) {
      throw fault('pack_contradictory', { path: 'minors.bands', expected: 'a single limit not above the monthly one' });
    }
  });
  for (const [name, scale] of Object.entries(pack.scales ?? {})) {
    const ends = scale.brackets.map(({ upTo }) => upTo);
    const isAscending = ends.every((end, index) => {
      const before = ends[index - 1];
      if (end === null) return index === ends.length - 1;
      return before === undefined || before === null || isBelow(before, end);
    });
    if (ends.at(-1) !== null || !isAscending) {
      throw fault('pack_contradictory', { path: `scales.${name}`, expected: 'ascending brackets, the last one open' });
    }
  }
}

function isBelow(a: string, b: string): boolean {
  const [x, y] = [parseRate(a), parseRate(b)];
  return x.numerator * y.denominator < y.numerator * x.denominator;
}

/** One trade of each kind on the first and the last day, under each value that selects constants. */
function refuseWhatDoesNotCompute(pack: RulePack): void {
  const kinds = [...new Set(pack.lines.flatMap(({ txTypes }) => txTypes))];
  for (const txType of kinds) for (const date of [pack.effectiveFrom, pack.effectiveTo]) tryAssess(pack, txType, date);
}

function tryAssess(pack: RulePack, txType: TxType, date: string): void {
  const values = (fact: string) => {
    const named = Object.entries(pack.selectors).flatMap(([name, selector]) => {
      if (typeof selector === 'object') return selector.fact === fact ? Object.keys(selector.constants) : [];
      return selector === fact ? namesAfter(pack.constants, `${name}.`) : [];
    });
    return named.length === 0 ? ['GENERAL'] : [...new Set(named)];
  };
  for (const place of values('place')) {
    for (const vatStatus of values('vatStatus')) {
      const input = {
        txType,
        paidAt: startOfBeijingDate(date),
        grossFen: fen(1_000_001n),
        feeBps: 500,
        royaltyBps: 200,
        feeFen: null,
        royaltyFen: null,
        basis: { mode: 'COST', costFen: fen(500_000n), source: 'STATED', flags: [] },
        window: { kind: 'total', totalFen: fen(1_000_001n) },
        place,
        vatStatus,
        flags: [],
      } as const;
      try {
        assess(input, pack);
      } catch (error) {
        throw fault('pack_does_not_compute', {
          txType,
          date,
          place,
          vatStatus,
          reason: error instanceof Error ? error.message : 'unknown',
        });
      }
    }
  }
}

function namesAfter(constants: Readonly<Record<string, Parameter>>, prefix: string): readonly string[] {
  return Object.keys(constants).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}
