/**
 * The end of a game (product T-27): announced at least sixty days ahead by studio and operator, or by the members' decision. From the
 * notice on nothing is issued and nothing of it is sold; the clocks of the market close what is open. Items stay owned.
 */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import { archiveView, type GameArchives } from '#server/members/game-archives.ts';
import type { GameArchiveView } from '#server/trpc/views.ts';
import type { StudioPorts } from './ports.ts';
import { countClosing, findSunset, listArtFiles, listLife, type SunsetCause } from './sunset.repo.ts';
import { windowAt } from './write-plan.ts';

const DAY_MS = 86_400_000;
/** Without a sign of life the members decide then (T-28). */
export const SILENCE_DAYS = 30;
/** The notice is counted from the block, sealed after the call and in a bad hour later than usual. */
const SEALING_MS = 10 * 60_000;
/** Midnight in Beijing is 16:00 UTC. */
const BEIJING_MIDNIGHT = 'T16:00:00.000Z';

export type SunsetFacts = {
  readonly acct: AccountId;
  readonly referenceId: string;
  readonly endsAt: Instant;
  readonly successor: string | null;
};

/** End of a day in Beijing. */
export const endOfDay = (date: string): Instant => instant(Date.parse(`${date}${BEIJING_MIDNIGHT}`));

export type SunsetPlan =
  | { readonly kind: 'planned'; readonly body: TxBody; readonly archive: string }
  | { readonly kind: 'rejected'; readonly code: 'sunset_announced' | 'sunset_short' };

export async function planSunset(ports: StudioPorts, facts: SunsetFacts, noticeMs: number): Promise<SunsetPlan> {
  const studio = accountIdBytes(facts.acct);
  if (ports.pending().record(RECORD.sunset, studio) !== null) return { kind: 'rejected', code: 'sunset_announced' };
  if (facts.endsAt < ports.now() + noticeMs + SEALING_MS) return { kind: 'rejected', code: 'sunset_short' };
  const archive = sm3(canonicalBytes(await listArtFiles(ports.sql, facts.acct)));
  const body: TxBody = {
    chain: ports.chain,
    salt: saltFromReference(studio, facts.referenceId),
    ...windowAt(ports.now()),
    op: {
      kind: 'studio_sunset',
      studio,
      at: BigInt(facts.endsAt),
      archive,
      successor: facts.successor === null ? null : fromHex(facts.successor, 32),
    },
  };
  return { kind: 'planned', body, archive: toHex(archive) };
}

export type SunsetView = {
  readonly gameId: string;
  readonly announcedAt: string;
  readonly endsAt: string;
  readonly daysLeft: number;
  readonly cause: SunsetCause;
  readonly refundTerms: string;
  readonly successor: string | null;
  readonly archive: string;
  readonly txId: string;
  /** Each with what is left of it. */
  readonly checklist: readonly {
    readonly step: 'issue_closed' | 'orders_closed' | 'protection_over' | 'ended' | 'archived';
    readonly isDone: boolean;
    readonly left: number;
    readonly until: string | null;
  }[];
  /** Stay owned whatever becomes of the studio. */
  readonly liveItems: number;
  /** What outlives the studio; null before the end. */
  readonly file: GameArchiveView | null;
};

export async function getSunset(ports: StudioPorts, acct: string, archives: Pick<GameArchives, 'of'>): Promise<SunsetView | null> {
  const row = await findSunset(ports.sql, acct);
  if (row === null) return null;
  const now = ports.now();
  const counts = await countClosing(ports.sql, acct, now);
  const archive = archives.of(acct);
  const until = (at: Instant | null) => (at === null ? null : toIso(at));
  return {
    gameId: row.gameId,
    announcedAt: toIso(row.announcedAt),
    endsAt: toIso(row.endsAt),
    daysLeft: Math.max(0, Math.ceil((row.endsAt - now) / DAY_MS)),
    cause: row.cause,
    refundTerms: row.refundTerms,
    successor: row.successor,
    archive: row.archive,
    txId: toHex(row.txId),
    checklist: [
      { step: 'issue_closed', isDone: true, left: 0, until: until(row.announcedAt) },
      { step: 'orders_closed', isDone: counts.openOrders === 0, left: counts.openOrders, until: null },
      {
        step: 'protection_over',
        isDone: counts.protectedTrades === 0,
        left: counts.protectedTrades,
        until: until(counts.protectedTrades === 0 ? null : counts.protectedUntil),
      },
      { step: 'ended', isDone: now >= row.endsAt, left: 0, until: until(row.endsAt) },
      { step: 'archived', isDone: archive !== null, left: 0, until: until(row.endsAt) },
    ],
    liveItems: counts.liveItems,
    file: archive === null ? null : archiveView(archive),
  };
}

export type LifeView = {
  readonly gameId: string;
  /** The last heartbeat or signed call. */
  readonly lastSign: string;
  readonly silentDays: number;
  /** Steps of this silence that were warned about. */
  readonly warned: readonly number[];
  /** When the members would decide. */
  readonly decidedAt: string;
};

/** Signs of life of the account's games whose end is not announced. */
export async function getLife(ports: StudioPorts, acct: string): Promise<readonly LifeView[]> {
  const games = (await listLife(ports.sql)).filter((game) => game.studioAcct === acct);
  return games.map(({ gameId, lastSign, warned }) => ({
    gameId,
    lastSign: toIso(lastSign),
    silentDays: Math.max(0, Math.floor((ports.now() - lastSign) / DAY_MS)),
    warned,
    decidedAt: toIso(instant(lastSign + SILENCE_DAYS * DAY_MS)),
  }));
}
