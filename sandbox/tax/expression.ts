/** Interprets the conditions and expressions of a pack (rulebook 11): seven operators, no `eval`, and rounding only where the operator
 *  says. Every constant that is read is noted, so that a trace can show it. */
import { assert, unreachable } from '#ledger/primitives/assert.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { findConstant } from '../packs/pack.ts';
import type { Cond, Expr, Operand, RulePack } from '../packs/rule-pack.ts';
import { applyRate, netOfRate, parseRate, type Rate, type RoundingMode } from '../parameters/decimal.ts';
import { type Parameter, valueOn } from '../parameters/parameter.ts';

export type Facts = Readonly<Record<string, bigint | string | boolean>>;

export type Scope = {
  readonly pack: RulePack;
  readonly date: string;
  readonly facts: Facts;
  /** Called with each constant as it is read. */
  readonly onConstant?: (name: string, parameter: Parameter) => void;
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
      return whole(applyRate(1n, [amount, ...rates], mode));
    }
    case 'netOfRate': {
      const [amount, rate] = args.map((arg) => evaluate(arg, scope));
      if (amount === undefined || rate === undefined) throw malformed(op);
      return whole(netOfRate(toWhole(amount), rate, mode));
    }
    case 'maxZero': {
      const [value] = args.map((arg) => evaluate(arg, scope));
      if (value === undefined) throw malformed(op);
      return value.numerator < 0n ? whole(0n) : value;
    }
    case 'bracket':
      return bracket(
        args.map((arg) => evaluate(arg, scope)),
        mode,
      );
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
  if (condition.op === 'eq' && typeof left !== 'bigint') return left === right;
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
  assert(value.denominator === 1n, 'an amount is whole fen');
  return value.numerator;
}

/** A named constant: its own name, or the one that a selector's fact picks. */
export function readConstant(name: string, scope: Scope): bigint | string | boolean {
  const selector = scope.pack.selectors[name];
  const full = selector === undefined ? name : `${name}.${String(scope.facts[selector])}`;
  const parameter = findConstant(scope.pack, full);
  if (parameter === null) throw new ParseError('reference_unknown', { ref: `const.${full}` });
  scope.onConstant?.(full, parameter);
  const value = valueOn(full, parameter, scope.date);
  if (parameter.unit === 'switch') return value === 'true' ? true : value === 'false' ? false : value;
  return parameter.unit === 'rate' ? value : BigInt(value);
}

function lookUp(path: string, scope: Scope): bigint | string | boolean {
  if (path.startsWith('const.')) return readConstant(path.slice('const.'.length), scope);
  const fact = Object.hasOwn(scope.facts, path) ? scope.facts[path] : undefined;
  if (fact === undefined) throw new ParseError('reference_unknown', { ref: path });
  return fact;
}

function readOperand(value: string | boolean | Operand | readonly string[], scope: Scope): bigint | string | boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if ('ref' in value) return lookUp(value.ref, scope);
  throw malformed('operand');
}

function toRate(value: bigint | string | boolean, path: string): Rate {
  if (typeof value === 'bigint') return whole(value);
  if (typeof value === 'boolean') return whole(value ? 1n : 0n);
  try {
    return parseRate(value);
  } catch {
    throw new ParseError('expression_malformed', { ref: path });
  }
}

/** `x * rate - quick` of the bracket that holds x; arguments x, then (upper end, rate, quick deduction)… and last (rate, quick). */
function bracket([x, ...rows]: readonly Rate[], mode: RoundingMode): Rate {
  if (x === undefined || rows.length % 3 !== 2) throw malformed('bracket');
  for (let i = 0; i < rows.length; i += 3) {
    const last = i + 2 === rows.length;
    const [upper, rate, quick] = last ? [null, rows[i], rows[i + 1]] : [rows[i], rows[i + 1], rows[i + 2]];
    if (rate === undefined || quick === undefined || upper === undefined) throw malformed('bracket');
    if (upper === null || compare(x, upper) <= 0n) {
      const tax = add({ numerator: x.numerator * rate.numerator, denominator: x.denominator * rate.denominator }, negate(quick));
      return whole(applyRate(1n, [tax], mode));
    }
  }
  throw malformed('bracket');
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
