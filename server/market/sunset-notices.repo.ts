/** Announced ends of games as everybody reads them (product T-27): last day, refunds, what becomes of the items. */
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import { archiveView, type GameArchives } from '#server/members/game-archives.ts';
import { SILENCE_DAYS } from '#server/studio/sunset.ts';
import type { SilentNotice, SunsetNotice } from '#server/trpc/views.ts';

const DAY_MS = 86_400_000;

type Columns = {
  ends_at: Date;
  announced_at: Date;
  refund_terms: string;
  has_successor: boolean;
  studio_acct: string;
  games: readonly { readonly gameId: string; readonly zh: string | null; readonly en: string }[];
};

/** Of every studio that ends, with all of its games: the next one to end first. */
export async function listSunsetNotices(sql: Sql, now: Instant, archives: Pick<GameArchives, 'of'>): Promise<readonly SunsetNotice[]> {
  const rows = await query<Columns>(
    sql,
    `select s.studio_acct, s.ends_at, s.announced_at, s.refund_terms, s.successor is not null as has_successor,
       json_agg(json_build_object('gameId', g.game_id, 'zh', g.name_zh, 'en', g.name_en) order by g.game_id) as games
     from catalogue.sunsets s join catalogue.games g on g.studio_acct = s.studio_acct group by s.studio_acct order by s.ends_at`,
  );
  return rows.map((row) => {
    const endsAt = at(row.ends_at);
    const archive = archives.of(row.studio_acct);
    return {
      games: row.games.map(({ gameId, zh, en }) => ({ gameId, names: { zh, en } })),
      announcedAt: toIso(at(row.announced_at)),
      // The end of a day is the first moment of the next.
      lastDay: toIso(instant(endsAt - 1)),
      daysLeft: Math.max(0, Math.ceil((endsAt - now) / DAY_MS)),
      refundTerms: row.refund_terms,
      hasSuccessor: row.has_successor,
      file: archive === null ? null : archiveView(archive),
    };
  });
}

/** Games whose studio has been warned of its silence and still says nothing (product T-28), the longest silence first. */
export async function listSilentGames(sql: Sql, now: Instant): Promise<readonly SilentNotice[]> {
  const rows = await query<{ game_id: string; zh: string | null; en: string; silent_since: Date }>(
    sql,
    `select g.game_id, g.name_zh as zh, g.name_en as en, s.silent_since from catalogue.games g
     cross join lateral (select greatest(g.heartbeat_at,
       (select max(k.last_used_at) from studio.keys k where k.acct = g.studio_acct and k.kind = 'write')) as silent_since) s
     where exists (select from catalogue.silence_warnings w where w.game_id = g.game_id and w.silent_since = s.silent_since)
       and not exists (select from catalogue.sunsets x where x.studio_acct = g.studio_acct)
     order by s.silent_since, g.game_id`,
  );
  return rows.map(({ game_id: gameId, zh, en, silent_since: since }) => ({
    gameId,
    names: { zh, en },
    silentSince: toIso(at(since)),
    days: Math.floor((now - at(since)) / DAY_MS),
    decidedAt: toIso(instant(at(since) + SILENCE_DAYS * DAY_MS)),
  }));
}
