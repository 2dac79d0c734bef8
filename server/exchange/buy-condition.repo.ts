/** The condition of a buy order for any kind that fits (product P-22): read against the game's schema, with one kind that fits it. */
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import { expressionSql } from '#server/market/expression/expression-sql.ts';
import { matchesExpression } from '#server/market/expression/match-expression.ts';
import { readOrderExpression } from '#server/market/expression/order-expression.ts';
import type { ClassRow } from '#server/settlement/model.ts';
import type { Refused } from './market.ts';

export type BuyCondition = { readonly kind: 'read'; readonly text: string; readonly classId: ClassId };

/** `near` names the game; where it fits itself it stands for the order in lists, else the kind that was declared first does. */
export async function readBuyCondition(sql: Queryable, near: ClassRow, source: string): Promise<BuyCondition | Refused> {
  const read = readOrderExpression(source, near.gameId, near.schema);
  if (read.kind === 'rejected') return { kind: 'rejected', code: read.code, facts: { at: String(read.at) } };
  const { expression, text } = read;
  if (matchesExpression(expression, near.record)) return { kind: 'read', text, classId: near.classId };
  const condition = expressionSql(expression);
  const [row] = await query<{ class_id: string }>(
    sql,
    `select c.class_id from catalogue.item_classes c where c.certified_at is not null and ${condition.text} order by c.ledger_serial limit 1`,
    condition.values,
  );
  if (row === undefined) return { kind: 'rejected', code: 'expression_fits_nothing', facts: {} };
  return { kind: 'read', text, classId: parseClassId(row.class_id) };
}
