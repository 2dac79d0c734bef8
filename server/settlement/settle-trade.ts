/** Delivery versus payment of one trade, on the working set: money, item, cost lot, assessment and the body of its LedgerTx come into
 *  being together or not at all. The database transaction and the ledger's answer decide for the whole group. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeSignedOrder } from '#ledger/codec/order.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { EnvelopeVault } from '#ledger/node/envelope-vault.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { type AccountId, idBytes, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { payoutAt } from '#sandbox/decisions/quote-terms.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { AssessInput, Assessment, Basis } from '#sandbox/tax/assessment.ts';
import { basisOf, NO_BASIS_FACTS } from '#sandbox/tax/basis.ts';
import { addToWindow } from '#sandbox/tax/windows.ts';
import { FEE, journalEntry, potOf } from '#server/journal/journal.ts';
import type { Random } from '#server/random.ts';
import type { Mechanism } from '#server/trpc/views.ts';
import { amountsOf, pieceOf } from './amounts.ts';
import { PERSON_TAX_FACTS } from './decided.ts';
import type { Group, SettledWrite } from './group.ts';
import type { ItemRow, OrderRow, TradeRow } from './model.ts';
import { openedFields, payFields, paymentRefOf } from './pay-fields.ts';
import { tradeEnvelope } from './trade-envelope.ts';
import { isWanted } from './wanted.ts';

const HOUR_MS = 3_600_000;
/** A LedgerTx of ours enters a block within seconds; the window leaves room for a stall (`ledger.md` 13). */
const TX_WINDOW_MS = 12 * HOUR_MS;
const TX_EARLY_MS = 60_000;

export type TradePlan = {
  readonly tradeId: TradeId;
  readonly sell: OrderRow;
  readonly buy: OrderRow;
  readonly items: readonly ItemRow[];
  readonly unitPriceFen: bigint;
  readonly mechanism: Mechanism;
  readonly experimentId: string | null;
  readonly orderedAt: Instant;
  /** A taker's money is still available; a resting order's is held. */
  readonly payFrom: 'available' | 'held';
  /** False for a trade that waited for the end of its publicity. */
  readonly isNew: boolean;
};

export type SettleGround = { readonly chain: Bytes; readonly random: Random; readonly envelopes: Pick<EnvelopeVault, 'seal'> };

export function drawTradeId(random: Random): TradeId {
  return parseTradeId(`trd_${toHex(random.bytes(16))}`);
}

/** @returns what was settled; the caller has checked that both sides hold what they promise */
export function settleTrade(group: Group, { chain, random, envelopes }: SettleGround, plan: TradePlan): SettledWrite {
  const trade = tradeOf(plan, 'settled');
  assert(isWanted(plan.buy, group.classOf(plan.sell.classId)), 'a buyer gets what the signed terms ask for');
  const basis = sellerBasis(group.pack, plan.items);
  moveMoney(group, plan, trade);
  const { assessment, assessmentHash } = assessSale(group, plan, trade, basis);
  const costs = moveItems(group, plan, trade);
  const terms = group.classOf(plan.sell.classId);
  const pay = payFields(
    {
      grossFen: trade.grossFen,
      feeFen: trade.feeFen,
      royaltyFen: trade.royaltyFen,
      taxLines: assessment.lines.map((line) => ({ id: line.id, amountFen: line.amountFen })),
      taxTotalFen: assessment.taxTotalFen,
      sellerNetFen: trade.netFen,
      costBasisFen: basis.costFen,
      assessmentHash,
      paymentRef: paymentRefOf(trade.tradeId),
      sellerRef: trade.seller,
      buyerRef: trade.buyer,
      mechanism: trade.mechanism,
      orderedAt: BigInt(trade.orderedAt),
    },
    random,
  );
  const [envelope] = envelopes.seal([tradeEnvelope(trade, plan, pay.fields)], BigInt(group.now));
  assert(envelope !== undefined, 'one envelope per trade');
  const protectMs = terms.protectionHours * HOUR_MS;
  const settled: SettledWrite = {
    trade,
    isNew: plan.isNew,
    body: {
      chain,
      salt: random.bytes(16),
      notBefore: BigInt(group.now - TX_EARLY_MS),
      notAfter: BigInt(group.now + TX_WINDOW_MS),
      op: {
        kind: 'trade',
        tradeId: idBytes(trade.tradeId),
        sell: decodeSignedOrder(plan.sell.signedOrder),
        buy: decodeSignedOrder(plan.buy.signedOrder),
        items: plan.items.map((item) => item.serial).sort((a, b) => (a < b ? -1 : 1)),
        pay: pay.root,
        env: envelope.hash,
        rulePack: group.packHash,
        protectMs,
        experiment: plan.experimentId === null ? null : recordKey.experiment(plan.experimentId),
      },
    },
    payoutAt: payoutAt(group.pack, group.now, terms.protectionHours),
    transferableFrom: instant(group.now + protectMs),
    pay: openedFields(pay.fields),
    envelope,
    costs,
    costBasisFen: basis.costFen,
    assessment,
    assessmentHash,
    sell: plan.sell,
    buy: plan.buy,
  };
  group.acts.push({ kind: 'trade', settled });
  return settled;
}

