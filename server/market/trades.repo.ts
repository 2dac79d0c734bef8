/** Rows of trades with everything that hangs on them. */
import {
  type AccountId,
  type ItemId,
  type OrderId,
  parseAccountId,
  parseItemId,
  parseOrderId,
  parseTradeId,
  type TradeId,
} from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { InputDocument } from '#server/settlement/assessment-document.ts';
import type { Mechanism, Names, OpenedField, QuoteDocument, TradeState } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

type Columns = {
  trade_id: string;
  seq: string;
  tx_id: string | null;
  class_id: string;
  sell_order_id: string;
  buy_order_id: string;
  seller: string;
  buyer: string;
  studio_acct: string;
  mechanism: Mechanism;
  experiment_id: string | null;
  quantity: number;
  price_fen: string;
  gross_fen: string;
  fee_fen: string;
  royalty_fen: string;
  net_fen: string;
  state: TradeState;
  state_since: Date;
  deadline_at: Date | null;
  reason: string | null;
  payout_at: Date | null;
  payout_hold: 'new_instrument' | null;
  transferable_from: Date | null;
  name_zh: string | null;
  name_en: string;
  icon: string;
  rarity: string | null;
};
export type TradeRecord = Omit<Columns, 'trade_id' | 'seller' | 'buyer' | 'studio_acct' | 'sell_order_id' | 'buy_order_id'> & {
  readonly tradeId: TradeId;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly studio: AccountId;
  readonly sellOrderId: OrderId;
  readonly buyOrderId: OrderId;
  readonly names: Names;
};

const SELECT = `select t.trade_id, t.seq, encode(t.tx_id, 'hex') as tx_id, t.class_id, t.sell_order_id, t.buy_order_id, t.seller, t.buyer, c.studio_acct,
    t.mechanism, t.experiment_id, t.quantity, t.price_fen, t.gross_fen, t.fee_fen, t.royalty_fen, t.net_fen, t.state, t.state_since, t.deadline_at,
    t.reason, t.payout_at, t.payout_hold, t.transferable_from, c.name_zh, c.name_en, c.picture as icon, c.rarity
  from market.trades t join catalogue.item_classes c on c.class_id = t.class_id`;

function recordOf(row: Columns): TradeRecord {
  return {
    ...row,
    tradeId: parseTradeId(row.trade_id),
    seller: parseAccountId(row.seller),
    buyer: parseAccountId(row.buyer),
    studio: parseAccountId(row.studio_acct),
    sellOrderId: parseOrderId(row.sell_order_id),
    buyOrderId: parseOrderId(row.buy_order_id),
    names: { zh: row.name_zh, en: row.name_en },
  };
}

export async function findTrade({ tx }: Snapshot, tradeId: TradeId): Promise<TradeRecord | null> {
  const [row] = await query<Columns>(tx, `${SELECT} where t.trade_id = $1`, [tradeId]);
  return row === undefined ? null : recordOf(row);
}

/** Newest first, below a sequence number; of one account on either side, or of everybody. */
export async function listTrades(
  { tx }: Snapshot,
  { acct, before, limit }: { readonly acct: AccountId | null; readonly before: string | null; readonly limit: number },
): Promise<readonly TradeRecord[]> {
  const below = before === null ? '' : 'and t.seq < $1::bigint';
  const args = before === null ? [] : [before];
  // One index for each side: a union of two short walks.
  const from =
    acct === null
      ? `${SELECT} where true ${below} order by t.seq desc limit ${String(limit)}`
      : `${SELECT} where t.seq in (
           (select t.seq from market.trades t where t.seller = $${args.length + 1} ${below} order by t.seq desc limit ${String(limit)})
           union (select t.seq from market.trades t where t.buyer = $${args.length + 1} ${below} order by t.seq desc limit ${String(limit)})
         ) order by t.seq desc limit ${String(limit)}`;
  const rows = await query<Columns>(tx, from, acct === null ? args : [...args, acct]);
  return rows.map(recordOf);
}

export async function listTradeItems({ tx }: Snapshot, tradeId: TradeId): Promise<readonly { itemId: ItemId; serialNo: number }[]> {
  const rows = await query<{ item_id: string; unit_no: number }>(
    tx,
    'select ti.item_id, i.unit_no from market.trade_items ti join custody.items i on i.item_id = ti.item_id where ti.trade_id = $1 order by i.unit_no',
    [tradeId],
  );
  return rows.map((row) => ({ itemId: parseItemId(row.item_id), serialNo: row.unit_no }));
}

