/** Targets and guardrails of KPIs: `<= 1/2 of manual`, `> 2 x manual`, `>= 97/100`, `> 50`. A closed form, compared exactly. */
import { ParseError } from '#ledger/primitives/errors.ts';

export type Ratio = { readonly numerator: bigint; readonly denominator: bigint };
export type Comparison = {
  readonly operator: '<=' | '>=' | '<' | '>';
  readonly bound: Ratio;
  /** The arm whose value the bound multiplies; `null`: the bound is a value. */
  readonly arm: string | null;
};
/** `unknown`: one of the two values is not there. */
export type Judgement = 'holds' | 'fails' | 'unknown';

const FORM = /^(<=|>=|<|>) (\d{1,9})(?:\/(\d{1,9}))?(?: (?:of|x) ([A-Za-z0-9][A-Za-z0-9_-]{0,39}))?$/;

/** @throws {ParseError} `kpi_malformed` */
export function parseComparison(source: string): Comparison {
  const [, operator, numerator = '', denominator = '1', arm] = FORM.exec(source) ?? [];
  if ((operator !== '<=' && operator !== '>=' && operator !== '<' && operator !== '>') || BigInt(denominator) === 0n) {
    throw new ParseError('kpi_malformed', { source, expected: 'a bound like >= 97/100 or <= 1/2 of an arm' });
  }
  return { operator, bound: { numerator: BigInt(numerator), denominator: BigInt(denominator) }, arm: arm ?? null };
}

/** The bound as a value, once the other arm's is known. */
export function boundOf({ bound, arm }: Comparison, valueOfArm: (arm: string) => Ratio | null): Ratio | null {
  if (arm === null) return bound;
  const other = valueOfArm(arm);
  if (other === null) return null;
  return { numerator: bound.numerator * other.numerator, denominator: bound.denominator * other.denominator };
}

export function judge(comparison: Comparison, value: Ratio | null, valueOfArm: (arm: string) => Ratio | null): Judgement {
  const bound = boundOf(comparison, valueOfArm);
  if (value === null || bound === null) return 'unknown';
  const order = compareRatios(value, bound);
  const holds = { '<=': order <= 0, '>=': order >= 0, '<': order < 0, '>': order > 0 }[comparison.operator];
  return holds ? 'holds' : 'fails';
}

/** Both denominators are positive. */
export function compareRatios(a: Ratio, b: Ratio): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

const PLACES = 4;
const SCALE = 10n ** BigInt(PLACES);

/** To four places, half away from zero, without superfluous zeros. */
export function ratioText({ numerator, denominator }: Ratio): string {
  const isNegative = numerator < 0n;
  const scaled = ((isNegative ? -numerator : numerator) * SCALE * 2n + denominator) / (2n * denominator);
  const digits = String(scaled).padStart(PLACES + 1, '0');
  const rest = digits.slice(-PLACES).replace(/0+$/, '');
  const whole = digits.slice(0, -PLACES);
  return `${isNegative && scaled > 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
}
