/** Idempotency for ever (product T-12): the first answer to a `reference_id` is kept beside its effects, in the same database transaction. */
import type postgres from 'postgres';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { fromUtf8 } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';

export type StoredAnswer<Answer = unknown> = {
  readonly route: string;
  readonly body: unknown;
  readonly status: number;
  readonly answer: Answer;
};

export type Difference = { readonly path: string; readonly before: unknown; readonly now: unknown };

/** `Answer`: of the route that is asked again; whoever finds another route's refuses it. */
export async function findReference<Answer>(sql: postgres.Sql, acct: string, referenceId: string): Promise<StoredAnswer<Answer> | null> {
  const rows = await sql<
    StoredAnswer<Answer>[]
  >`select route, body, status, answer from studio."references" where acct = ${acct} and reference_id = ${referenceId}`;
  return rows[0] ?? null;
}

export async function insertReference(
  sql: postgres.Sql | postgres.TransactionSql,
  row: { readonly acct: string; readonly referenceId: string; readonly at: Instant } & StoredAnswer,
): Promise<void> {
  await sql`
    insert into studio."references" (acct, reference_id, route, body, status, answer, created_at)
    values (${row.acct}, ${row.referenceId}, ${row.route}, ${sql.json(asJson(row.body))}, ${row.status}, ${sql.json(asJson(row.answer))}, ${new Date(row.at)})`;
}

/** JSON as it will be read back: undefined members gone. */
function asJson(value: unknown): postgres.JSONValue {
  return JSON.parse(fromUtf8(canonicalBytes(JSON.parse(JSON.stringify(value))))) as postgres.JSONValue;
}

/** Where two bodies differ, at most twenty places. */
export function differences(before: unknown, now: unknown, path = ''): readonly Difference[] {
  if (isRecord(before) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    return keys.flatMap((key) => differences(before[key], now[key], path === '' ? key : `${path}.${key}`)).slice(0, 20);
  }
  if (Array.isArray(before) && Array.isArray(now)) {
    const length = Math.max(before.length, now.length);
    const found: Difference[] = [];
    for (let i = 0; i < length && found.length < 20; i++) found.push(...differences(before[i], now[i], `${path}[${i}]`));
    return found.slice(0, 20);
  }
  return Object.is(before, now) || JSON.stringify(before) === JSON.stringify(now)
    ? []
    : [{ path, before: before ?? null, now: now ?? null }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
