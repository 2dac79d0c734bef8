/** Trades that both sides have signed and that wait: for the end of publicity, or for a payment from outside. Each ends settled or failed. */
import { assert } from '#ledger/primitives/assert.ts';
import { parseClassId, parseItemId, type TradeId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { potOf, transferEntry } from '#server/journal/journal.ts';
import type { Group } from '#server/settlement/group.ts';
import type { OrderRow, Reservation } from '#server/settlement/model.ts';
import { settleTrade, type TradePlan } from '#server/settlement/settle-trade.ts';
import type { ExchangeCode } from './codes.ts';
import { experimentOfTrade, findTesting } from './inside.ts';
import { settle } from './order-changes.ts';
import type { ExchangeGround } from './placement.ts';
import { refuseAccount, refuseItem } from './refuse-items.ts';
import { listRipeReservations } from './reservations.repo.ts';
import { failReservation, ordersOf } from './reserve-listing.ts';
import { type DueTrade, listDueTrades, listPublicityOver } from './trade-clocks.repo.ts';
import type { Clocks } from './trade-clocks.ts';

const AT_ONCE = 200;

/** Refusals that end by themselves: the trade goes on waiting and is tried again at the next turn. */
const PASSING: readonly (ExchangeCode | null)[] = ['finality_late', 'pack_inactive'];

const isWaiting = (group: Group, refused: ExchangeCode | null): boolean => group.isFinalityLate || PASSING.includes(refused);

/** What two people have agreed waits for the end of a halt, and until the books agree about it. */
function isHalted(group: Group, exchange: ExchangeGround, due: DueTrade): boolean {
  const kind = group.loaded.classes.get(parseClassId(due.classId));
  if (exchange.broken.of([due.seller, due.buyer], due.itemIds.map(parseItemId)) !== null) return true;
  return kind !== undefined && exchange.halts.of(kind, group.now) !== null;
}

export function endPublicity({ ground, pipeline, waiting }: Clocks, now: Instant): Promise<void> {
  return waiting.run(async () => {
    for (const due of await listPublicityOver(ground.sql, now, AT_ONCE)) {
      await pipeline.job({
        kind: 'job',
        orderIds: [due.sellOrderId, due.buyOrderId],
        classIds: [parseClassId(due.classId)],
        run: (group, exchange, refused) => settleWaiting(group, exchange, due, refused),
      });
    }
  });
}

export function failPublicity({ ground, pipeline, waiting }: Clocks, tradeId: TradeId, reason: string): Promise<void> {
  return waiting.run(async () => {
    const [due] = await listDueTrades(ground.sql, [tradeId]);
    if (due?.state !== 'publicity') return;
    await pipeline.job({
      kind: 'job',
      orderIds: [due.sellOrderId, due.buyOrderId],
      classIds: [parseClassId(due.classId)],
      run: (group, exchange) => {
        const [sell, buy] = [group.loaded.orders.get(due.sellOrderId), group.loaded.orders.get(due.buyOrderId)];
        assert(sell !== undefined && buy !== undefined, 'a trade has its two orders');
        failWaiting(group, exchange, due, { sell, buy, fault: reason });
      },
    });
  });
}

/** Payments that have come, were declined or are overdue. What is asked here is asked again in the writer's turn. */
export async function settlePurchases({ ground, pipeline }: Clocks, now: Instant): Promise<void> {
  const ripe = await listRipeReservations(ground.sql, now, AT_ONCE);
  const trades = await listDueTrades(
    ground.sql,
    ripe.map(({ tradeId }) => tradeId),
  );
  for (const due of trades) {
    await pipeline.job({
      kind: 'job',
      orderIds: [due.sellOrderId, due.buyOrderId],
      classIds: [parseClassId(due.classId)],
      run: (group, exchange, refused) => settlePurchase(group, exchange, due, refused),
    });
  }
}

function settlePurchase(group: Group, exchange: ExchangeGround, due: DueTrade, refused: ExchangeCode | null): void {
  const reservation = group.loaded.reservations.get(due.buyOrderId);
  if (reservation === undefined || reservation.tradeId !== due.tradeId) return;
  // A reservation without a payment ends whether or not the members are late.
  if (reservation.payment === 'paid' && (isWaiting(group, refused) || isHalted(group, exchange, due))) return;
  const reason = unpaidReason(reservation, group.now) ?? refused;
  if (reservation.payment === 'outstanding' && reason === null) return;
  const [sell, buy] = ordersOf(group, reservation);
  const fault = reason ?? faultOf(group, sell, due) ?? refuseAccount(group.pending, buy.acct, BigInt(group.now));
  if (fault !== null) {
    failReservation(group, exchange, reservation, fault);
    return;
  }
  settle(group, exchange, { ...planOf(group, due, sell, buy), ...experimentOfTrade(exchange.experiments, sell, buy) });
}

function unpaidReason({ payment, reason, until }: Reservation, now: Instant): string | null {
  if (payment === 'failed') return reason === null || reason === 'timeout' ? 'payment_missing' : reason;
  return payment === 'outstanding' && until <= now ? 'payment_missing' : null;
}

function settleWaiting(group: Group, exchange: ExchangeGround, due: DueTrade, refused: ExchangeCode | null): void {
  if (isWaiting(group, refused) || isHalted(group, exchange, due)) return;
  const sell = group.loaded.orders.get(due.sellOrderId);
  const buy = group.loaded.orders.get(due.buyOrderId);
  assert(sell !== undefined && buy !== undefined, 'a trade has its two orders');
  const fault = refused ?? faultOf(group, sell, due);
  if (fault !== null) failWaiting(group, exchange, due, { sell, buy, fault });
  else settleTrade(group, exchange, { ...planOf(group, due, sell, buy), ...stillTested(exchange, due) });
}

/** What was agreed inside an experiment that tests no more is settled under the old rules, and counts for no cap. */
function stillTested({ experiments }: ExchangeGround, { experimentId, tradeId }: DueTrade): Pick<TradePlan, 'experimentId' | 'flags'> {
  const tested = experimentId === null ? null : findTesting(experiments, experimentId);
  if (tested !== null) return tested;
  if (experimentId !== null) experiments.find(experimentId)?.caps.refund(tradeId);
  return { experimentId: null, flags: [] };
}

function planOf(group: Group, due: DueTrade, sell: OrderRow, buy: OrderRow): Omit<TradePlan, 'experimentId' | 'flags'> {
  const wanted = new Set(due.itemIds);
  return {
    tradeId: due.tradeId,
    sell,
    buy,
    items: sell.items.filter((item) => wanted.has(item.itemId)).map((item) => group.itemOf(item)),
    unitPriceFen: due.priceFen,
    mechanism: due.mechanism,
    orderedAt: due.orderedAt,
    payFrom: 'held',
    isNew: false,
  };
}

function faultOf(group: Group, sell: OrderRow, due: DueTrade): string | null {
  if (sell.items.filter((item) => due.itemIds.includes(item.itemId)).length !== due.itemIds.length) return 'item_unknown';
  // Members compare with the terms at the settlement: what was agreed before resale closed and settles after is not endorsed.
  const { isResalable, studioAcct } = group.classOf(parseClassId(due.classId));
  if (!isResalable && sell.acct !== studioAcct) return 'not_resalable';
  for (const item of sell.items) {
    const code = refuseItem(group.pending, item, sell.acct, BigInt(group.now));
    if (code !== null) return code;
  }
  return null;
}

function failWaiting(
  group: Group,
  { experiments }: ExchangeGround,
  due: DueTrade,
  { sell, buy, fault }: { readonly sell: OrderRow; readonly buy: OrderRow; readonly fault: string },
): void {
  if (due.experimentId !== null) experiments.find(due.experimentId)?.caps.refund(due.tradeId);
  for (const itemId of due.itemIds) {
    const item = sell.items.find((held) => held.itemId === itemId);
    if (item !== undefined) group.endedItemHolds.push({ orderId: sell.orderId, itemId: item.itemId, state: 'released' });
  }
  sell.items = sell.items.filter((item) => !due.itemIds.includes(item.itemId));
  buy.holdLeftFen -= due.grossFen;
  assert(buy.holdLeftFen >= 0n, 'the money of a waiting trade is still held');
  group.heldOrders.add(buy);
  group.entries.push(
    transferEntry(
      'release',
      group.now,
      { orderId: buy.orderId, tradeId: due.tradeId },
      { from: potOf('held', buy.acct), to: potOf('available', buy.acct), amountFen: due.grossFen },
    ),
  );
  group.failed.push({ trade: { tradeId: due.tradeId, seller: due.seller, buyer: due.buyer }, from: 'publicity', reason: fault });
}
