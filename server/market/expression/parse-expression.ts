/** Text to a checked attribute expression: `or` of `and` of `not` of comparisons, typed against a schema. Pure. */
import { canonicalDecimal } from './decimal.ts';
import {
  type Comparison,
  type Expression,
  type ExpressionCode,
  type ExpressionFault,
  type ExpressionSchema,
  type Literal,
  MOST_CHARACTERS,
  MOST_COMPARISONS,
  type Operator,
  type ValueType,
} from './expression.ts';
import { readTokens, type Token } from './read-tokens.ts';

export type ParsedExpression = { readonly kind: 'parsed'; readonly expression: Expression } | ExpressionFault;

const OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
const KEYWORDS = ['and', 'or', 'not', 'in', 'true', 'false'];

/** Ends the descent at the first fault; it never leaves this file. */
class Fault extends Error {
  readonly code: ExpressionCode;
  readonly at: number;
  constructor(code: ExpressionCode, at: number) {
    super(code);
    this.code = code;
    this.at = at;
  }
}

export type ExpressionLimits = { readonly characters: number; readonly comparisons: number };
const LIMITS: ExpressionLimits = { characters: MOST_CHARACTERS, comparisons: MOST_COMPARISONS };

export function parseExpression(source: string, schema: ExpressionSchema, limits = LIMITS): ParsedExpression {
  if ([...source].length > limits.characters) return { kind: 'rejected', code: 'expression_malformed', at: limits.characters };
  const { tokens, faultAt } = readTokens(source);
  if (faultAt !== null) return { kind: 'rejected', code: 'expression_malformed', at: faultAt };
  try {
    return { kind: 'parsed', expression: readWhole(tokens, schema, limits.comparisons) };
  } catch (error) {
    if (error instanceof Fault) return { kind: 'rejected', code: error.code, at: error.at };
    throw error;
  }
}

function readWhole(tokens: readonly Token[], schema: ExpressionSchema, mostComparisons: number): Expression {
  let place = 0;
  let comparisons = 0;
  const end: Token = { kind: 'end', text: '', at: 0 };
  const peek = (): Token => tokens[place] ?? tokens.at(-1) ?? end;
  const isWord = (word: string): boolean => peek().kind === 'name' && peek().text.toLowerCase() === word;
  const isSign = (sign: string): boolean => peek().kind === 'sign' && peek().text === sign;
  const take = (): Token => {
    const token = peek();
    place++;
    return token;
  };
  const takeSign = (sign: string): void => {
    if (!isSign(sign)) throw new Fault('expression_malformed', peek().at);
    place++;
  };

  const readAny = (): Expression => readChain('or', () => readChain('and', readOne));
  const readChain = (word: 'and' | 'or', readPart: () => Expression): Expression => {
    const first = readPart();
    const parts = partsOf(first, word);
    while (isWord(word)) {
      place++;
      parts.push(...partsOf(readPart(), word));
    }
    return parts.length === 1 ? first : { kind: word, parts };
  };
  const readOne = (): Expression => {
    if (isWord('not')) {
      place++;
      return { kind: 'not', inner: readOne() };
    }
    if (!isSign('(')) return readComparison();
    place++;
    const inner = readAny();
    takeSign(')');
    return inner;
  };
  const readComparison = (): Comparison => {
    const name = take();
    if (name.kind !== 'name' || KEYWORDS.includes(name.text.toLowerCase())) throw new Fault('expression_malformed', name.at);
    if (++comparisons > mostComparisons) throw new Fault('expression_malformed', name.at);
    const type = schema.get(name.text);
    if (type === undefined) throw new Fault('expression_unknown_attribute', name.at);
    if (isWord('in')) {
      place++;
      return { kind: 'comparison', attribute: name.text, operator: 'in', values: readValues(type) };
    }
    const sign = take();
    const operator = OPERATORS.find((each) => sign.kind === 'sign' && each === sign.text);
    if (operator === undefined) throw new Fault('expression_malformed', sign.at);
    const isOrder = operator !== '=' && operator !== '!=';
    if (isOrder && type !== 'decimal' && type !== 'date') throw new Fault('expression_type', sign.at);
    return { kind: 'comparison', attribute: name.text, operator, values: [readLiteral(take(), type)] };
  };
  const readValues = (type: ValueType): readonly Literal[] => {
    takeSign('(');
    const values = [readLiteral(take(), type)];
    while (isSign(',')) {
      place++;
      const value = readLiteral(take(), type);
      if (!values.some((known) => isSame(known, value))) values.push(value);
    }
    takeSign(')');
    return values;
  };

  const whole = readAny();
  if (peek().kind !== 'end') throw new Fault('expression_malformed', peek().at);
  return whole;
}

/** `a and (b and c)` is `a and b and c`: one form for the same words. */
function partsOf(expression: Expression, word: 'and' | 'or'): Expression[] {
  return expression.kind === word ? [...expression.parts] : [expression];
}

function readLiteral(token: Token, type: ValueType): Literal {
  const word = token.text.toLowerCase();
  const isBoolean = token.kind === 'name' && (word === 'true' || word === 'false');
  if (token.kind !== 'text' && token.kind !== 'number' && !isBoolean) throw new Fault('expression_malformed', token.at);
  if (type === 'boolean' && isBoolean) return { type, value: word === 'true' };
  if (type === 'decimal' && token.kind === 'number') return { type, text: canonicalDecimal(token.text) };
  if (type === 'text' && token.kind === 'text') return { type, text: token.text };
  if (type === 'date' && token.kind === 'text' && isDate(token.text)) return { type, text: token.text };
  throw new Fault('expression_type', token.at);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

function isSame(a: Literal, b: Literal): boolean {
  if (a.type === 'boolean') return b.type === 'boolean' && a.value === b.value;
  return b.type !== 'boolean' && a.text === b.text;
}
