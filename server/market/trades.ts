/** The trade page (product P-30) and lists of trades, as much of them as the one who looks may see. */
import { type AccountId, parseClassId, type TradeId } from '#ledger/primitives/ids.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { assess } from '#sandbox/tax/assess.ts';
import { assessmentView } from '#server/exchange/assessment-view.ts';
import { findPurchase, transferOf } from '#server/payments/transfers.repo.ts';
import { parseInputDocument } from '#server/settlement/assessment-document.ts';
import type { AssessmentView, MoneyLeg, TradeRow, TradeView, Transfer } from '#server/trpc/views.ts';
import { type Audience, sightOf } from './audience.ts';
import { readSeqCursor, writeCursor } from './cursor.ts';
import { isoOrNull } from './item-state.ts';
import { displayNames, shortName } from './names.repo.ts';
import { type ReadGround, readSnapshot, type Snapshot } from './snapshot.ts';
import {
  type AssessmentRecord,
  findExperimentLabel,
  findLedgerPlace,
  findOrderQuote,
  findTrade,
  listAssessments,
  listTradeItems,
  listTradeMoney,
  listTradeStates,
  listTrades,
  type MoneyEntry,
  type TradeRecord,
} from './trades.repo.ts';

const PAGE = 50;

/** Null: unknown, or not for this audience; the two look the same from outside. */
export async function getTrade(ground: ReadGround, audience: Audience, tradeId: TradeId): Promise<TradeView | null> {
  const viewer = audience.kind === 'party' ? audience.acct : null;
  const view = await readSnapshot(ground, viewer, (snapshot) => tradeIn(ground, snapshot, audience, tradeId));
  if (view === null || view.ledger.status !== 'certified' || view.ledger.height === null) return view;
  const block = await ground.ledger.block(BigInt(view.ledger.height));
  return { ...view, ledger: { ...view.ledger, signers: block?.signers ?? [] } };
}

async function tradeIn(ground: ReadGround, snapshot: Snapshot, audience: Audience, tradeId: TradeId): Promise<TradeView | null> {
  const trade = await findTrade(snapshot, tradeId);
  const sight = trade === null ? null : sightOf(audience, trade);
  if (trade === null || sight === null) return null;
  const [nameOf, items, history, quote, assessments, entries, place, label, payment] = await Promise.all([
    sight.names ? displayNames(ground, snapshot, [trade.seller, trade.buyer]) : shortName,
    listTradeItems(snapshot, tradeId),
    listTradeStates(snapshot, tradeId),
    ownQuote(snapshot, audience, trade, sight.tax),
    sight.tax ? listAssessments(snapshot, tradeId) : [],
    sight.flows ? listTradeMoney(snapshot, trade) : [],
    trade.tx_id === null ? null : findLedgerPlace(snapshot, trade.tx_id),
    findExperimentLabel(snapshot, trade.experiment_id),
    snapshot.viewer === trade.buyer ? ownPayment(snapshot, tradeId) : null,
  ]);
  const newest = assessments.at(-1);
  return {
    ...rowOf(trade, snapshot.viewer),
    deadlineAt: isoOrNull(trade.deadline_at),
    reason: trade.reason,
    history,
    items,
    sellerRef: trade.seller,
    sellerName: nameOf(trade.seller),
    buyerRef: trade.buyer,
    buyerName: nameOf(trade.buyer),
    experimentId: trade.experiment_id,
    experimentLabel: label,
    priceFen: trade.price_fen,
    feeFen: trade.fee_fen,
    royaltyFen: trade.royalty_fen,
    quote,
    assessment: newest === undefined ? null : assessedAgain(newest),
    assessmentHistory: assessments.map((each) => ({
      version: each.version,
      at: each.at.toISOString(),
      totalFen: each.total_fen,
      cause: each.cause,
    })),
    legs: entries.flatMap((entry) => legsOf(entry, trade, audience)),
    ledger: {
      txId: trade.tx_id ?? '',
      status: place?.status ?? 'sequenced',
      height: place?.height ?? null,
      index: place?.index ?? null,
      signers: [],
      hasReceipt: place?.status === 'certified',
    },
    payoutAt: isoOrNull(trade.payout_at),
    // It is the seller's instrument: his buyer learns nothing of it.
    payoutHold: audience.kind === 'party' && audience.acct !== trade.seller ? null : trade.payout_hold,
    transferableFrom: isoOrNull(trade.transferable_from),
    payment,
  };
}

