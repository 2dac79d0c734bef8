/** What this installation holds, from the database alone: it answers with the server up or down. */
import { pinnedChain } from '#ledger/node/keys.ts';
import type { Installation } from './database.ts';

export type InstallationStatus = {
  readonly chain: string | null;
  readonly height: number;
  readonly entries: number;
  readonly waiting: number;
  readonly kinds: number;
  readonly items: number;
  readonly players: number;
  readonly trades: number;
  readonly feedMessages: number;
  readonly isServerRunning: boolean;
};

export async function readStatus({ sql, keysDir }: Installation): Promise<InstallationStatus> {
  const [row] = await sql<Record<'height' | 'entries' | 'waiting' | 'kinds' | 'items' | 'players' | 'trades' | 'messages', number>[]>`
    select
      (select coalesce(max(height), 0)::int from ledger.blocks) as height,
      (select count(*)::int from ledger.entries) as entries,
      (select count(*)::int from ledger.ledger_txs where status in ('sequenced', 'sealed')) as waiting,
      (select count(*)::int from catalogue.item_classes) as kinds,
      (select count(*)::int from custody.items) as items,
      (select count(*)::int from identity.players) as players,
      (select count(*)::int from market.trades) as trades,
      (select coalesce(sum(head_seq), 0)::int from outbox.rooms) as messages`;
  const [lock] = await sql<{ held: boolean }[]>`select pg_try_advisory_lock(4719265) as held`;
  const isServerRunning = lock?.held === false;
  if (!isServerRunning) await sql`select pg_advisory_unlock_all()`;
  return {
    chain: pinnedChain(keysDir),
    height: row?.height ?? 0,
    entries: row?.entries ?? 0,
    waiting: row?.waiting ?? 0,
    kinds: row?.kinds ?? 0,
    items: row?.items ?? 0,
    players: row?.players ?? 0,
    trades: row?.trades ?? 0,
    feedMessages: row?.messages ?? 0,
    isServerRunning,
  };
}
