/** Expressions and conditions of a pack as functions over slots of amounts. What depends on constants and words alone is folded away. */
import { assert } from '#ledger/primitives/assert.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Cond, Expr, RulePack } from '../packs/rule-pack.ts';
import type { Rate } from '../parameters/decimal.ts';
import { evaluate, type Facts, holds } from './expression.ts';

/** Amounts by slot. */
export type Frame = readonly bigint[] & { [slot: number]: bigint };
export type Fold = {
  readonly pack: RulePack;
  /** Words known beforehand. */
  readonly facts: Facts;
  /** Amounts known only when it runs, by reference. */
  readonly slots: ReadonlyMap<string, number>;
  readonly round: (n: bigint, d: bigint) => bigint;
};
type Compiled = Rate | ((frame: Frame) => bigint);

/** Does the expression read an amount? Otherwise it is a constant now. */
function reads(expression: Expr, slots: Fold['slots']): boolean {
  if ('const' in expression) return false;
  if ('ref' in expression) return slots.has(expression.ref);
  return expression.args.some((arg) => reads(arg, slots));
}

function foldNow(expression: Expr, { pack, facts }: Fold): Rate {
  return evaluate(expression, { pack, date: pack.effectiveFrom, facts });
}

export function compileRate(expression: Expr, fold: Fold): Rate {
  assert(!reads(expression, fold.slots), 'a rate is decided by the shape of the trade');
  return foldNow(expression, fold);
}

export function compileAmount(expression: Expr, fold: Fold): (frame: Frame) => bigint {
  const compiled = compile(expression, fold);
  if (typeof compiled === 'function') return compiled;
  const value = wholeOf(compiled);
  return () => value;
}

function wholeOf({ numerator, denominator }: Rate): bigint {
  assert(numerator % denominator === 0n, 'an amount is whole');
  return numerator / denominator;
}

function compile(expression: Expr, fold: Fold): Compiled {
  if (!reads(expression, fold.slots)) return foldNow(expression, fold);
  if ('ref' in expression) {
    const slot = fold.slots.get(expression.ref);
    assert(slot !== undefined, 'a reference that is read has its slot');
    return (frame) => frame[slot] ?? 0n;
  }
  assert('op' in expression, 'a constant reads nothing');
  return compileOperator(expression, fold);
}

type Operation = Extract<Expr, { readonly op: string }>;

function compileOperator({ op, args }: Operation, fold: Fold): Compiled {
  switch (op) {
    case 'add':
    case 'sub':
      return compileSum(op, args, fold);
    case 'mulFrac':
      return compileProduct(args, fold);
    case 'netOfRate': {
      const [amount, rate] = args;
      if (amount === undefined || rate === undefined) throw malformed(op);
      const value = compileAmount(amount, fold);
      const { numerator, denominator } = compileRate(rate, fold);
      return (frame) => fold.round(value(frame) * denominator, denominator + numerator);
    }
    case 'maxZero': {
      const [arg] = args;
      if (arg === undefined) throw malformed(op);
      const value = compileAmount(arg, fold);
      return (frame) => {
        const amount = value(frame);
        return amount < 0n ? 0n : amount;
      };
    }
    case 'if':
      return compileChoice(args, fold);
    case 'bracket':
      // Line by line a trade has no rate table; figures of a year go through `evaluate`.
      throw malformed(op);
  }
}

function compileSum(op: 'add' | 'sub', args: readonly Expr[], fold: Fold): Compiled {
  const parts = args.map((arg) => compileAmount(arg, fold));
  const [first, ...rest] = parts;
  if (first === undefined) throw malformed(op);
  const sign = op === 'add' ? 1n : -1n;
  return (frame) => {
    let sum = first(frame);
    for (const part of rest) sum += sign === 1n ? part(frame) : -part(frame);
    return sum;
  };
}

function compileProduct(args: readonly Expr[], fold: Fold): Compiled {
  let numerator = 1n;
  let denominator = 1n;
  const amounts: ((frame: Frame) => bigint)[] = [];
  for (const arg of args) {
    const compiled = compile(arg, fold);
    if (typeof compiled === 'function') amounts.push(compiled);
    else {
      numerator *= compiled.numerator;
      denominator *= compiled.denominator;
    }
  }
  return (frame) => {
    let product = numerator;
    for (const amount of amounts) product *= amount(frame);
    return fold.round(product, denominator);
  };
}

function compileChoice([test, yes, no]: readonly Expr[], fold: Fold): Compiled {
  if (test === undefined || yes === undefined || no === undefined) throw malformed('if');
  if (!reads(test, fold.slots)) return compile(foldNow(test, fold).numerator === 0n ? no : yes, fold);
  const condition = compileAmount(test, fold);
  const [then, otherwise] = [compileAmount(yes, fold), compileAmount(no, fold)];
  return (frame) => (condition(frame) === 0n ? otherwise(frame) : then(frame));
}

/** A boolean if the shape decides it. */
export function compileCond(condition: Cond, fold: Fold): boolean | ((frame: Frame) => boolean) {
  if (!condReads(condition, fold.slots)) return holds(condition, { pack: fold.pack, date: fold.pack.effectiveFrom, facts: fold.facts });
  if ('all' in condition)
    return combine(
      condition.all.map((part) => compileCond(part, fold)),
      true,
    );
  if ('any' in condition)
    return combine(
      condition.any.map((part) => compileCond(part, fold)),
      false,
    );
  if ('not' in condition) {
    const inner = compileCond(condition.not, fold);
    return typeof inner === 'boolean' ? !inner : (frame) => !inner(frame);
  }
  const { path, op, value } = condition;
  const left = compile({ ref: path }, fold);
  const right: Compiled =
    typeof value === 'object' && 'ref' in value ? compile({ ref: value.ref }, fold) : compile({ const: String(value) }, fold);
  const order = (frame: Frame) => {
    const a = typeof left === 'function' ? { numerator: left(frame), denominator: 1n } : left;
    const b = typeof right === 'function' ? { numerator: right(frame), denominator: 1n } : right;
    return a.numerator * b.denominator - b.numerator * a.denominator;
  };
  switch (op) {
    case 'eq':
      return (frame) => order(frame) === 0n;
    case 'lt':
      return (frame) => order(frame) < 0n;
    case 'lte':
      return (frame) => order(frame) <= 0n;
    case 'gt':
      return (frame) => order(frame) > 0n;
    case 'gte':
      return (frame) => order(frame) >= 0n;
    case 'in':
      throw malformed(op);
  }
}

function combine(parts: readonly (boolean | ((frame: Frame) => boolean))[], isAll: boolean): boolean | ((frame: Frame) => boolean) {
  if (parts.includes(!isAll)) return !isAll;
  const open = parts.filter((part) => typeof part === 'function');
  if (open.length === 0) return isAll;
  return isAll ? (frame) => open.every((part) => part(frame)) : (frame) => open.some((part) => part(frame));
}

function condReads(condition: Cond, slots: Fold['slots']): boolean {
  if ('all' in condition) return condition.all.some((part) => condReads(part, slots));
  if ('any' in condition) return condition.any.some((part) => condReads(part, slots));
  if ('not' in condition) return condReads(condition.not, slots);
  const { path, value } = condition;
  return slots.has(path) || (typeof value === 'object' && 'ref' in value && slots.has(value.ref));
}

function malformed(op: string): ParseError {
  return new ParseError('expression_malformed', { op });
}
