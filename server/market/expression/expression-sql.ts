/** An expression as a condition on `catalogue.item_classes c`. Names and values are parameters; only operators of ours are text. Pure. */
import { type Comparison, type Expression, isBuiltIn, type Literal } from './expression.ts';

export type SqlCondition = { readonly text: string; readonly values: readonly string[] };

/** `first`: the number of its first parameter. */
export function expressionSql(expression: Expression, first = 1): SqlCondition {
  const values: string[] = [];
  const bind = (value: string): string => {
    values.push(value);
    return `$${first + values.length - 1}::text`;
  };
  return { text: conditionOf(expression, bind), values };
}

type Bind = (value: string) => string;

function conditionOf(expression: Expression, bind: Bind): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `(${expression.parts.map((part) => conditionOf(part, bind)).join(` ${expression.kind} `)})`;
    case 'not':
      return `(not ${conditionOf(expression.inner, bind)})`;
    case 'comparison':
      return comparisonOf(expression, bind);
  }
}

function comparisonOf({ attribute, operator, values }: Comparison, bind: Bind): string {
  const sign = operator === 'in' ? '=' : operator === '!=' ? '<>' : operator;
  const given = givenOf(attribute, values[0]?.type ?? 'text', bind);
  // A missing value makes SQL answer null; here it is false, so that `not` can turn it round.
  return `(${values.map((literal) => `coalesce(${given} ${sign} ${wantedOf(literal, bind)}, false)`).join(' or ')})`;
}

function givenOf(attribute: string, type: Literal['type'], bind: Bind): string {
  if (isBuiltIn(attribute)) return `lower(c.${attribute === 'game' ? 'game_id' : attribute} collate "C")`;
  const key = bind(attribute);
  const text = `(c.attributes ->> ${key})`;
  const json = `jsonb_typeof(c.attributes -> ${key})`;
  switch (type) {
    case 'boolean':
      return `case when ${json} = 'boolean' then ${text}::boolean end`;
    case 'decimal':
      return `case when ${json} in ('number', 'string') and ${text} ~ '^-?[0-9]{1,30}([.][0-9]{1,30})?$' then ${text}::numeric end`;
    case 'date':
      return `case when ${json} = 'string' and ${text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then ${text} collate "C" end`;
    case 'text':
      return `case when ${json} = 'string' then lower(${text} collate "C") end`;
  }
}

function wantedOf(literal: Literal, bind: Bind): string {
  if (literal.type === 'boolean') return `${bind(String(literal.value))}::boolean`;
  if (literal.type === 'decimal') return `${bind(literal.text)}::numeric`;
  return literal.type === 'date' ? `${bind(literal.text)} collate "C"` : `lower(${bind(literal.text)} collate "C")`;
}
