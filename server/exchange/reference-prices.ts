/** Reference prices (rulebook CN-SV-00) in memory: every decision asks for one, and working one out reads ninety days of trades. Kinds
 *  that traded lately are worked out again every minute; all of them four times a day, for what grew too old. */
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import { listReferencePrices } from '#server/market/figures.repo.ts';

const AGAIN_MS = 60_000;
const ALL_AGAIN_MS = 6 * 3_600_000;
/** A trade counts once it is certified, which may come this long after it settled. */
const CERTIFIED_LATE_MS = 15 * 60_000;

export interface ReferencePrices {
  /** A new map after every refresh, so that one group sees one state. */
  all(): ReadonlyMap<ClassId, bigint>;
  refresh(now: Instant): Promise<void>;
}

export function createReferencePrices(sql: Sql): ReferencePrices {
  let prices: ReadonlyMap<ClassId, bigint> = new Map();
  let refreshedAt: Instant | null = null;
  let allAt: Instant | null = null;
  return {
    all: () => prices,
    refresh: async (now) => {
      if (refreshedAt !== null && now - refreshedAt < AGAIN_MS) return;
      if (allAt === null || now - allAt >= ALL_AGAIN_MS || refreshedAt === null) {
        prices = await listReferencePrices(sql, null, now);
        allAt = now;
      } else {
        const traded = await listTradedSince(sql, refreshedAt - CERTIFIED_LATE_MS);
        const fresh = traded.length === 0 ? new Map<ClassId, bigint>() : await listReferencePrices(sql, traded, now);
        const next = new Map(prices);
        for (const classId of traded) next.delete(classId);
        for (const [classId, price] of fresh) next.set(classId, price);
        prices = next;
      }
      refreshedAt = now;
    },
  };
}

async function listTradedSince(sql: Sql, since: number): Promise<readonly ClassId[]> {
  const rows = await query<{ class_id: string }>(sql, 'select distinct class_id from market.trades where settled_at >= $1', [
    new Date(since).toISOString(),
  ]);
  return rows.map((row) => parseClassId(row.class_id));
}
