/** The attribute expression (product P-10): what may be said about a kind of item, as a checked tree. Pure. */
import type { AttributeDefinition } from '#server/trpc/views.ts';

export type ValueType = 'text' | 'decimal' | 'boolean' | 'date';
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
export type Literal =
  | { readonly type: 'text' | 'decimal' | 'date'; readonly text: string }
  | { readonly type: 'boolean'; readonly value: boolean };
export type Comparison = {
  readonly kind: 'comparison';
  readonly attribute: string;
  readonly operator: Operator;
  /** One, or for `in` one or more. */
  readonly values: readonly Literal[];
};
export type Expression =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly inner: Expression };

/** Names and their types: what every kind has, and the attributes of a game. */
export type ExpressionSchema = ReadonlyMap<string, ValueType>;

export const EXPRESSION_CODES = ['expression_malformed', 'expression_unknown_attribute', 'expression_type'] as const;
export type ExpressionCode = (typeof EXPRESSION_CODES)[number];
export type ExpressionFault = {
  readonly kind: 'rejected';
  readonly code: ExpressionCode;
  /** UTF-16 offset, as text fields count. */
  readonly at: number;
};

export const MOST_CHARACTERS = 512;
export const MOST_COMPARISONS = 16;

/** Columns of every kind; an attribute of the same name stays behind them. */
export const BUILT_IN = ['game', 'category', 'type', 'rarity', 'refinement', 'class_ref'] as const;
export type BuiltIn = (typeof BUILT_IN)[number];
export const isBuiltIn = (name: string): name is BuiltIn => BUILT_IN.some((column) => column === name);

const TYPES: Readonly<Record<AttributeDefinition['type'], ValueType>> = {
  enum: 'text',
  text: 'text',
  integer: 'decimal',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
};

export function expressionSchema(definitions: readonly Pick<AttributeDefinition, 'key' | 'type'>[]): ExpressionSchema {
  const schema = new Map<string, ValueType>(definitions.map(({ key, type }) => [key, TYPES[type]]));
  for (const column of BUILT_IN) schema.set(column, 'text');
  return schema;
}
