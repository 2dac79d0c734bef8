/** What a buyer of "any kind that fits" signs (product P-22): the game and the condition in one expression, so that the signed text stands
 *  for itself. Pure. */
import { type Expression, type ExpressionFault, type ExpressionSchema, MOST_CHARACTERS, MOST_COMPARISONS } from './expression.ts';
import { parseExpression } from './parse-expression.ts';
import { writeExpression } from './write-expression.ts';

/** An opened field of an envelope holds 1,024 bytes (`ledger.md` 15.2), its length prefix counted. */
const MOST_BYTES = 1020;
const GAME_CHARACTERS = 64;
const SIGNED_LIMITS = { characters: MOST_CHARACTERS + GAME_CHARACTERS, comparisons: MOST_COMPARISONS + 1 };

export type OrderExpression = { readonly kind: 'read'; readonly expression: Expression; readonly text: string };

/** The player's own condition within a game, as it will be signed. */
export function readOrderExpression(source: string, gameId: string, schema: ExpressionSchema): OrderExpression | ExpressionFault {
  const parsed = parseExpression(source, schema);
  if (parsed.kind === 'rejected') return parsed;
  const own = parsed.expression;
  const game: Expression = { kind: 'comparison', attribute: 'game', operator: '=', values: [{ type: 'text', text: gameId }] };
  const expression: Expression = { kind: 'and', parts: [game, ...(own.kind === 'and' ? own.parts : [own])] };
  const text = writeExpression(expression);
  const isTooLong = [...text].length > SIGNED_LIMITS.characters || new TextEncoder().encode(text).length > MOST_BYTES;
  // Signs of three bytes each fill the field before their number does.
  return isTooLong ? { kind: 'rejected', code: 'expression_malformed', at: source.length } : { kind: 'read', expression, text };
}

/** A signed text back as a tree, for a kind of a game: null when it is about another game. Attributes are only ever added and keep their
 *  types, so what was read once can be read for ever. */
export function signedExpression(text: string, gameId: string, schema: ExpressionSchema): Expression | null {
  if (!text.startsWith(`game = "${gameId}" and `)) return null;
  const parsed = parseExpression(text, schema, SIGNED_LIMITS);
  return parsed.kind === 'rejected' ? null : parsed.expression;
}

/** The condition without its game, as lists show it beside the game's name. */
export function ownCondition(text: string): string {
  return text.replace(/^game = "[^"]*" and /, '');
}
