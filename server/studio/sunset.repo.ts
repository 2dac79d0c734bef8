/** SQL of announced ends, of signs of life, and of what the checklist of a closing game counts. */
import type postgres from 'postgres';
import { silenceWarnings, sunsets } from '#drizzle/schema/index.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';

type Sql = postgres.Sql | postgres.TransactionSql;

/** Whose word it was: the studio's, the members' after thirty days of silence, or their decision for another reason. */
export type SunsetCause = 'studio' | 'silence' | 'members';

export type SunsetRow = {
  readonly gameId: string;
  readonly endsAt: Instant;
  readonly archive: string;
  readonly successor: string | null;
  readonly refundTerms: string;
  readonly cause: SunsetCause;
  readonly txId: Uint8Array;
  readonly announcedAt: Instant;
};

export async function insertSunset(sql: Sql, studioAcct: string, row: SunsetRow): Promise<void> {
  await orm(sql)
    .insert(sunsets)
    .values({ studioAcct, ...row })
    .onConflictDoNothing();
}

/** Accounts whose end the market knows of. */
export async function listAnnounced(sql: Sql): Promise<ReadonlySet<string>> {
  const rows = await orm(sql).select({ acct: sunsets.studioAcct }).from(sunsets);
  return new Set(rows.map(({ acct }) => acct));
}

/** The account's first game, and what it promised to do for its players at its end; null: nothing of it is known here. */
export async function findEnding(sql: Sql, acct: string): Promise<{ readonly gameId: string; readonly terms: string | null } | null> {
  const [row] = await sql<{ game_id: string; sunset_terms: string | null }[]>`
    select game_id, sunset_terms from catalogue.games where studio_acct = ${acct} order by created_at, game_id limit 1`;
  return row === undefined ? null : { gameId: row.game_id, terms: row.sunset_terms };
}

export async function findSunset(sql: Sql, acct: string): Promise<SunsetRow | null> {
  const [row] = await sql<
    {
      game_id: string;
      ends_at: Date;
      archive: string;
      successor: string | null;
      refund_terms: string;
      cause: SunsetCause;
      tx_id: Uint8Array;
      announced_at: Date;
    }[]
  >`select * from catalogue.sunsets where studio_acct = ${acct}`;
  if (row === undefined) return null;
  return {
    gameId: row.game_id,
    endsAt: instant(row.ends_at.getTime()),
    archive: row.archive,
    successor: row.successor,
    refundTerms: row.refund_terms,
    cause: row.cause,
    txId: row.tx_id,
    announcedAt: instant(row.announced_at.getTime()),
  };
}

/** Art of the account's kinds as an RFC 8785 list names it (`ledger.md` 3). */
export async function listArtFiles(
  sql: Sql,
  acct: string,
): Promise<readonly { readonly path: string; readonly sm3: string; readonly size: number }[]> {
  const rows = await sql<{ sm3: string; size: number }[]>`
    select distinct f.sm3, octet_length(f.bytes) as size from catalogue.class_art a
    join catalogue.art_files f on f.sm3 = a.sm3 join catalogue.item_classes c on c.class_id = a.class_id
    where c.studio_acct = ${acct} order by f.sm3`;
  return rows.map(({ sm3, size }) => ({ path: `media/${sm3}`, sm3, size }));
}

export type ClosingCounts = {
  readonly openOrders: number;
  readonly protectedTrades: number;
  readonly protectedUntil: Instant | null;
  readonly liveItems: number;
};

/** What still runs of the account's kinds. */
export async function countClosing(sql: Sql, acct: string, now: Instant): Promise<ClosingCounts> {
  const [row] = await sql<{ orders: number; trades: number; until: Date | null; items: number }[]>`
    select
      (select count(*)::int from market.orders o join catalogue.item_classes c on c.class_id = o.class_id
        where c.studio_acct = ${acct} and o.ended_at is null) as orders,
      (select count(*)::int from custody.items i join catalogue.item_classes c on c.class_id = i.class_id
        where c.studio_acct = ${acct} and i.protected_until > ${new Date(now)}) as trades,
      (select max(i.protected_until) from custody.items i join catalogue.item_classes c on c.class_id = i.class_id
        where c.studio_acct = ${acct}) as until,
      (select count(*)::int from custody.items i join catalogue.item_classes c on c.class_id = i.class_id
        where c.studio_acct = ${acct} and not i.is_burned) as items`;
  return {
    openOrders: row?.orders ?? 0,
    protectedTrades: row?.trades ?? 0,
    protectedUntil: row?.until == null ? null : instant(row.until.getTime()),
    liveItems: row?.items ?? 0,
  };
}

export type LifeRow = {
  readonly gameId: string;
  readonly studioAcct: string;
  readonly lastSign: Instant;
  readonly warned: readonly number[];
};

/** Games whose end is not announced, with their last heartbeat or signed call and what of this silence was warned about. */
export async function listLife(sql: Sql): Promise<readonly LifeRow[]> {
  const rows = await sql<{ game_id: string; studio_acct: string; last_sign: Date; warned: number[] }[]>`
    select g.game_id, g.studio_acct, s.last_sign,
      array(select w.days from catalogue.silence_warnings w
        where w.game_id = g.game_id and w.silent_since = s.last_sign order by w.days) as warned
    from catalogue.games g
    cross join lateral (select greatest(g.heartbeat_at,
      (select max(k.last_used_at) from studio.keys k where k.acct = g.studio_acct and k.kind = 'write')) as last_sign) s
    where not exists (select from catalogue.sunsets x where x.studio_acct = g.studio_acct)
    order by g.game_id`;
  return rows.map((row) => ({
    gameId: row.game_id,
    studioAcct: row.studio_acct,
    lastSign: instant(row.last_sign.getTime()),
    warned: row.warned,
  }));
}

export async function insertWarning(
  sql: Sql,
  warning: { readonly gameId: string; readonly silentSince: Instant; readonly days: number; readonly warnedAt: Instant },
): Promise<void> {
  await orm(sql).insert(silenceWarnings).values(warning).onConflictDoNothing();
}

/** People who hold items of a game, or of all games of a studio, each once. */
export async function listHolders(sql: Sql, of: { readonly gameId: string } | { readonly studioAcct: string }): Promise<readonly string[]> {
  const rows = await sql<{ owner: string }[]>`
    select distinct i.owner from custody.items i join catalogue.item_classes c on c.class_id = i.class_id
    join identity.players p on p.acct = i.owner where ${'gameId' in of ? sql`c.game_id = ${of.gameId}` : sql`c.studio_acct = ${of.studioAcct}`} and not i.is_burned order by 1`;
  return rows.map(({ owner }) => owner);
}
