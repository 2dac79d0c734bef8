/** SQL behind the studio console's overview. Revenue is primary sales; royalties are what trades accrued to the studio's account. */
import { and, asc, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import type postgres from 'postgres';
import { studioKeys, studioRequests, studios } from '#drizzle/schema/index.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';

type StudioRow = {
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly is_hosted: boolean;
  readonly tier: 'standard' | 'partner';
};

export async function getStudioRow(sql: postgres.Sql, acct: string): Promise<StudioRow | null> {
  const rows = await orm(sql)
    .select({ name_zh: studios.nameZh, name_en: studios.nameEn, is_hosted: studios.isHosted, tier: studios.tier })
    .from(studios)
    .where(eq(studios.acct, acct));
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

type KeyRow = {
  readonly key_id: string;
  readonly kind: 'write' | 'read';
  readonly last_used_at: Instant | null;
  readonly expires_at: Instant;
};

export async function listStudioKeys(sql: postgres.Sql, acct: string): Promise<readonly KeyRow[]> {
  return orm(sql)
    .select({ key_id: studioKeys.keyId, kind: studioKeys.kind, last_used_at: studioKeys.lastUsedAt, expires_at: studioKeys.expiresAt })
    .from(studioKeys)
    .where(and(eq(studioKeys.acct, acct), isNull(studioKeys.revokedAt)))
    .orderBy(asc(studioKeys.keyId));
}

type ProblemRow = {
  readonly at: Instant;
  readonly code: string;
  readonly trace_id: string;
  readonly method: string;
  readonly path: string;
};

/** The 20 latest refused calls, newest first. */
export async function listStudioProblems(sql: postgres.Sql, acct: string): Promise<readonly ProblemRow[]> {
  const rows = await orm(sql)
    .select({
      at: studioRequests.at,
      code: studioRequests.code,
      trace_id: studioRequests.traceId,
      method: studioRequests.method,
      path: studioRequests.path,
    })
    .from(studioRequests)
    .where(and(eq(studioRequests.acct, acct), isNotNull(studioRequests.code)))
    .orderBy(desc(studioRequests.at))
    .limit(20);
  return rows.flatMap(({ code, ...row }) => (code === null ? [] : [{ ...row, code }]));
}
