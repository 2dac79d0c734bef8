/**
 * A pack compiled for many trades (rulebook 6.8): constants and conditions that a shape of trade decides are worked out once, rates stay
 * integer fractions, no trace is told. `assess` is the reference: a property test holds both to the same lines.
 */
import { assert } from '#ledger/primitives/assert.ts';
import type { PackLine, PackValue, RulePack, TxType } from '../packs/rule-pack.ts';
import { parseRate, type Rate, type RoundingMode } from '../parameters/decimal.ts';
import { compileAmount, compileCond, compileRate, type Fold, type Frame } from './compile-expression.ts';
import { hasThreshold, thresholdTest } from './threshold.ts';

/** What decides which lines and rates there are. */
export type Shape = {
  readonly txType: TxType;
  readonly place: string;
  readonly vatStatus: string;
  /** Income assessed without a cost (mode PCT_OF_REVENUE). */
  readonly isAssessed: boolean;
  /** Of the window; ignored where no window decides. */
  readonly isTaxable: boolean;
};
export type Amounts = {
  readonly grossFen: bigint;
  readonly costFen: bigint;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
};
export type Lines = {
  /** In the order of `lineIds` of the shape. */
  readonly amounts: readonly bigint[];
  readonly bases: readonly bigint[];
  readonly salesFen: bigint;
  readonly gainFen: bigint | null;
  readonly taxTotalFen: bigint;
};
export type Program = {
  readonly lines: readonly PackLine[];
  readonly isTaxable: boolean;
  readonly run: (amounts: Amounts) => Lines;
};

/** Programs are made when first asked for and kept. Inside its dates a pack has one value per constant (`checkPack`). */
export function compileAssessor(pack: RulePack): (shape: Shape) => Program {
  const programs = new Map<string, Program>();
  return (shape) => {
    const { txType, place, vatStatus, isAssessed, isTaxable } = shape;
    const key = `${txType} ${place} ${vatStatus} ${isAssessed} ${isTaxable}`;
    const known = programs.get(key);
    if (known !== undefined) return known;
    const program = compile(pack, shape);
    programs.set(key, program);
    return program;
  };
}

/** Whole division with the pack's rounding; the denominator is positive. `rhu` in mode HALF_UP. */
export function roundedQuotient(mode: RoundingMode): (n: bigint, d: bigint) => bigint {
  switch (mode) {
    case 'HALF_UP':
      return (n, d) => (n < 0n ? -((-n * 2n + d) / (2n * d)) : (n * 2n + d) / (2n * d));
    case 'FLOOR':
      return (n, d) => (n < 0n && n % d !== 0n ? n / d - 1n : n / d);
    case 'HALF_EVEN':
      return (n, d) => {
        const floor = n < 0n && n % d !== 0n ? n / d - 1n : n / d;
        const twice = (n - floor * d) * 2n;
        return twice > d || (twice === d && floor % 2n !== 0n) ? floor + 1n : floor;
      };
  }
}

const [GROSS, SALES, FEE, ROYALTY, COST, FIRST_FREE] = [0, 1, 2, 3, 4, 5];

type Step = (frame: Frame) => void;

function compile(pack: RulePack, shape: Shape): Program {
  const lines = pack.lines.filter((line) => line.txTypes.includes(shape.txType));
  const values = pack.values.filter((value) => value.txTypes.includes(shape.txType));
  const slots = new Map<string, number>([
    ['gross', GROSS],
    ['sales', SALES],
    ['fee', FEE],
    ['royalty', ROYALTY],
    ['cost', COST],
    ...lines.map(({ id }, index): [string, number] => [`line.${id}`, FIRST_FREE + index]),
    ...values.map(({ id }, index): [string, number] => [id, FIRST_FREE + lines.length + index]),
  ]);
  const fold: Fold = {
    pack,
    facts: { place: shape.place, vatStatus: shape.vatStatus, 'basis.isAssessed': shape.isAssessed },
    slots,
    round: roundedQuotient(pack.rounding.mode),
  };
  const bases = lines.map(() => 0n);
  const { steps, isTaxable } = plan({ fold, shape, lines, values, bases });
  const gainSlot = values.some(({ id, when }) => id === 'gain' && isStatic(fold, when)) ? slots.get('gain') : undefined;
  const size = FIRST_FREE + lines.length + values.length;
  const frame: bigint[] = new Array<bigint>(size).fill(0n);
  return {
    lines,
    isTaxable,
    run: ({ grossFen, costFen, feeFen, royaltyFen }) => {
      frame.fill(0n);
      frame[GROSS] = grossFen;
      frame[SALES] = grossFen;
      frame[FEE] = feeFen;
      frame[ROYALTY] = royaltyFen;
      frame[COST] = costFen;
      for (const step of steps) step(frame);
      const amounts = frame.slice(FIRST_FREE, FIRST_FREE + lines.length);
      let taxTotalFen = 0n;
      for (const amount of amounts) taxTotalFen += amount;
      const gainFen = gainSlot === undefined ? null : (frame[gainSlot] ?? 0n);
      return { amounts, bases: [...bases], salesFen: frame[SALES] ?? 0n, gainFen, taxTotalFen };
    },
  };
}

