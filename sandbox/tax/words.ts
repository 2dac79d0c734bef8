/** Words and numbers of an expression, so that a person can follow it. Branches not taken and constants that only switch are left out:
 *  the words tell what was computed here. */
import type { Expr, RulePack, Texts } from '../packs/rule-pack.ts';
import { rateText } from '../parameters/decimal.ts';
import { evaluate, type Fact, type Facts, type Scope } from './expression.ts';

export const WORDS = {
  gross: { zh: '含税成交额', en: 'gross price' },
  sales: { zh: '不含税销售额', en: 'sales excluding VAT' },
  fee: { zh: '平台服务费', en: 'platform fee' },
  royalty: { zh: '工作室分成', en: 'studio royalty' },
  cost: { zh: '原值', en: 'cost' },
  gain: { zh: '应纳税所得额', en: 'taxable gain' },
} as const satisfies Record<string, Texts>;

export const ROUNDING: Record<RulePack['rounding']['mode'], string> = {
  HALF_UP: 'half up to the fen, once',
  FLOOR: 'down to the unit, once',
  HALF_EVEN: 'half to even, once',
};

export type WordScope = {
  readonly pack: RulePack;
  readonly date: string;
  readonly facts: Facts;
  /** Names of facts that are the computation's own. */
  readonly names?: ReadonlyMap<string, Texts>;
};

export function wordsOf(expression: Expr, scope: WordScope): Texts {
  if ('const' in expression) return { zh: expression.const, en: expression.const };
  if ('ref' in expression) return refWords(expression.ref, scope);
  const { op, args } = expression;
  switch (op) {
    case 'if':
      return wordsOf(taken(args, scope), scope);
    case 'maxZero': {
      const inner = firstWords(args, scope);
      return { zh: `max(0, ${inner.zh})`, en: `max(0, ${inner.en})` };
    }
    case 'bracket': {
      const inner = firstWords(args, scope);
      return { zh: `${inner.zh} × 税率 − 速算扣除数`, en: `${inner.en} × rate − quick deduction` };
    }
    case 'netOfRate': {
      const inner = firstWords(args, scope);
      return { zh: `${inner.zh} ÷ (1 + 税率)`, en: `${inner.en} ÷ (1 + rate)` };
    }
    case 'add':
    case 'sub':
    case 'mulFrac': {
      const parts = args.map((arg) => wordsOf(arg, scope)).filter(({ en }) => en !== '0');
      return { zh: parts.map(({ zh }) => zh).join(SIGNS[op]), en: parts.map(({ en }) => en).join(SIGNS[op]) };
    }
  }
}

export function numbersOf(expression: Expr, scope: WordScope): string {
  if ('const' in expression) return expression.const;
  if ('ref' in expression) return refNumber(expression.ref, scope);
  const { op, args } = expression;
  switch (op) {
    case 'if':
      return numbersOf(taken(args, scope), scope);
    case 'bracket':
      return bracketNumbers(args, scope);
    case 'netOfRate':
      return args.map((arg) => numbersOf(arg, scope)).join(' ÷ 1 + ');
    case 'maxZero':
    case 'add':
    case 'sub':
    case 'mulFrac': {
      const parts = args.filter((arg) => wordsOf(arg, scope).en !== '0').map((arg) => numbersOf(arg, scope));
      return op === 'maxZero' ? `max(0, ${parts.join('')})` : parts.join(SIGNS[op]);
    }
  }
}

const SIGNS = { add: ' + ', sub: ' − ', mulFrac: ' × ' } as const;

function firstWords([first]: readonly Expr[], scope: WordScope): Texts {
  return first === undefined ? { zh: '', en: '' } : wordsOf(first, scope);
}

/** The bracket that was used, with its numbers. */
function bracketNumbers([amount, scale]: readonly Expr[], scope: WordScope): string {
  if (amount === undefined || scale === undefined || !('ref' in scale)) return '';
  const value = evaluate(amount, scopeOf(scope));
  const brackets = scope.pack.scales?.[scale.ref.slice('scale.'.length)]?.brackets ?? [];
  const found = brackets.find(({ upTo }) => upTo === null || value.numerator <= BigInt(upTo) * value.denominator);
  return found === undefined ? rateText(value) : `${rateText(value)} × ${found.rate} − ${found.quick}`;
}

function taken([test, yes, no]: readonly Expr[], scope: WordScope): Expr {
  const zero: Expr = { const: '0' };
  if (test === undefined) return zero;
  return (evaluate(test, scopeOf(scope)).numerator === 0n ? no : yes) ?? zero;
}

function scopeOf({ pack, date, facts }: WordScope): Scope {
  return { pack, date, facts };
}

function refWords(ref: string, { pack, facts, names }: WordScope): Texts {
  const own = names?.get(ref);
  if (own !== undefined) return own;
  if (ref.startsWith('line.')) return pack.lines.find(({ id }) => `line.${id}` === ref)?.name ?? { zh: ref, en: ref };
  if (ref.startsWith('const.')) return constantWords(ref, pack, facts);
  const known: Readonly<Record<string, Texts>> = WORDS;
  return known[ref] ?? { zh: ref, en: ref };
}

function constantWords(ref: string, pack: RulePack, facts: Facts): Texts {
  const name = ref.slice('const.'.length);
  const selector = Object.hasOwn(pack.selectors, name) ? pack.selectors[name] : undefined;
  const fact = selector === undefined ? null : typeof selector === 'string' ? selector : selector.fact;
  const value = fact === null ? '' : String(facts[fact]);
  const picked = typeof selector === 'object' ? selector.constants[value] : undefined;
  const full = fact === null ? name : (picked ?? `${name}.${value}`);
  return pack.constants[full]?.name ?? { zh: ref, en: ref };
}

function refNumber(ref: string, scope: WordScope): string {
  if (ref.startsWith('const.')) return rateText(evaluate({ ref }, scopeOf(scope)));
  const fact = scope.facts[ref];
  return fact === undefined ? ref : factText(fact);
}

export function factText(fact: Fact): string {
  return typeof fact === 'object' ? rateText(fact) : String(fact);
}
