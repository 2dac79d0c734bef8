/** What a dispute needs of its trade: its place on the ledger, its items as they stand, the freezes of the dispute, the cost lots. */
import type { ItemLeaf } from '#ledger/codec/leaves.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { accountIdBytes, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Reversal } from '#sandbox/cases/claim-order.ts';
import type { FreezeRow } from '#server/cases/freezes.repo.ts';
import type { Tx } from '#server/db.ts';
import { type DueTrade, listDueTrades } from '#server/exchange/trade-clocks.repo.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ClaimRow } from './claims.repo.ts';

export type ClaimTrade = DueTrade & {
  /** Its log index; null before certification. */
  readonly entry: bigint | null;
  readonly payoutAt: Instant | null;
  readonly serials: readonly { readonly itemId: string; readonly serial: bigint }[];
  /** Hex. */
  readonly packHash: string;
};

export async function findClaimTrade(sql: Queryable, tradeId: TradeId): Promise<ClaimTrade | null> {
  const [trade] = await listDueTrades(sql, [tradeId]);
  if (trade === undefined) return null;
  const [row] = await query<{ idx: string | null; payout_at: Date | null; pack_hash: string | null }>(
    sql,
    `select e.idx, t.payout_at, (select encode(a.pack_hash, 'hex') from compliance.assessments a where a.trade_id = t.trade_id
       order by a.version desc limit 1) as pack_hash
     from market.trades t left join ledger.entries e on e.tx_id = t.tx_id where t.trade_id = $1`,
    [tradeId],
  );
  const items = await query<{ item_id: string; ledger_serial: string }>(
    sql,
    'select item_id, ledger_serial from market.trade_items where trade_id = $1 order by ledger_serial',
    [tradeId],
  );
  return {
    ...trade,
    entry: row?.idx == null ? null : BigInt(row.idx),
    payoutAt: row?.payout_at == null ? null : at(row.payout_at),
    serials: items.map((item) => ({ itemId: item.item_id, serial: BigInt(item.ledger_serial) })),
    packHash: row?.pack_hash ?? '0'.repeat(64),
  };
}

export function leavesOf({ pending }: Pick<LedgerNode, 'pending'>, trade: ClaimTrade): readonly ItemLeaf[] {
  return trade.serials.flatMap(({ serial }) => pending.itemBySerial(serial) ?? []);
}

/** Until when all of the items stay where they are, in milliseconds. */
export function heldUntil(leaves: readonly ItemLeaf[]): bigint {
  const ends = leaves.map(({ protectedUntil, frozenUntil }) => (protectedUntil > frozenUntil ? protectedUntil : frozenUntil));
  return ends.reduce((least, end) => (end < least ? end : least), ends[0] ?? 0n);
}

/** Back to who sold them, at the versions that stand now. Null before the trade has its place in the log. */
export function reversalOf(ledger: Pick<LedgerNode, 'pending'>, claim: Pick<ClaimRow, 'payRoot'>, trade: ClaimTrade): Reversal | null {
  if (trade.entry === null) return null;
  const to = accountIdBytes(trade.seller);
  return {
    entry: trade.entry,
    items: leavesOf(ledger, trade).map(({ serial, ver }) => ({ serial, ver, to })),
    pay: fromHex(claim.payRoot, 32),
    rulePack: fromHex(trade.packHash, 32),
  };
}

/** After a claim that was not upheld. */
export async function returnToProtection(tx: Tx, tradeId: TradeId, until: Instant): Promise<void> {
  await query(tx, 'update market.trades set deadline_at = $2, payout_at = $2 where trade_id = $1', [tradeId, toIso(until)]);
}
export async function setTradeDeadline(tx: Tx, tradeId: TradeId, until: Instant | null): Promise<void> {
  await query(tx, 'update market.trades set deadline_at = $2 where trade_id = $1', [tradeId, until === null ? null : toIso(until)]);
}

/** What the seller had paid for an item is their cost again; a gift it is not. Before custody follows the op. */
export async function returnLots(tx: Tx, trade: ClaimTrade): Promise<void> {
  await query(
    tx,
    `insert into custody.lots (item_id, ver, acct, class_id, acquired_at, cost_fen, source)
     select i.item_id, i.ver + 1, l.acct, l.class_id, l.acquired_at, l.cost_fen, l.source
     from market.trade_items ti join custody.items i on i.item_id = ti.item_id
     join market.trades t on t.trade_id = ti.trade_id
     join lateral (select * from custody.lots l where l.item_id = ti.item_id and l.acct = t.seller and l.ver <= ti.ver order by l.ver desc limit 1) l on true
     where ti.trade_id = $1 on conflict do nothing`,
    [trade.tradeId],
  );
}

export type ClaimFreeze = Pick<FreezeRow, 'freeze_id' | 'target_id' | 'state' | 'until'>;
export async function listFreezesOfClaim(sql: Queryable, claimId: string): Promise<readonly ClaimFreeze[]> {
  return query<ClaimFreeze>(sql, 'select freeze_id, target_id, state, until from cases.freezes where claim_id = $1', [claimId]);
}
/** In force on the items of a trade, by whomever. */
export async function listFreezesOfItems(sql: Queryable, itemIds: readonly string[]): Promise<readonly ClaimFreeze[]> {
  return query<ClaimFreeze>(
    sql,
    "select freeze_id, target_id, state, until from cases.freezes where scope = 'item' and state = 'active' and target_id = any($1)",
    [itemIds],
  );
}
