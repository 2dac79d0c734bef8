/** Tax lines of a trade that was undone (rulebook 2.6.4): in its own day it counts no more, on a later day the reversal is an entry of that
 *  day and the trade's day keeps its flag. What the members refused never came to be: it counts in no day, whenever that shows. */
import { fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, toIso } from '#ledger/primitives/instant.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import { isSameWindow, type Refund, refundInWindow, refundLater, type WindowSale } from '#sandbox/tax/windows.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, query } from '#server/journal/rows.repo.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { assessmentHash, type InputDocument, inputDocument, parseInputDocument } from '#server/settlement/assessment-document.ts';
import { message, saleRef } from './messages.ts';
import type { DueTrade } from './trade-clocks.repo.ts';

type Row = { trade_id: string; version: number; input: InputDocument; pack_hash: string; is_taxable: boolean };

/** What of a trade its tax lines need. */
export type TakenBack = Pick<DueTrade, 'tradeId' | 'seller' | 'buyer' | 'grossFen' | 'settledAt' | 'refusedCode'>;

export async function reverseAssessment(tx: Tx, trade: TakenBack, now: Instant): Promise<readonly NewMessage[]> {
  const day = beijingDate(trade.settledAt ?? now);
  const sales = await query<Row>(
    tx,
    `select distinct on (trade_id) trade_id, version, input, encode(pack_hash, 'hex') as pack_hash, is_taxable
     from compliance.assessments where seller = $1 and day = $2 order by trade_id, version desc`,
    [trade.seller, day],
  );
  const own = sales.find((row) => row.trade_id === trade.tradeId);
  const [window] = await query<{ gross_fen: string }>(tx, 'select gross_fen from compliance.windows where acct = $1 and day = $2', [
    trade.seller,
    day,
  ]);
  if (own === undefined || window === undefined) return [];
  const pack = getPackByHash(own.pack_hash);
  const sale: WindowSale = { id: trade.tradeId, input: parseInputDocument(own.input) };
  const refund: Refund = {
    id: `reversal-${trade.tradeId}`,
    at: now,
    amountFen: fen(trade.grossFen),
    feeReturned: true,
    royaltyReturned: true,
  };
  if (trade.refusedCode === null && !isSameWindow(pack, sale.input.paidAt, now)) {
    const { after } = refundLater(pack, sale, own.is_taxable, refund);
    await insertVersions(tx, trade, day, now, [{ id: trade.tradeId, version: own.version + 1, cause: 'reversed', assessment: after }]);
    return [corrected(trade.tradeId, trade, after, 'reversed', now)];
  }
  const others = sales.filter((row) => row !== own).map((row) => ({ id: row.trade_id, input: parseInputDocument(row.input) }));
  const answer = refundInWindow(pack, fen(BigInt(window.gross_fen)), { sale, refund }, () => others);
  if (answer.kind === 'rejected') return [];
  const { change } = answer;
  const again = change.reassessments.map(({ id, assessment }) => ({
    id,
    version: (sales.find((row) => row.trade_id === id)?.version ?? 0) + 1,
    cause: 'day_line' as const,
    assessment,
  }));
  await insertVersions(tx, trade, day, now, [
    { id: trade.tradeId, version: own.version + 1, cause: 'reversed', assessment: change.assessment },
    ...again,
  ]);
  await query(
    tx,
    'update compliance.windows set gross_fen = $3::bigint, turnover_fen = turnover_fen - $4::bigint, is_taxable = $5 where acct = $1 and day = $2',
    [trade.seller, day, String(change.totalFen), String(trade.grossFen), change.isTaxable],
  );
  await query(tx, 'update compliance.windows set turnover_fen = turnover_fen - $3::bigint where acct = $1 and day = $2', [
    trade.buyer,
    day,
    String(trade.grossFen),
  ]);
  const reverted =
    change.event === null
      ? []
      : [
          message('sup:tax', change.event.type, now, {
            sellerRef: trade.seller,
            day,
            totalFen: String(change.event.grossFen),
            salesFen: String(change.event.salesFen),
            by: trade.tradeId,
            reassessed: [...change.event.reassessed],
          }),
        ];
  return [
    corrected(trade.tradeId, trade, change.assessment, 'reversed', now),
    ...again.map((each) => corrected(each.id, trade, each.assessment, 'day_line', now)),
    ...reverted,
  ];
}

type Version = { readonly id: string; readonly version: number; readonly cause: 'reversed' | 'day_line'; readonly assessment: Assessment };

async function insertVersions(tx: Tx, trade: TakenBack, day: string, now: Instant, versions: readonly Version[]): Promise<void> {
  await insertRows(
    tx,
    'compliance.assessments',
    versions.map(({ id, version, cause, assessment }) => ({
      trade_id: id,
      version,
      at: toIso(now),
      cause,
      seller: trade.seller,
      day,
      gross_fen: String(assessment.input.grossFen),
      is_taxable: assessment.isTaxable,
      total_fen: String(assessment.taxTotalFen),
      pack_hash: `\\x${assessment.packHash}`,
      assessment_hash: bytea(assessmentHash(assessment)),
      input: inputDocument(assessment.input),
      lines: assessment.lines.map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
    })),
  );
}

export function corrected(
  tradeId: string,
  trade: Pick<TakenBack, 'seller'>,
  assessment: Assessment,
  reason: string,
  now: Instant,
): NewMessage {
  return message('sup:tax', 'tax.trade.corrected', now, {
    ...saleRef(tradeId),
    sellerRef: trade.seller,
    type: assessment.input.txType,
    grossFen: String(assessment.input.grossFen),
    lines: assessment.lines.map((line) => ({
      id: line.id,
      baseFen: String(line.baseFen),
      rate: line.rate,
      amountFen: String(line.amountFen),
    })),
    totalFen: String(assessment.taxTotalFen),
    isTaxable: assessment.isTaxable,
    flags: [...assessment.flags],
    packHash: assessment.packHash,
    reason,
  });
}
