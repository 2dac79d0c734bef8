/** Interprets the conditions and expressions of a pack (rulebook 11): seven operators, no `eval`, and rounding only where the operator
 *  says. Every constant that is read is noted, so that a trace can show it. */
import { assert, unreachable } from '#ledger/primitives/assert.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { findConstant } from '../packs/pack.ts';
import type { Cond, Expr, Operand, RulePack, Scale } from '../packs/rule-pack.ts';
import { applyRate, netOfRate, parseRate, type Rate } from '../parameters/decimal.ts';
import { type Parameter, valueOn } from '../parameters/parameter.ts';

/** Rates and exact intermediate values stand beside whole amounts. */
export type Fact = bigint | string | boolean | Rate;
export type Facts = Readonly<Record<string, Fact>>;

export type Scope = {
  readonly pack: RulePack;
  readonly date: string;
  readonly facts: Facts;
  /** Called with each constant as it is read. */
  readonly onConstant?: (name: string, parameter: Parameter) => void;
  /** `mulFrac` and `netOfRate` keep the fraction: for a step that a later one rounds. */
  readonly isExact?: boolean;
};

/** @throws {ParseError} `expression_malformed reference_unknown` a pack that refers to what is not there */
export function evaluate(expression: Expr, scope: Scope): Rate {
  if ('const' in expression) return parseRate(expression.const);
  if ('ref' in expression) return toRate(lookUp(expression.ref, scope), expression.ref);
  const { op, args } = expression;
  const mode = scope.pack.rounding.mode;
  switch (op) {
    case 'add':
      return args.map((arg) => evaluate(arg, scope)).reduce(add);
    case 'sub':
      return args.map((arg) => evaluate(arg, scope)).reduce((a, b) => add(a, negate(b)));
    case 'mulFrac': {
      const [amount, ...rates] = args.map((arg) => evaluate(arg, scope));
      if (amount === undefined) throw malformed(op);
      return scope.isExact === true ? [amount, ...rates].reduce(multiply) : whole(applyRate(1n, [amount, ...rates], mode));
    }
    case 'netOfRate': {
      const [amount, rate] = args.map((arg) => evaluate(arg, scope));
      if (amount === undefined || rate === undefined) throw malformed(op);
      if (scope.isExact === true) return divideExact(amount, add(rate, whole(1n)));
      return whole(netOfRate(toWhole(amount), rate, mode));
    }
    case 'maxZero': {
      const [value] = args.map((arg) => evaluate(arg, scope));
      if (value === undefined) throw malformed(op);
      return value.numerator < 0n ? whole(0n) : value;
    }
    case 'bracket': {
      const [amount, scale] = args;
      if (amount === undefined || scale === undefined || !('ref' in scale)) throw malformed(op);
      return bracket(evaluate(amount, scope), scaleOf(scope.pack, scale.ref));
    }
    case 'if': {
      const [test, yes, no] = args;
      if (test === undefined || yes === undefined || no === undefined) throw malformed(op);
      return evaluate(evaluate(test, scope).numerator === 0n ? no : yes, scope); // only the branch taken is read
    }
    default:
      return unreachable(op);
  }
}

export function holds(condition: Cond, scope: Scope): boolean {
  if ('all' in condition) return condition.all.every((part) => holds(part, scope));
  if ('any' in condition) return condition.any.some((part) => holds(part, scope));
  if ('not' in condition) return !holds(condition.not, scope);
  const left = lookUp(condition.path, scope);
  if (condition.op === 'in') {
    return Array.isArray(condition.value) && condition.value.includes(String(left));
  }
  const right = readOperand(condition.value, scope);
  if (condition.op === 'eq' && (typeof left === 'string' || typeof left === 'boolean')) return left === right;
  const order = compare(toRate(left, condition.path), toRate(right, condition.path));
  switch (condition.op) {
    case 'eq':
      return order === 0n;
    case 'lt':
      return order < 0n;
    case 'lte':
      return order <= 0n;
    case 'gt':
      return order > 0n;
    case 'gte':
      return order >= 0n;
    default:
      return unreachable(condition.op);
  }
}

