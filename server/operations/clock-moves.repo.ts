/** The moves of a demonstration's clock, in the database of the process that keeps it. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export type ClockMove = { readonly offset_ms: string; readonly moved_by: string; readonly at: Date };

/** Zero: it was never moved, or a command runs on an installation that knows no moves yet. */
export async function readClockOffset(sql: Queryable): Promise<number> {
  const [table] = await query<{ name: string | null }>(sql, "select to_regclass('operations.clock_moves')::text as name");
  if (table?.name == null) return 0;
  const [row] = await query<{ offset: string | null }>(sql, 'select max(offset_ms)::text as offset from operations.clock_moves');
  return Number(row?.offset ?? 0);
}

/** Durable on return. False: it was there already. */
export async function insertClockMove(sql: Queryable, move: { readonly offsetMs: number; readonly by: string; readonly at: Instant }) {
  const rows = await query(
    sql,
    'insert into operations.clock_moves (offset_ms, moved_by, at) values ($1, $2, $3) on conflict do nothing returning 1',
    [String(move.offsetMs), move.by, toIso(move.at)],
  );
  return rows.length === 1;
}

/** The newest first. */
export async function listClockMoves(sql: Queryable): Promise<readonly ClockMove[]> {
  return query<ClockMove>(sql, 'select offset_ms::text, moved_by, at from operations.clock_moves order by offset_ms desc limit 50');
}
