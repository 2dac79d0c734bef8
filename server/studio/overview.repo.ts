/** SQL behind the studio console's overview. Revenue is primary sales; royalties are what trades accrued to the studio's account. */
import type postgres from 'postgres';

type StudioRow = {
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly is_hosted: boolean;
  readonly tier: 'standard' | 'partner';
};

export async function getStudioRow(sql: postgres.Sql, acct: string): Promise<StudioRow | null> {
  const rows = await sql<StudioRow[]>`select name_zh, name_en, is_hosted, tier from studio.studios where acct = ${acct}`;
  return rows[0] ?? null;
}

type GameRow = {
  readonly game_id: string;
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly approval_no: string | null;
  readonly classes: number;
  readonly items: number;
};

export async function listStudioGames(sql: postgres.Sql, acct: string): Promise<readonly GameRow[]> {
  return sql<GameRow[]>`
    select g.game_id, g.name_zh, g.name_en, g.approval_no,
      (select count(*)::int from catalogue.item_classes c where c.game_id = g.game_id) as classes,
      (select count(*)::int from catalogue.item_classes c join custody.items i using (class_id) where c.game_id = g.game_id) as items
    from catalogue.games g where g.studio_acct = ${acct} order by g.created_at`;
}

type Totals = { readonly issued: number; readonly traded: number; readonly revenue_fen: string; readonly royalties_fen: string };

export async function studioTotals(sql: postgres.Sql, acct: string): Promise<Totals> {
  const rows = await sql<Totals[]>`
    select
      (select count(*)::int from catalogue.item_classes c join custody.items i using (class_id) where c.studio_acct = ${acct}) as issued,
      (select count(*)::int from market.trades t join catalogue.item_classes c using (class_id) where c.studio_acct = ${acct} and t.settled_at is not null) as traded,
      (select coalesce(sum(t.gross_fen), 0)::text from market.trades t where t.seller = ${acct} and t.settled_at is not null and t.state <> 'reversed') as revenue_fen,
      (select coalesce(sum(balance_fen), 0)::text from journal.accounts where account_id = ${`royalty:${acct}`}) as royalties_fen`;
  return rows[0] ?? { issued: 0, traded: 0, revenue_fen: '0', royalties_fen: '0' };
}

type KeyRow = { readonly key_id: string; readonly kind: 'write' | 'read'; readonly last_used_at: Date | null; readonly expires_at: Date };

export async function listStudioKeys(sql: postgres.Sql, acct: string): Promise<readonly KeyRow[]> {
  return sql<
    KeyRow[]
  >`select key_id, kind, last_used_at, expires_at from studio.keys where acct = ${acct} and revoked_at is null order by key_id`;
}

type ProblemRow = { readonly at: Date; readonly code: string; readonly trace_id: string; readonly method: string; readonly path: string };

/** Refused calls of the last 30 days, newest first. */
export async function listStudioProblems(sql: postgres.Sql, acct: string): Promise<readonly ProblemRow[]> {
  return sql<ProblemRow[]>`
    select at, code, trace_id, method, path from studio.requests where acct = ${acct} and code is not null order by at desc limit 20`;
}
