/** What the feeds are told of a group (product V-25), in the order in which it happened. */
import type { AccountId, ClassId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { JournalEntry } from '#server/journal/journal.ts';
import type { JsonObject, NewMessage } from '#server/outbox/message.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { AssessmentWrite, Group, OneHand, SalesDay } from '#server/settlement/group.ts';
import type { OrderRow, TradeRow } from '#server/settlement/model.ts';
import { paymentRefOf } from '#server/settlement/pay-fields.ts';
import { isGiftId } from '#server/settlement/sale-id.ts';
import type { SettledTx } from './save-trades.repo.ts';

export function groupMessages(group: Group, settled: readonly SettledTx[]): readonly NewMessage[] {
  const at = group.now;
  const touched = new Set<OrderRow>([...group.newOrders, ...group.changedOrders]);
  return [
    ...taxMessages(group, settled),
    ...settled.map(({ settled: { trade, assessment, transferableFrom } }) =>
      message('sup:market', 'mkt.trade', at, {
        tradeId: trade.tradeId,
        classId: trade.classId,
        attributes: { ...group.loaded.classes.get(trade.classId)?.record.attributes },
        priceFen: String(trade.priceFen),
        refPriceFen: textOrNull(group.referencePrices.get(trade.classId)),
        quantity: trade.quantity,
        mechanism: trade.mechanism,
        sellerRef: trade.seller,
        buyerRef: trade.buyer,
        transferableFrom: toIso(transferableFrom),
        experimentId: trade.experimentId,
        flags: [...assessment.input.flags],
      }),
    ),
    ...[...touched].map((order) => message('sup:market', 'mkt.order', at, orderBody(order))),
    ...group.oneHand.map((each) => attemptMessage(each, at)),
    ...group.entries.map((entry) => paymentMessage(entry)),
    ...[...touched].map((order) =>
      message(playerRoom(order.acct), 'order.updated', at, {
        ...{ id: order.orderId, from: group.stateBefore(order.orderId), to: order.state, reason: order.reason },
      }),
    ),
    ...settled.flatMap(({ settled: { trade } }) =>
      [trade.seller, trade.buyer].map((acct) =>
        message(playerRoom(acct), 'trade.updated', at, { id: trade.tradeId, from: 'reserved', to: 'settled', reason: null }),
      ),
    ),
    ...[...settled.flatMap(({ settled: { trade, payoutHold } }) => (payoutHold === null ? [] : [trade])), ...group.heldEarlier].map(
      ({ tradeId, seller }) => noticeTo(seller, 'payout_held', at, { tradeId, link: `/trades/${tradeId}` }),
    ),
    ...group.waiting.flatMap(({ trade }) =>
      bothParties(trade, at, { from: trade.state === 'reserved' ? null : 'reserved', to: trade.state, reason: null }),
    ),
    ...[...group.changedOffers].flatMap((offerId) => offerMessages(group, offerId)),
    ...group.failed.flatMap(({ trade, from, reason }) => bothParties(trade, at, { from, to: 'failed', reason })),
    ...moneyMessages(group.entries, at),
  ];
}

/** What was attempted is told like what was done: the detector counts both (rulebook CN-SV-01). */
export function attemptMessage({ acct, other, classId, intent }: OneHand, at: Instant): NewMessage {
  return message('sup:market', 'mkt.self_trade.refused', at, { playerRef: acct, otherRef: other, classId, intent });
}

/** Assessed, assessed again, the line crossed: of trades and of gifts. */
export function taxMessages(day: SalesDay, settled: readonly SettledTx[]): readonly NewMessage[] {
  return [
    ...day.assessments.filter((write) => write.cause === 'settled').map((write) => taxAssessed(day, write, settled)),
    ...day.assessments.filter((write) => write.cause !== 'settled').map((write) => taxCorrected(write, day.now)),
    ...day.crossings.map((crossing) =>
      message('sup:tax', 'tax.day.threshold.crossed', day.now, {
        sellerRef: crossing.acct,
        day: crossing.day,
        totalFen: String(crossing.grossFen),
        salesFen: String(crossing.salesFen),
        by: crossing.bySaleId,
        reassessed: [...crossing.reassessed],
      }),
    ),
  ];
}

function bothParties(trade: Pick<TradeRow, 'tradeId' | 'seller' | 'buyer'>, at: Instant, step: JsonObject): readonly NewMessage[] {
  return [trade.seller, trade.buyer].map((acct) => message(playerRoom(acct), 'trade.updated', at, { id: trade.tradeId, ...step }));
}

/** Both sides are told: a step that comes, is answered or ends, its end by time among them. */
function offerMessages(group: Group, offerId: string): readonly NewMessage[] {
  const thread = group.loaded.offers.get(offerId);
  if (thread === undefined) return [];
  const { buyer, holder, state, reason, rounds } = thread;
  return [buyer, holder].map((acct) =>
    message(playerRoom(acct), 'offer.updated', group.now, {
      ...{ id: offerId, from: group.stateBefore(offerId), to: state, round: rounds.length, reason },
    }),
  );
}

export function message(room: string, type: string, at: Instant, body: JsonObject): NewMessage {
  return { room, type, at, body };
}
export function playerRoom(acct: AccountId): string {
  return `player:${acct}`;
}
export function classRoom(classId: ClassId): string {
  return `class:${classId}`;
}

function textOrNull(value: bigint | undefined): string | null {
  return value === undefined ? null : String(value);
}

function taxAssessed(day: SalesDay, write: AssessmentWrite, settled: readonly SettledTx[]): NewMessage {
  const trade = settled.find((each) => each.settled.trade.tradeId === write.saleId)?.settled;
  return message('sup:tax', 'tax.trade.assessed', day.now, {
    ...saleRef(write.saleId),
    orderId: trade?.trade.sellOrderId ?? null,
    sellerRef: write.seller,
    type: write.assessment.input.txType,
    grossFen: String(write.assessment.input.grossFen),
    costBasisFen: trade?.costBasisFen === null || trade === undefined ? null : String(trade.costBasisFen),
    ...linesBody(write),
    day: day.day,
  });
}

export function saleRef(saleId: string): JsonObject {
  return isGiftId(saleId) ? { giftId: saleId } : { tradeId: saleId };
}

function taxCorrected(write: AssessmentWrite, at: Instant): NewMessage {
  return message('sup:tax', 'tax.trade.corrected', at, {
    ...saleRef(write.saleId),
    sellerRef: write.seller,
    type: write.assessment.input.txType,
    grossFen: String(write.assessment.input.grossFen),
    ...linesBody(write),
    reason: write.cause,
    day: write.day,
  });
}

function linesBody({ assessment }: AssessmentWrite): JsonObject {
  return {
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
  };
}

function orderBody(order: OrderRow): JsonObject {
  return {
    orderId: order.orderId,
    classId: order.classId,
    side: order.side,
    priceFen: String(order.priceFen),
    quantity: order.quantity,
    leavesQuantity: order.endedAt === null ? order.quantity - order.filled : 0,
    status: order.state,
    playerRef: order.acct,
    mechanism: order.mechanism,
  };
}

const PAYMENT_KINDS: Readonly<Record<string, string>> = {
  deposit: 'payIn',
  hold: 'hold',
  release: 'release',
  trade: 'split',
  payout: 'capture',
  fund_share: 'split',
  guarantee: 'compensation',
  compensation: 'compensation',
  withdrawal_paid: 'payout',
  withdrawal: 'withdrawal',
  withdrawal_failed: 'refund',
  reversal: 'refund',
  refund: 'refund',
};

/** One message per entry: the largest movement names payer and payee, the postings give all. */
export function paymentMessage(entry: JournalEntry): NewMessage {
  const from = entry.postings.find((posting) => posting.amountFen < 0n);
  const to = entry.postings.find((posting) => posting.amountFen > 0n);
  const amount = entry.postings.reduce((sum, posting) => (posting.amountFen > 0n ? sum + posting.amountFen : sum), 0n);
  return message('sup:finance', 'fin.payment', entry.at, {
    paymentId: entry.tradeId ?? entry.transferId ?? entry.orderId,
    kind: PAYMENT_KINDS[entry.kind] ?? entry.kind,
    fromRef: from?.account ?? null,
    toRef: to?.account ?? null,
    amountFen: String(amount),
    tradeId: entry.tradeId,
    providerRef: entry.tradeId === null ? null : paymentRefOf(entry.tradeId),
    postings: entry.postings.map((posting) => ({ account: posting.account, amountFen: String(posting.amountFen) })),
  });
}

/** A player's page only needs to know that figures moved; it asks for them. */
function moneyMessages(entries: readonly JournalEntry[], at: Instant): readonly NewMessage[] {
  const accts = new Set<string>();
  for (const entry of entries) {
    for (const { account } of entry.postings) {
      const [pot, acct] = account.split(':');
      if (acct !== undefined && pot !== 'royalty') accts.add(acct);
    }
  }
  return [...accts].map((acct) =>
    message(`player:${acct}`, 'money.updated', at, { kinds: [...new Set(entries.map((entry) => entry.kind))].sort() }),
  );
}
