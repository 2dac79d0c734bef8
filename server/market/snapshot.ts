/** One answer, one snapshot (product P-17): every query of a page runs in one read-only transaction and names the certified height it saw. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Services } from '#server/context.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

/** What queries of pages need. Inside `readSnapshot` only `tx` is queried: what opens a connection of its own is asked before or after. */
export type ReadGround = Pick<Services, 'sql' | 'clock' | 'ledger'>;

export type Snapshot = {
  readonly tx: Tx;
  readonly now: Instant;
  readonly height: number;
  /** Who looks; null for a visitor. */
  readonly viewer: AccountId | null;
};

export async function readSnapshot<T extends object | null>(
  { sql, clock }: Pick<ReadGround, 'sql' | 'clock'>,
  viewer: AccountId | null,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const now = clock.now();
  // In an object: the driver takes a plain array as a list of queries to wait for.
  const { answer } = await sql.begin('isolation level repeatable read read only', async (tx) => {
    const [row] = await query<{ height: string }>(tx, 'select coalesce(max(height), 0)::text as height from ledger.blocks');
    return { answer: await read({ tx, now, height: Number(row?.height ?? '0'), viewer }) };
  });
  return answer;
}
