/** What a node's database says of itself. */
import type { Sql } from '#server/db.ts';

export async function readNodeFigures(sql: Sql): Promise<{ readonly databaseBytes: number; readonly now: number }> {
  const [row] = await sql<{ bytes: string; now: string }[]>`
    select pg_database_size(current_database())::text as bytes, floor(extract(epoch from clock_timestamp()) * 1000)::text as now`;
  return { databaseBytes: Number(row?.bytes ?? 0), now: Number(row?.now ?? 0) };
}
