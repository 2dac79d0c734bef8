/** The expression of a search as one filter over the kinds in memory. */
import { RefusalError } from '#server/refusal.ts';
import type { AttributeDefinition } from '#server/trpc/views.ts';
import type { IndexedKind } from '../catalogue-index.ts';
import type { Filter } from '../facets.ts';
import { type ExpressionCode, expressionSchema } from './expression.ts';
import { type ExpressionRecord, matchesExpression } from './match-expression.ts';
import { parseExpression } from './parse-expression.ts';

const SENTENCES: Readonly<Record<ExpressionCode, string>> = {
  expression_malformed: 'This condition cannot be read from the marked place on. It takes at most 16 comparisons and 512 characters.',
  expression_unknown_attribute: 'There is no attribute of this name. Choose one from the list.',
  expression_type: 'This attribute takes another sort of value, or another comparison.',
};

/** @throws {RefusalError} `expression_malformed`, `expression_unknown_attribute`, `expression_type`, with the place `at` in its facts */
export function expressionFilter(
  source: string | undefined,
  definitions: readonly Pick<AttributeDefinition, 'key' | 'type'>[],
): readonly Filter[] {
  if (source === undefined || source.trim() === '') return [];
  const parsed = parseExpression(source, expressionSchema(definitions));
  if (parsed.kind === 'rejected') throw new RefusalError('malformed', parsed.code, SENTENCES[parsed.code], { at: parsed.at });
  const { expression } = parsed;
  return [{ key: '', accepts: (kind) => matchesExpression(expression, recordOf(kind)) }];
}

export function recordOf({ face, classRef, attributes }: IndexedKind): ExpressionRecord {
  const { gameId: game, category, type, rarity, refinement } = face;
  return { columns: { game, category, type, rarity, refinement, class_ref: classRef }, attributes };
}
