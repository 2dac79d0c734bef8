/** Kinds as trading needs them, read once and kept: what changes of one is announced long before or told by `forget`. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { ClassRow } from '#server/settlement/model.ts';
import { termsInForce } from '#server/studio/class-terms.ts';
import { type DeclaredClassRow, listClasses } from './rows.repo.ts';

export interface ClassCache {
  /** With the terms in force at `now`; kinds that do not exist are left out. */
  read(sql: Queryable, classIds: readonly ClassId[], now: Instant): Promise<ReadonlyMap<ClassId, ClassRow>>;
  /** Null: all. */
  forget(classId: ClassId | null): void;
}

export function createClassCache(): ClassCache {
  const known = new Map<ClassId, DeclaredClassRow>();
  let forgotten = 0;
  return {
    read: async (sql, classIds, now) => {
      const wanted = [...new Set(classIds)];
      const missing = wanted.filter((classId) => !known.has(classId));
      const before = forgotten;
      const read = new Map((await listClasses(sql, missing)).map((row) => [row.classId, row]));
      // What was read while something changed is used once and not kept.
      if (forgotten === before) for (const row of read.values()) known.set(row.classId, row);
      return new Map(
        wanted.flatMap((classId) => {
          const row = read.get(classId) ?? known.get(classId);
          return row === undefined ? [] : [[classId, inForce(row, now)] as const];
        }),
      );
    },
    forget: (classId) => {
      forgotten += 1;
      if (classId === null) known.clear();
      else known.delete(classId);
    },
  };
}

function inForce({ terms, ...row }: DeclaredClassRow, now: Instant): ClassRow {
  const held = termsInForce(terms, now);
  return {
    ...row,
    feeBps: held.fee_bps,
    royaltyBps: held.royalty_bps,
    publicityHours: held.publicity_hours,
    protectionHours: held.protection_hours,
    resaleWaitTradingDays: held.resale_wait_trading_days,
    isCollectible: held.is_collectible,
    isGiftable: held.is_giftable,
    isResalable: held.is_resalable,
    smallestOfferBps: held.smallest_offer_bps,
  };
}