export function tradeOf(plan: TradePlan, state: TradeRow['state']): TradeRow {
  assert(plan.items.length > 0, 'a trade has items');
  return {
    tradeId: plan.tradeId,
    classId: plan.sell.classId,
    sellOrderId: plan.sell.orderId,
    buyOrderId: plan.buy.orderId,
    seller: plan.sell.acct,
    buyer: plan.buy.acct,
    mechanism: plan.mechanism,
    experimentId: plan.experimentId,
    quantity: plan.items.length,
    priceFen: plan.unitPriceFen,
    ...amountsOf(plan.unitPriceFen, plan.items.length, plan.sell.feeBps, plan.sell.royaltyBps),
    items: plan.items.map((item) => ({ itemId: item.itemId, serial: item.serial, ver: item.ver })),
    orderedAt: plan.orderedAt,
    state,
  };
}

function moveMoney(group: Group, plan: TradePlan, trade: TradeRow): void {
  const studio = group.classOf(trade.classId).studioAcct;
  group.entries.push(
    journalEntry('trade', group.now, { tradeId: trade.tradeId }, [
      [potOf(plan.payFrom, trade.buyer), -trade.grossFen],
      [potOf('coming', trade.seller), trade.netFen],
      [FEE, trade.feeFen],
      [potOf('royalty', studio), trade.royaltyFen],
    ]),
  );
  if (plan.payFrom === 'available') {
    group.addAvailable(trade.buyer, -trade.grossFen);
    assert(group.available(trade.buyer) >= 0n, 'a buyer pays with money that is there');
    return;
  }
  takeFromHold(group, plan.buy, trade.grossFen);
}

/** What a resting buy order has set aside for these units; what a better price saves goes back to its owner. */
function takeFromHold(group: Group, buy: OrderRow, grossFen: bigint): void {
  buy.holdLeftFen -= grossFen;
  assert(buy.holdLeftFen >= 0n, 'a buy order pays from its hold');
  group.heldOrders.add(buy);
}

/** Costs of the items for the buyer: the price, in pieces that add up to it. */
function moveItems(group: Group, plan: TradePlan, trade: TradeRow): SettledWrite['costs'] {
  const costs = plan.items.map((item, index) => ({ item: { ...item }, costFen: pieceOf(trade.grossFen, plan.items.length, index) }));
  for (const item of plan.items) {
    const wasHeld = item.heldBy === plan.sell.orderId;
    if (wasHeld) group.endedItemHolds.push({ orderId: plan.sell.orderId, itemId: item.itemId, state: 'spent' });
    else group.newItemHolds.push({ orderId: plan.sell.orderId, itemId: item.itemId, state: 'spent' });
    item.owner = trade.buyer;
    item.ver += 1n;
    item.heldBy = null;
    item.protectedUntil = instant(group.now + group.classOf(trade.classId).protectionHours * HOUR_MS);
    item.publicityUntil = null;
  }
  const sold = new Set(plan.items.map((item) => item.itemId));
  plan.sell.items = plan.sell.items.filter((item) => !sold.has(item.itemId));
  return costs;
}

/** Cost lots of the items (rulebook 2.6.1, 2.6.6): a recorded purchase is the cost and cannot be hidden. */
export function sellerBasis(pack: RulePack, items: readonly Pick<ItemRow, 'costFen' | 'costSource'>[]): Basis {
  const bought = items.filter((item) => item.costFen !== null && item.costSource === 'bought_here');
  if (bought.length > 0) {
    const cost = bought.reduce((sum, item) => sum + (item.costFen ?? 0n), 0n);
    return basisOf({ ...NO_BASIS_FACTS, platformCostFen: fen(cost), isPartlyUnproven: bought.length < items.length }, pack);
  }
  if (items.every((item) => item.costSource === 'play')) return basisOf({ ...NO_BASIS_FACTS, origin: 'EARNED' }, pack);
  if (items.every((item) => item.costSource === 'gift')) return basisOf({ ...NO_BASIS_FACTS, origin: 'GIFT_RECEIVED' }, pack);
  return basisOf(NO_BASIS_FACTS, pack);
}

export function assessInputOf(facts: {
  readonly paidAt: Instant;
  readonly grossFen: Fen;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly basis: Basis;
  readonly windowTotalFen: Fen;
  readonly flags: readonly string[];
}): AssessInput {
  return {
    txType: 'P2P',
    paidAt: facts.paidAt,
    grossFen: facts.grossFen,
    feeBps: facts.feeBps,
    royaltyBps: facts.royaltyBps,
    feeFen: null,
    royaltyFen: null,
    basis: facts.basis,
    window: { kind: 'total', totalFen: facts.windowTotalFen },
    ...PERSON_TAX_FACTS,
    flags: facts.flags,
  };
}

