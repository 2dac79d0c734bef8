/**
 * An expression over one kind in memory. A comparison with a value that is missing, or not of the declared type, is false, `!=` too;
 * `not` turns that round. The SQL evaluator says the same (one suite holds both to it).
 */
import type { AttributeValue } from '#server/trpc/views.ts';
import { compareDecimals, plainDecimal } from './decimal.ts';
import { type BuiltIn, type Comparison, type Expression, isBuiltIn, type Literal, type Operator } from './expression.ts';

export type ExpressionRecord = {
  readonly columns: Readonly<Record<BuiltIn, string | null>>;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
};

export function matchesExpression(expression: Expression, record: ExpressionRecord): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.parts.every((part) => matchesExpression(part, record));
    case 'or':
      return expression.parts.some((part) => matchesExpression(part, record));
    case 'not':
      return !matchesExpression(expression.inner, record);
    case 'comparison':
      return compares(expression, record);
  }
}

function compares({ attribute, operator, values }: Comparison, { columns, attributes }: ExpressionRecord): boolean {
  const given = isBuiltIn(attribute) ? columns[attribute] : Object.hasOwn(attributes, attribute) ? attributes[attribute] : null;
  return values.some((literal) => {
    const order = orderOf(given, literal);
    return order !== null && holds(operator, order);
  });
}

function orderOf(given: AttributeValue | null | undefined, literal: Literal): number | null {
  if (literal.type === 'boolean') return typeof given === 'boolean' ? Number(given) - Number(literal.value) : null;
  if (literal.type === 'decimal') {
    const plain = typeof given === 'string' || typeof given === 'number' ? plainDecimal(given) : null;
    return plain === null ? null : compareDecimals(plain, literal.text);
  }
  if (typeof given !== 'string') return null;
  if (literal.type === 'date') return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(given) ? compareTexts(given, literal.text) : null;
  // Most texts differ in length, which folding keeps; texts are only ever asked whether they are equal.
  if (given.length !== literal.text.length) return 1;
  return compareTexts(foldAscii(given), foldAscii(literal.text));
}

/** Only A to Z: what other letters fold to differs between systems. */
const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

function holds(operator: Operator, order: number): boolean {
  switch (operator) {
    case 'in':
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
