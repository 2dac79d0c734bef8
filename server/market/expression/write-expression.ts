/** The one text of an expression: small words, single spaces, brackets only where they change the meaning. Pure. */
import type { Expression, Literal } from './expression.ts';

export function writeExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'comparison': {
      const values = expression.values.map(writeLiteral).join(', ');
      return `${expression.attribute} ${expression.operator} ${expression.operator === 'in' ? `(${values})` : values}`;
    }
    case 'not':
      return `not ${bracketed(expression.inner, expression.inner.kind === 'and' || expression.inner.kind === 'or')}`;
    case 'and':
      return expression.parts.map((part) => bracketed(part, part.kind === 'or')).join(' and ');
    case 'or':
      return expression.parts.map(writeExpression).join(' or ');
  }
}

function bracketed(expression: Expression, isNeeded: boolean): string {
  return isNeeded ? `(${writeExpression(expression)})` : writeExpression(expression);
}

function writeLiteral(literal: Literal): string {
  if (literal.type === 'boolean') return String(literal.value);
  return literal.type === 'decimal' ? literal.text : `"${literal.text.replace(/["\\]/g, '\\$&')}"`;
}
