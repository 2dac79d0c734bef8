/** Trades of a day for the market supervisor: fields of FIX 5.0 SP2 TradeCaptureReport (35=AE) by their names (rulebook 8.2). */
import type { Fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, toIso } from '#ledger/primitives/instant.ts';
import { plainYuan } from './table.ts';

export type CapturedTrade = {
  readonly tradeId: string;
  readonly orderId: string;
  /** Of the LedgerTx, in hex; null for one that never settled. */
  readonly txId: string | null;
  readonly classId: string;
  readonly itemIds: readonly string[];
  readonly quantity: number;
  readonly priceFen: Fen;
  readonly grossFen: Fen;
  readonly feeFen: Fen;
  readonly royaltyFen: Fen;
  readonly taxFen: Fen;
  readonly settledAt: Instant;
  readonly sellerRef: string;
  readonly buyerRef: string;
  readonly studioRef: string;
  readonly flags: readonly string[];
  readonly kind: 'new' | 'cancel' | 'replace';
};

const TRANS_TYPE = { new: '0', cancel: '1', replace: '2' } as const satisfies Record<CapturedTrade['kind'], string>;

function party(id: string, role: string) {
  return { PartyID: id, PartyIDSource: 'D', PartyRole: role };
}

/** One object a trade: FIX field names, values as FIX writes them. */
export function captureReport(trade: CapturedTrade) {
  return {
    MsgType: 'AE',
    TradeReportID: trade.tradeId,
    TradeID: trade.txId ?? '',
    TradeReportTransType: TRANS_TYPE[trade.kind],
    PreviouslyReported: 'N',
    Symbol: trade.classId,
    SecurityID: trade.itemIds.join(' '),
    SecurityIDSource: '99',
    LastQty: String(trade.quantity),
    LastPx: plainYuan(trade.priceFen),
    Currency: 'CNY',
    TradeDate: beijingDate(trade.settledAt).replaceAll('-', ''),
    TransactTime: toIso(trade.settledAt),
    GrossTradeAmt: plainYuan(trade.grossFen),
    NoSides: [
      { Side: '1', NoPartyIDs: [party(trade.buyerRef, '3')] },
      {
        Side: '2',
        OrderID: trade.orderId,
        NoPartyIDs: [party(trade.sellerRef, '3'), party(trade.studioRef, '17')],
        Commission: plainYuan(trade.feeFen),
        CommType: '3',
        NoMiscFees: [
          { MiscFeeAmt: plainYuan(trade.taxFen), MiscFeeType: '2' },
          { MiscFeeAmt: plainYuan(trade.royaltyFen), MiscFeeType: '7' },
        ],
      },
    ],
    Text: trade.flags.join(' '),
  } as const;
}

/** By time, then id. */
export function tradeReport(trades: readonly CapturedTrade[]): readonly ReturnType<typeof captureReport>[] {
  return trades.toSorted((a, b) => a.settledAt - b.settledAt || (a.tradeId < b.tradeId ? -1 : 1)).map(captureReport);
}