function isStatic(fold: Fold, when: PackValue['when']): boolean {
  if (when === undefined) return true;
  const condition = compileCond(when, fold);
  assert(typeof condition === 'boolean', 'whether a value stands is decided by the shape of the trade');
  return condition;
}

type Plan = {
  readonly fold: Fold;
  readonly shape: Shape;
  readonly lines: readonly PackLine[];
  readonly values: readonly PackValue[];
  readonly bases: bigint[];
};

/** The same order as `assess`: a value as soon as no line of the types it waits for is left. */
function plan({ fold, shape, lines, values, bases }: Plan): { readonly steps: readonly Step[]; readonly isTaxable: boolean } {
  const steps: Step[] = [];
  let waiting = values;
  let isTaxable = false;
  lines.forEach((line, index) => {
    const left = lines.slice(index);
    const ready = waiting.filter((value) => !left.some((other) => value.after.includes(other.type)));
    steps.push(...ready.flatMap((value) => valueStep(fold, value)));
    waiting = waiting.filter((value) => !ready.includes(value));
    const applies = appliesTo(fold, shape, line);
    isTaxable ||= line.type === 'VAT' && applies === true;
    const isSplit = line.type === 'VAT' && line.method !== 'ON_BASE';
    steps.push((isSplit ? vatStep : lineStep)({ fold, line, index, applies, bases }));
  });
  steps.push(...waiting.flatMap((value) => valueStep(fold, value)));
  return { steps, isTaxable };
}

type Applies = boolean | ((frame: Frame) => boolean);

function appliesTo(fold: Fold, shape: Shape, line: PackLine): Applies {
  const condition = (): Applies => {
    if (line.type === 'VAT' && hasThreshold(fold.pack, shape.txType)) return shape.isTaxable;
    return line.when === undefined ? true : compileCond(line.when, fold);
  };
  const given = condition();
  if (shape.txType !== 'GIFT' || given === false) return given;
  // A gift of base 0 is never taxable (rulebook 2.6.5).
  return (frame) => frame[GROSS] !== 0n && (given === true || given(frame));
}

type LinePlan = {
  readonly fold: Fold;
  readonly line: PackLine;
  readonly index: number;
  readonly applies: Applies;
  readonly bases: bigint[];
};

function vatStep({ fold, line, index, applies, bases }: LinePlan): Step {
  const { numerator, denominator } = rateOf(fold, line);
  const base = compileAmount(line.base, fold);
  const { round } = fold;
  const slot = FIRST_FREE + index;
  return (frame) => {
    const gross = base(frame);
    bases[index] = gross;
    if (applies === false || (applies !== true && !applies(frame))) return;
    const sales = round(gross * denominator, denominator + numerator);
    frame[SALES] = sales;
    frame[slot] = gross - sales;
  };
}

function lineStep({ fold, line, index, applies, bases }: LinePlan): Step {
  const { numerator, denominator } = rateOf(fold, line);
  const base = compileAmount(line.base, fold);
  const { round } = fold;
  const slot = FIRST_FREE + index;
  const floorsAtZero = line.floorZero === true;
  return (frame) => {
    const amount = frame[GROSS] === 0n ? 0n : base(frame);
    bases[index] = amount;
    if (applies === false || (applies !== true && !applies(frame))) return;
    const product = round(amount * numerator, denominator);
    frame[slot] = floorsAtZero && product < 0n ? 0n : product;
  };
}

function valueStep(fold: Fold, value: PackValue): readonly Step[] {
  if (!isStatic(fold, value.when)) return [];
  const slot = fold.slots.get(value.id);
  assert(slot !== undefined, 'a value has its slot');
  const compute = compileAmount(value.value, fold);
  return [
    (frame) => {
      frame[slot] = frame[GROSS] === 0n ? 0n : compute(frame);
    },
  ];
}

function rateOf(fold: Fold, line: PackLine): Rate {
  const rate = compileRate(line.rate, fold);
  if (line.reduce === undefined) return rate;
  const reduce = typeof line.reduce === 'string' ? parseRate(line.reduce) : compileRate(line.reduce, fold);
  return { numerator: rate.numerator * reduce.numerator, denominator: rate.denominator * reduce.denominator };
}

export type CompiledWindow = {
  readonly window: 'DAY' | 'MONTH';
  readonly isTaxable: (totalFen: bigint) => boolean;
};

/** The window that decides an exemption, as a test on its gross; `null`: no window decides. Same answers as `isWindowTaxable`. */
export function compileWindow(pack: RulePack): CompiledWindow | null {
  if (pack.thresholdWindow === undefined) return null;
  const line = pack.lines.find(({ type, txTypes }) => type === 'VAT' && txTypes.some((tx) => hasThreshold(pack, tx)));
  assert(line !== undefined, 'a pack with a threshold window has the line that it decides');
  const { aggregate, window } = thresholdTest(pack, pack.effectiveFrom);
  const round = roundedQuotient(pack.rounding.mode);
  const fold: Fold = { pack, facts: {}, slots: new Map([[`agg.${aggregate}`, 0]]), round };
  const { numerator, denominator } = compileRate(line.rate, fold);
  const condition = line.when === undefined ? true : compileCond(line.when, fold);
  if (typeof condition === 'boolean') return { window, isTaxable: () => condition };
  return { window, isTaxable: (totalFen) => condition([round(totalFen * denominator, denominator + numerator)]) };
}
