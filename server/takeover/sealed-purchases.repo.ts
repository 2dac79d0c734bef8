/** SQL of purchases of before a takeover whose figures stay sealed, and of those that handed over what they can open. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { insertRows, type Queryable, query, updateRows } from '#server/journal/rows.repo.ts';

export async function insertHandOver(sql: Queryable, member: number, at: Instant): Promise<void> {
  await insertRows(sql, 'takeover.hand_overs', [{ member, taken_at: toIso(at) }], 'on conflict do nothing');
}

export async function listHandOvers(sql: Queryable): Promise<ReadonlySet<number>> {
  return new Set((await query<{ member: number }>(sql, 'select member from takeover.hand_overs')).map(({ member }) => member));
}

/** Each buyer's lot of a sale that this market has no figures of. Before the sale is forgotten. @returns how many items */
export async function insertUnknownLots(tx: Tx, source: 'sealed' | 'none'): Promise<number> {
  const rows = await query(
    tx,
    `insert into custody.lots (item_id, ver, acct, class_id, acquired_at, cost_fen, source)
     select h.item_id, h.ver, h.to_acct, i.class_id, h.at, null, $1 from custody.hops h join custody.items i on i.item_id = h.item_id
     where h.act = 'sold' and h.trade_id is not null and not exists (select from market.trades t where t.trade_id = h.trade_id)
     on conflict do nothing returning item_id`,
    [source],
  );
  return rows.length;
}

/** Who has sold something since then that this market has no figures of. */
export async function listUnknownSellers(tx: Tx, since: Instant): Promise<readonly AccountId[]> {
  const rows = await query<{ acct: string }>(
    tx,
    `select distinct h.from_acct as acct from custody.hops h join identity.players p on p.acct = h.from_acct
     where h.act = 'sold' and h.trade_id is null and h.at >= $1`,
    [toIso(since)],
  );
  return rows.map(({ acct }) => parseAccountId(acct));
}

export type SealedLot = { readonly item_id: string; readonly ver: string; readonly serial: string; readonly tx_id: string };

/** With the LedgerTx of their sale, in hex. */
export async function listSealedLots(tx: Tx): Promise<readonly SealedLot[]> {
  return query<SealedLot>(
    tx,
    `select l.item_id, l.ver::text, i.ledger_serial::text as serial, encode(h.tx_id, 'hex') as tx_id
     from custody.lots l join custody.items i on i.item_id = l.item_id
     join custody.hops h on h.item_id = l.item_id and h.ver = l.ver and h.act = 'sold'
     where l.source = 'sealed' order by l.item_id, l.ver`,
    [],
  );
}

export async function openLots(
  tx: Tx,
  lots: readonly { readonly item_id: string; readonly ver: string; readonly costFen: bigint }[],
): Promise<void> {
  await updateRows(
    tx,
    'custody.lots',
    ['item_id', 'ver'],
    lots.map(({ item_id, ver, costFen }) => ({ item_id, ver, cost_fen: String(costFen), source: 'bought_here' })),
  );
}

/** Nobody is left who could open them: what was paid is known to no one, and holds nobody up. */
export async function giveUpSealedLots(tx: Tx): Promise<void> {
  await query(tx, "update custody.lots set source = 'none' where source = 'sealed'");
}
