/**
 * Forgets what the other members have too: chain, blocks, entries and all that follows from them. What this member has signed stays, so
 * that a rebuilt node contradicts nothing, and so do envelopes, which only some members hold.
 */
import type postgres from 'postgres';

const INSERT_ONLY = ['chain', 'blocks', 'entries', 'base'] as const;
const DERIVED = [
  'items',
  'accounts',
  'classes',
  'orders',
  'records',
  'bodies',
  'proposals',
  'observations',
  'ledger_txs',
  'base_txs',
] as const;

export async function emptyStore(sql: postgres.Sql): Promise<{ readonly blocks: number; readonly votesKept: number }> {
  return sql.begin(async (tx) => {
    const [row] = await tx<{ blocks: number; votes: number }[]>`
      select (select count(*)::int from ledger.blocks) as blocks, (select count(*)::int from ledger.votes) as votes`;
    // The triggers step aside for this one statement: the names are from the lists above.
    for (const table of INSERT_ONLY) await tx.unsafe(`alter table ledger.${table} disable trigger user`);
    await tx.unsafe(`truncate ${[...INSERT_ONLY, ...DERIVED].map((table) => `ledger.${table}`).join(', ')}`);
    for (const table of INSERT_ONLY) await tx.unsafe(`alter table ledger.${table} enable trigger user`);
    return { blocks: row?.blocks ?? 0, votesKept: row?.votes ?? 0 };
  });
}