/** Each party sees the quote that it signed; a supervisor of taxes the seller's. */
async function ownQuote(snapshot: Snapshot, audience: Audience, trade: TradeRecord, seesTax: boolean) {
  if (audience.kind === 'party' && audience.acct === trade.buyer) return findOrderQuote(snapshot, trade.buyOrderId);
  return seesTax ? findOrderQuote(snapshot, trade.sellOrderId) : null;
}

async function ownPayment({ tx }: Snapshot, tradeId: TradeId): Promise<Transfer | null> {
  const row = await findPurchase(tx, tradeId);
  return row === null ? null : transferOf(row);
}

/** The stored inputs under the stored pack: what is shown is what anybody computes again. */
export function assessedAgain(record: AssessmentRecord): AssessmentView | null {
  const answer = assess(parseInputDocument(record.input), getPackByHash(record.pack_hash));
  return answer.kind === 'assessed' ? assessmentView(answer.assessment, { version: record.version, isEstimate: false }) : null;
}

/** The journal's entry as the legs that people know: price to the seller, from there fee and royalty. */
function legsOf(entry: MoneyEntry, trade: TradeRecord, audience: Audience): readonly MoneyLeg[] {
  const at = entry.at.toISOString();
  const amount = (prefix: string): bigint =>
    entry.postings.reduce((sum, posting) => (posting.account.startsWith(prefix) ? sum + BigInt(posting.amount) : sum), 0n);
  const leg = (kind: MoneyLeg['kind'], fromRef: string, toRef: string, fen: bigint): readonly MoneyLeg[] =>
    fen === 0n ? [] : [{ kind, fromRef, toRef, amountFen: String(fen), at }];
  const isBuyer = audience.kind === 'party' && audience.acct !== trade.seller;
  switch (entry.kind) {
    case 'hold': {
      // What a buyer sets aside is the buyer's own affair.
      if (audience.kind === 'party' && audience.acct !== trade.buyer) return [];
      return leg('hold', trade.buyer, trade.buyer, amount('held:'));
    }
    case 'trade': {
      const [fee, royalty] = [amount('fee'), amount('royalty:')];
      return [
        ...leg('price', trade.buyer, trade.seller, amount('coming:') + fee + royalty),
        ...leg('fee', trade.seller, 'operator', fee),
        ...leg('royalty', trade.seller, trade.studio, royalty),
      ];
    }
    case 'payout':
      // A part that is kept for taxes is told to the seller; to the buyer the whole is paid out.
      return leg('payout', trade.seller, trade.seller, isBuyer ? BigInt(trade.net_fen) : amount('available:'));
    case 'reserve':
      return isBuyer ? [] : leg('reserve', trade.seller, trade.seller, amount('reserve:'));
    case 'reversal':
      return leg('refund', trade.seller, trade.buyer, amount(`available:${trade.buyer}`) + amount(`held:${trade.buyer}`));
    default:
      return [];
  }
}

export type TradePage = { readonly rows: readonly TradeRow[]; readonly nextCursor: string | null; readonly height: number };

/** `acct` null: everybody's, for supervisors. */
export async function listTradePage(snapshot: Snapshot, acct: AccountId | null, cursor: string | undefined): Promise<TradePage> {
  const rows = await listTrades(snapshot, { acct, before: readSeqCursor(cursor), limit: PAGE + 1 });
  const shown = rows.slice(0, PAGE);
  const last = shown.at(-1);
  return {
    rows: shown.map((trade) => rowOf(trade, acct)),
    nextCursor: rows.length > PAGE && last !== undefined ? writeCursor([last.seq]) : null,
    height: snapshot.height,
  };
}

function rowOf(trade: TradeRecord, viewer: AccountId | null): TradeRow {
  return {
    tradeId: trade.tradeId,
    state: trade.state,
    stateSince: trade.state_since.toISOString(),
    classId: parseClassId(trade.class_id),
    names: trade.names,
    icon: trade.icon,
    rarity: trade.rarity,
    quantity: trade.quantity,
    side: viewer === trade.seller ? 'sell' : viewer === trade.buyer ? 'buy' : 'none',
    grossFen: trade.gross_fen,
    sellerNetFen: trade.net_fen,
    mechanism: trade.mechanism,
  };
}
