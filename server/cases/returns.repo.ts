/** What a sworn claim of theft is about: who lost the item by which trade, who has it now and what they paid. */
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { TradeState } from '#server/trpc/views.ts';

export type StolenItem = {
  readonly reportId: string;
  readonly itemId: string;
  readonly serial: bigint;
  readonly ver: bigint;
  readonly claimant: AccountId;
  readonly holder: AccountId;
  readonly text: string;
  readonly swornAt: Date;
  readonly isClosed: boolean;
  /** By which the claimant lost it last; null: not by a trade, or not certified. */
  readonly lost: { readonly tradeId: TradeId; readonly entry: bigint } | null;
  /** By which the holder has it; null: given, returned or made. */
  readonly bought: { readonly tradeId: TradeId; readonly state: TradeState; readonly priceFen: bigint } | null;
};
type Columns = {
  report_id: string;
  item_id: string;
  serial: string;
  ver: string;
  claimant: string;
  holder: string;
  text: string;
  sworn_at: Date;
  is_closed: boolean;
  lost_trade: string | null;
  lost_entry: string | null;
  bought_trade: string | null;
  bought_state: TradeState | null;
  bought_fen: string | null;
};

const SELECT = `select r.report_id, i.item_id, i.ledger_serial::text as serial, i.ver::text as ver, r.reporter as claimant, i.owner as holder, r.text,
    r.at as sworn_at, r.closed_at is not null as is_closed, lost.trade_id as lost_trade, lost.idx::text as lost_entry,
    t.trade_id as bought_trade, t.state as bought_state, l.cost_fen::text as bought_fen
  from cases.reports r join custody.items i on i.item_id = r.subject_id and not i.is_burned
  left join lateral (select h.trade_id, e.idx from custody.hops h left join market.trades x on x.trade_id = h.trade_id
    left join ledger.entries e on e.tx_id = x.tx_id where h.item_id = i.item_id and h.from_acct = r.reporter order by h.ver desc limit 1) lost on true
  left join custody.hops b on b.item_id = i.item_id and b.ver = i.ver and b.to_acct = i.owner
  left join market.trades t on t.trade_id = b.trade_id
  left join custody.lots l on l.item_id = i.item_id and l.ver = i.ver and l.acct = i.owner
  where r.kind = 'theft'`;

const rowOf = (row: Columns): StolenItem => ({
  reportId: row.report_id,
  itemId: row.item_id,
  serial: BigInt(row.serial),
  ver: BigInt(row.ver),
  claimant: parseAccountId(row.claimant),
  holder: parseAccountId(row.holder),
  text: row.text,
  swornAt: row.sworn_at,
  isClosed: row.is_closed,
  lost:
    row.lost_trade === null || row.lost_entry === null ? null : { tradeId: parseTradeId(row.lost_trade), entry: BigInt(row.lost_entry) },
  bought:
    row.bought_trade === null || row.bought_state === null || row.bought_fen === null
      ? null
      : { tradeId: parseTradeId(row.bought_trade), state: row.bought_state, priceFen: BigInt(row.bought_fen) },
});

export async function findStolen(sql: Queryable, reportId: string): Promise<StolenItem | null> {
  const [row] = await query<Columns>(sql, `${SELECT} and r.report_id = $1`, [reportId]);
  return row === undefined ? null : rowOf(row);
}
/** Sworn about items that freezes of the case hold. */
export async function listStolenOfCase(sql: Queryable, caseId: string): Promise<readonly StolenItem[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT} and i.owner <> r.reporter and r.subject_id in (select f.target_id from cases.freezes f
       where f.case_id = $1 and f.scope = 'item' and f.state = 'active') order by r.at limit 50`,
    [caseId],
  );
  return rows.map(rowOf);
}

/** What it had cost whom it goes back to is their cost again. Before custody follows the op. */
export async function returnLot(tx: Tx, { itemId, claimant }: Pick<StolenItem, 'itemId' | 'claimant'>): Promise<void> {
  await query(
    tx,
    `insert into custody.lots (item_id, ver, acct, class_id, acquired_at, cost_fen, source)
     select i.item_id, i.ver + 1, l.acct, l.class_id, l.acquired_at, l.cost_fen, l.source from custody.items i
     join lateral (select * from custody.lots l where l.item_id = i.item_id and l.acct = $2 order by l.ver desc limit 1) l on true
     where i.item_id = $1 on conflict do nothing`,
    [itemId, claimant],
  );
}

/** Open sell orders and gifts that hold it. */
export async function listOrdersHolding(sql: Queryable, itemId: string): Promise<readonly string[]> {
  const rows = await query<{ order_id: string }>(sql, "select order_id from custody.item_holds where item_id = $1 and state = 'active'", [
    itemId,
  ]);
  return rows.map((row) => row.order_id);
}

export async function closeSworn(tx: Tx, reportId: string, at: Instant): Promise<void> {
  await query(tx, 'update cases.reports set closed_at = $2 where report_id = $1 and closed_at is null', [reportId, toIso(at)]);
}