function assessSale(
  group: Group,
  plan: TradePlan,
  trade: TradeRow,
  basis: Basis,
): { readonly assessment: Assessment; readonly assessmentHash: Bytes } {
  const window = group.window(trade.seller);
  const input = assessInputOf({
    paidAt: group.now,
    grossFen: fen(trade.grossFen),
    feeBps: plan.sell.feeBps,
    royaltyBps: plan.sell.royaltyBps,
    basis,
    windowTotalFen: fen(window.grossFen + trade.grossFen),
    flags: plan.experimentId === null ? [] : ['SIMULATED_AUTHORIZATION'],
  });
  const others = group.loaded.daySales.get(trade.seller) ?? [];
  const answer = addToWindow(group.pack, fen(window.grossFen), { id: trade.tradeId, input }, () => others);
  assert(answer.kind === 'assessed', 'the decision has refused a pack outside its dates');
  const { change } = answer;
  addToDay(group, trade.seller, trade.grossFen, trade.grossFen, change.isTaxable);
  addToDay(group, trade.buyer, 0n, trade.grossFen, null);
  if (!change.isTaxable) group.loaded.daySales.set(trade.seller, [...others, { id: trade.tradeId, input }]);
  const hash = assessmentHash(change.assessment);
  group.assessments.push({
    tradeId: trade.tradeId,
    version: 1,
    cause: 'settled',
    seller: trade.seller,
    day: group.day,
    assessment: change.assessment,
    hash,
  });
  for (const again of change.reassessments) {
    const assessment = again.assessment;
    group.assessments.push({
      tradeId: parseTradeId(again.id),
      version: 'next',
      cause: 'day_line',
      seller: trade.seller,
      day: group.day,
      assessment,
      hash: assessmentHash(assessment),
    });
  }
  if (change.event !== null) {
    group.crossings.push({
      acct: trade.seller,
      day: group.day,
      grossFen: change.event.grossFen,
      salesFen: change.event.salesFen,
      byTradeId: trade.tradeId,
      reassessed: change.event.reassessed.map(parseTradeId),
    });
  }
  return { assessment: change.assessment, assessmentHash: hash };
}

function addToDay(group: Group, acct: AccountId, grossFen: bigint, turnoverFen: bigint, isTaxable: boolean | null): void {
  const window = group.window(acct);
  window.grossFen += grossFen;
  window.turnoverFen += turnoverFen;
  if (isTaxable !== null) window.isTaxable = isTaxable;
  group.changedWindows.add(acct);
}

/** SM3 of the RFC 8785 document of what was assessed: pack, inputs, lines and totals; the trace follows from them. */
export function assessmentHash(assessment: Assessment): Bytes {
  return sm3(canonicalBytes(assessmentDocument(assessment)));
}

export function assessmentDocument(assessment: Assessment) {
  return {
    schema: 'daoju.assessment/1',
    packHash: assessment.packHash,
    input: inputDocument(assessment.input),
    lines: assessment.lines.map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
    salesFen: String(assessment.salesFen),
    feeFen: String(assessment.feeFen),
    royaltyFen: String(assessment.royaltyFen),
    gainFen: assessment.gainFen === null ? null : String(assessment.gainFen),
    taxTotalFen: String(assessment.taxTotalFen),
    sellerAfterAllFen: String(assessment.sellerAfterAllFen),
  };
}

/** The input as JSON; amounts are strings. `parseInputDocument` reads it back. */
export function inputDocument(input: AssessInput) {
  const text = (amount: bigint | null) => (amount === null ? null : String(amount));
  return {
    txType: input.txType,
    paidAt: Number(input.paidAt),
    grossFen: String(input.grossFen),
    feeBps: input.feeBps,
    royaltyBps: input.royaltyBps,
    feeFen: text(input.feeFen),
    royaltyFen: text(input.royaltyFen),
    basis:
      input.basis === null
        ? null
        : { mode: input.basis.mode, costFen: text(input.basis.costFen), source: input.basis.source, flags: [...input.basis.flags] },
    window:
      input.window.kind === 'total'
        ? { kind: 'total', totalFen: String(input.window.totalFen) }
        : { kind: 'frozen', isTaxable: input.window.isTaxable },
    place: input.place,
    vatStatus: input.vatStatus,
    flags: [...input.flags],
  };
}
export type InputDocument = ReturnType<typeof inputDocument>;

export function parseInputDocument(document: InputDocument): AssessInput {
  const amount = (value: string | null) => (value === null ? null : fen(BigInt(value)));
  const { basis, window } = document;
  return {
    txType: document.txType,
    paidAt: instant(document.paidAt),
    grossFen: fen(BigInt(document.grossFen)),
    feeBps: document.feeBps,
    royaltyBps: document.royaltyBps,
    feeFen: amount(document.feeFen),
    royaltyFen: amount(document.royaltyFen),
    basis: basis === null ? null : { mode: basis.mode, costFen: amount(basis.costFen), source: basis.source, flags: basis.flags },
    window:
      window.kind === 'total'
        ? { kind: 'total', totalFen: fen(BigInt(window.totalFen ?? '0')) }
        : { kind: 'frozen', isTaxable: window.isTaxable ?? false },
    place: document.place,
    vatStatus: document.vatStatus,
    flags: document.flags,
  };
}
