/** A snapshot of what a database holds, beside the node that uses it or without one: everything is read in one database transaction. */
import type postgres from 'postgres';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { openStore } from '../open-store.ts';
import { trustBundle } from '../proofs.ts';
import { stillState, takeSnapshot } from './take-snapshot.ts';

export interface SnapshotNow {
  readonly sql: postgres.Sql;
  readonly sm2: Sm2;
  readonly now: bigint;
  /** Must not exist yet. */
  readonly folder: string;
}

/** Null: nothing above genesis is certified yet. @throws {LedgerDamage} */
export async function snapshotNow({
  sql,
  sm2,
  now,
  folder,
}: SnapshotNow): Promise<{ readonly height: bigint; readonly entries: bigint } | null> {
  const own = await sql.reserve();
  try {
    await own`begin isolation level repeatable read read only`;
    const opened = await openStore(own, sm2, now);
    if (opened === null || opened.tip.finality === null) return null;
    const { genesis, state, tip, recoveries, base } = opened;
    const trust = await trustBundle({ sql: own, state, genesis, recoveries, base });
    const still = stillState(state, tip.header, opened.tip.finality);
    await takeSnapshot({ sql: own, genesis, log: state.log, still, trust, folder });
    return { height: tip.header.height, entries: tip.header.logSize };
  } finally {
    await own`rollback`;
    own.release();
  }
}