/** Whole value of an expression that must be an amount. */
export function toWhole(value: Rate): bigint {
  assert(value.numerator % value.denominator === 0n, 'an amount is whole fen');
  return value.numerator / value.denominator;
}

function selectConstant(name: string, { pack, facts }: Scope): string {
  const selector = Object.hasOwn(pack.selectors, name) ? pack.selectors[name] : undefined;
  if (selector === undefined) return name;
  if (typeof selector === 'string') return `${name}.${String(facts[selector])}`;
  const value = String(facts[selector.fact]);
  return (Object.hasOwn(selector.constants, value) ? selector.constants[value] : undefined) ?? `${name}.${value}`;
}

/** A named constant: its own name, or the one that a selector's fact picks. */
export function readConstant(name: string, scope: Scope): bigint | string | boolean {
  const full = selectConstant(name, scope);
  const parameter = findConstant(scope.pack, full);
  if (parameter === null) throw new ParseError('reference_unknown', { ref: `const.${full}` });
  scope.onConstant?.(full, parameter);
  const value = valueOn(full, parameter, scope.date);
  if (parameter.unit === 'switch') return value === 'true' ? true : value === 'false' ? false : value;
  return parameter.unit === 'rate' ? value : BigInt(value);
}

function lookUp(path: string, scope: Scope): Fact {
  if (path.startsWith('const.')) return readConstant(path.slice('const.'.length), scope);
  const fact = Object.hasOwn(scope.facts, path) ? scope.facts[path] : undefined;
  if (fact === undefined) throw new ParseError('reference_unknown', { ref: path });
  return fact;
}

function readOperand(value: string | boolean | Operand | readonly string[], scope: Scope): Fact {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if ('ref' in value) return lookUp(value.ref, scope);
  throw malformed('operand');
}

function toRate(value: Fact, path: string): Rate {
  if (typeof value === 'object') return value;
  if (typeof value === 'bigint') return whole(value);
  if (typeof value === 'boolean') return whole(value ? 1n : 0n);
  try {
    return parseRate(value);
  } catch {
    throw new ParseError('expression_malformed', { ref: path });
  }
}

/** @throws {ParseError} `reference_unknown` */
export function scaleOf(pack: RulePack, ref: string): Scale {
  const name = ref.startsWith('scale.') ? ref.slice('scale.'.length) : '';
  const scale = pack.scales !== undefined && Object.hasOwn(pack.scales, name) ? pack.scales[name] : undefined;
  if (scale === undefined) throw new ParseError('reference_unknown', { ref });
  return scale;
}

/** `x * rate - quick` of the bracket that holds x, upper ends inclusive; exact. */
function bracket(x: Rate, { brackets }: Scale): Rate {
  const found = brackets.find(({ upTo }) => upTo === null || compare(x, parseRate(upTo)) <= 0n);
  if (found === undefined) throw malformed('bracket');
  return add(multiply(x, parseRate(found.rate)), negate(parseRate(found.quick)));
}

export function divideExact(a: Rate, b: Rate): Rate {
  assert(b.numerator !== 0n, 'nothing is divided by zero');
  const sign = b.numerator < 0n ? -1n : 1n;
  return { numerator: sign * a.numerator * b.denominator, denominator: sign * a.denominator * b.numerator };
}

function multiply(a: Rate, b: Rate): Rate {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}
function whole(value: bigint): Rate {
  return { numerator: value, denominator: 1n };
}
function negate(value: Rate): Rate {
  return { numerator: -value.numerator, denominator: value.denominator };
}
function add(a: Rate, b: Rate): Rate {
  if (a.denominator === b.denominator) return { numerator: a.numerator + b.numerator, denominator: a.denominator };
  return { numerator: a.numerator * b.denominator + b.numerator * a.denominator, denominator: a.denominator * b.denominator };
}
function compare(a: Rate, b: Rate): bigint {
  return a.numerator * b.denominator - b.numerator * a.denominator;
}
function malformed(op: string): ParseError {
  return new ParseError('expression_malformed', { op });
}