export async function listTradeStates({ tx }: Snapshot, tradeId: TradeId): Promise<readonly { state: TradeState; at: string }[]> {
  const rows = await query<{ state: TradeState; at: Date }>(
    tx,
    'select state, at from market.trade_states where trade_id = $1 order by step',
    [tradeId],
  );
  return rows.map((row) => ({ state: row.state, at: row.at.toISOString() }));
}

export async function findOrderQuote({ tx }: Snapshot, orderId: OrderId): Promise<QuoteDocument | null> {
  const [row] = await query<{ document: QuoteDocument | null }>(
    tx,
    "select quote->'document' as document from market.orders where order_id = $1",
    [orderId],
  );
  return row?.document ?? null;
}

export type AssessmentRecord = {
  readonly version: number;
  readonly at: Date;
  readonly cause: string;
  readonly total_fen: string;
  readonly pack_hash: string;
  readonly input: InputDocument;
};
export async function listAssessments({ tx }: Snapshot, tradeId: TradeId): Promise<readonly AssessmentRecord[]> {
  return query<AssessmentRecord>(
    tx,
    `select version, at, cause, total_fen, encode(pack_hash, 'hex') as pack_hash, input
     from compliance.assessments where trade_id = $1 order by version`,
    [tradeId],
  );
}

export type MoneyEntry = {
  readonly kind: string;
  readonly at: Date;
  readonly order_id: string | null;
  readonly postings: readonly { readonly account: string; readonly amount: string }[];
};
/** Entries of the trade, and what its buy order set aside before. */
export async function listTradeMoney({ tx }: Snapshot, { tradeId, buyOrderId }: TradeRecord): Promise<readonly MoneyEntry[]> {
  return query<MoneyEntry>(
    tx,
    `select e.kind, e.at, e.order_id,
       (select json_agg(json_build_object('account', p.account_id, 'amount', p.amount_fen::text) order by p.line)
          from journal.postings p where p.entry_id = e.entry_id) as postings
     from journal.entries e where e.trade_id = $1 or (e.order_id = $2 and e.kind = 'hold') order by e.entry_id`,
    [tradeId, buyOrderId],
  );
}

export type LedgerPlace = {
  readonly status: 'sequenced' | 'certified' | 'refused';
  readonly height: number | null;
  readonly index: number | null;
};
/** @param txId hex */
export async function findLedgerPlace({ tx }: Snapshot, txId: string): Promise<LedgerPlace | null> {
  const [row] = await query<{ status: LedgerPlace['status']; height: string | null; idx: string | null }>(
    tx,
    `select l.status, l.height, e.idx from ledger.ledger_txs l left join ledger.entries e on e.tx_id = l.tx_id
     where l.tx_id = decode($1, 'hex') order by l.seq desc limit 1`,
    [txId],
  );
  if (row === undefined) return null;
  return { status: row.status, height: numberOrNull(row.height), index: numberOrNull(row.idx) };
}

export async function findExperimentLabel({ tx }: Snapshot, experimentId: string | null): Promise<Names | null> {
  if (experimentId === null) return null;
  const [row] = await query<{ label: Names | null }>(
    tx,
    "select document->'authorization'->'label' as label from experiments.experiments where experiment_id = $1",
    [experimentId],
  );
  return row?.label ?? null;
}

/** Committed fields that both sides opened to us: `pay` of the trade, the terms of either order. */
export type OpenedTrade = {
  readonly pay: readonly OpenedField[] | null;
  readonly sellTerms: readonly OpenedField[];
  readonly buyTerms: readonly OpenedField[];
};
export async function findOpenedFields({ tx }: Snapshot, tradeId: TradeId): Promise<OpenedTrade | null> {
  const [row] = await query<{ pay: OpenedTrade['pay']; sell: readonly OpenedField[]; buy: readonly OpenedField[] }>(
    tx,
    `select t.pay, s.terms as sell, b.terms as buy from market.trades t
     join market.orders s on s.order_id = t.sell_order_id join market.orders b on b.order_id = t.buy_order_id where t.trade_id = $1`,
    [tradeId],
  );
  return row === undefined ? null : { pay: row.pay, sellTerms: row.sell, buyTerms: row.buy };
}

function numberOrNull(value: string | null): number | null {
  return value === null ? null : Number(value);
}
