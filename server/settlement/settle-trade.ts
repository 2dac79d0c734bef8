/** Delivery versus payment of one trade, on the working set: money, item, cost lot, assessment and the body of its LedgerTx come into
 *  being together or not at all. The database transaction and the ledger's answer decide for the whole group. */
import { decodeSignedOrder } from '#ledger/codec/order.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import type { EnvelopeVault } from '#ledger/node/envelope-vault.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { idBytes, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { heldUntil } from '#sandbox/decisions/payout-hold.ts';
import { payoutAt } from '#sandbox/decisions/quote-terms.ts';
import { FEE, journalEntry, potOf } from '#server/journal/journal.ts';
import type { Random } from '#server/random.ts';
import type { Mechanism } from '#server/trpc/views.ts';
import { amountsOf, pieceOf } from './amounts.ts';
import { assessSale, sellerBasis } from './assess-sale.ts';
import type { Group, SettledWrite } from './group.ts';
import { holdSale } from './hold-payout.ts';
import type { ItemRow, OrderRow, TradeRow } from './model.ts';
import { sealPayment } from './seal-payment.ts';
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
  /** Of that experiment: they stand in the assessment and in every record of the trade. */
  readonly flags: readonly string[];
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
export function settleTrade(group: Group, ground: SettleGround, plan: TradePlan): SettledWrite {
  const trade = tradeOf(plan, 'settled');
  assert(isWanted(plan.buy, group.classOf(plan.sell.classId)), 'a buyer gets what the signed terms ask for');
  const basis = sellerBasis(group.pack, plan.items);
  const resale = holdSale(group, trade.tradeId, { ...trade, items: plan.items, unitPriceFen: plan.unitPriceFen });
  moveMoney(group, plan, trade);
  const { assessment, assessmentHash } = assessSale(group, plan, trade, basis);
  const costs = moveItems(group, plan, trade);
  const terms = group.classOf(plan.sell.classId);
  const payment = sealPayment(ground, {
    trade,
    orders: plan,
    assessment,
    assessmentHash,
    costBasisFen: basis.costFen,
    now: group.now,
  });
  const protectMs = terms.protectionHours * HOUR_MS;
  const settled: SettledWrite = {
    trade,
    isNew: plan.isNew,
    body: {
      ...txWindow(ground, group.now),
      op: {
        kind: 'trade',
        tradeId: idBytes(trade.tradeId),
        sell: decodeSignedOrder(plan.sell.signedOrder),
        buy: decodeSignedOrder(plan.buy.signedOrder),
        items: plan.items.map((item) => item.serial).sort((a, b) => (a < b ? -1 : 1)),
        pay: payment.root,
        env: payment.envelope.hash,
        rulePack: group.packHash,
        protectMs,
        experiment: plan.experimentId === null ? null : recordKey.experiment(plan.experimentId),
      },
    },
    payoutAt: heldUntil(payoutAt(group.pack, group.now, terms.protectionHours), resale.hold),
    payoutHold: resale.hold?.code ?? null,
    quickItems: resale.quick,
    transferableFrom: instant(group.now + protectMs),
    pay: payment.opened,
    envelope: payment.envelope,
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

/** Chain, salt and window of a LedgerTx of ours. */
export function txWindow({ chain, random }: Pick<SettleGround, 'chain' | 'random'>, now: Instant): Omit<TxBody, 'op'> {
  return { chain, salt: random.bytes(16), notBefore: BigInt(now - TX_EARLY_MS), notAfter: BigInt(now + TX_WINDOW_MS) };
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
