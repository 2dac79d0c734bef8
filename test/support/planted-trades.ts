/** Settled trades as rows and messages, without orders of their own: what reads trades alone is tested with thousands of them. */
import { instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import type { NewMessage } from '#server/outbox/message.ts';

export type PlantedTrade = {
  readonly no: number;
  readonly at: number;
  readonly classId: string;
  readonly itemId: string;
  /** 64 hex digits. */
  readonly seller: string;
  readonly buyer: string;
  readonly priceFen: number;
};

export const tradeIdOfNo = (no: number) => `trd_${no.toString(16).padStart(32, '0')}`;
export const acctOfNo = (no: number) => no.toString(16).padStart(64, '0');
export const itemIdOfNo = (no: number) => `itm_${no.toString(16).padStart(32, '0')}`;

const [SELL, BUY] = [`ord_${'a'.repeat(64)}`, `ord_${'b'.repeat(64)}`];

export async function plantOrders(sql: Sql, classId: string): Promise<void> {
  for (const [side, orderId, seq] of [
    ['sell', SELL, 1_000_001],
    ['buy', BUY, 1_000_002],
  ] as const) {
    await sql`insert into market.orders (order_id, seq, priority, priced_at, acct, reference_id, intent, side, mechanism, class_id, price_fen, quantity, filled, state, time_in_force,
        fee_bps, royalty_bps, live_from, placed_at, expires_at, ended_at, signed_order, terms, quote)
      values (${orderId}, ${seq}, ${seq}, now(), ${acctOfNo(seq)}, 'bulk', 'matched', ${side}, 'price_time', ${classId}, 1, 1, 1,
        'filled', 'gtc', 0, 0, now(), now(), now(), now(), '\\x00', '[]', '{}')`;
  }
}

export async function plantTrades(sql: Sql, trades: readonly PlantedTrade[], more: readonly NewMessage[] = []): Promise<void> {
  await sql.begin(async (tx) => {
    for (const trade of trades) {
      const [tradeId, time] = [tradeIdOfNo(trade.no), toIso(instant(trade.at))];
      await tx`insert into market.trades (trade_id, seq, tx_id, class_id, sell_order_id, buy_order_id, seller, buyer, mechanism, quantity, price_fen, gross_fen, fee_fen,
          royalty_fen, net_fen, state, state_since, ordered_at, settled_at, pay)
        values (${tradeId}, ${1_000_000 + trade.no}, ${Buffer.from(trade.no.toString(16).padStart(64, '0'), 'hex')}, ${trade.classId}, ${SELL}, ${BUY}, ${trade.seller}, ${trade.buyer},
          'fixed_price', 1, ${trade.priceFen}, ${trade.priceFen}, 0, 0, ${trade.priceFen}, 'certified', ${time}, ${time}, ${time}, '[]')`;
      await tx`insert into market.trade_items (trade_id, item_id, ledger_serial, ver) values (${tradeId}, ${trade.itemId}, ${trade.no}, 1)`;
    }
    await appendOutbox(tx, [...trades.map(tradeMessage), ...more]);
  });
}

function tradeMessage(trade: PlantedTrade): NewMessage {
  return {
    room: 'sup:market',
    type: 'mkt.trade',
    at: instant(trade.at),
    body: {
      tradeId: tradeIdOfNo(trade.no),
      classId: trade.classId,
      priceFen: String(trade.priceFen),
      refPriceFen: null,
      quantity: 1,
      mechanism: 'fixed_price',
      sellerRef: trade.seller,
      buyerRef: trade.buyer,
      experimentId: null,
      flags: [],
    },
  };
}

export function paymentMessage(id: string, at: number, account: string, amountFen: number, kind: 'payIn' | 'payout'): NewMessage {
  return {
    room: 'sup:finance',
    type: 'fin.payment',
    at: instant(at),
    body: {
      paymentId: id,
      kind,
      fromRef: null,
      toRef: null,
      amountFen: String(amountFen),
      tradeId: null,
      providerRef: null,
      postings: [
        { account: 'provider', amountFen: String(kind === 'payIn' ? amountFen : -amountFen) },
        { account: `free:${account}`, amountFen: String(kind === 'payIn' ? -amountFen : amountFen) },
      ],
    },
  };
}
