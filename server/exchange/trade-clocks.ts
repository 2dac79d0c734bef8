/** The clocks of orders and trades (product P-30): publicity ends, members certify or refuse, protection ends and money is paid out,
 *  orders run out. Each turn reads what is due from tables, so a restart forgets nothing and a late turn only does more at once. */
import { RECORD } from '#ledger/codec/leaves.ts';
import type { SerialLock } from '#ledger/node/serial-lock.ts';
import { accountIdOf, type OrderId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { listOpenOfCooling } from '#server/compliance/cool-downs.repo.ts';
import { fundShares } from '#server/guarantee/guarantee.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { keepReserves, payoutEntries } from '#server/reserves/keep-reserves.ts';
import { findActivePack } from './active-pack.ts';
import { listOpenOfAffiliates } from './affiliates.repo.ts';
import { leaveBook } from './execute-cancel.ts';
import { listRestingOrders } from './experiments.repo.ts';
import { listOpenOfHalt } from './halts.repo.ts';
import { mayBuyBack } from './may-buy-back.ts';
import { message, paymentMessage, playerRoom } from './messages.ts';
import { type Observers, tellCertified } from './observers.ts';
import { listEndedOffers } from './offers/offers.repo.ts';
import type { MarketGround } from './open-market.ts';
import { endOrder } from './order-changes.ts';
import type { Pipeline } from './pipeline.ts';
import type { ExchangeGround } from './placement.ts';
import { followRefused } from './refused-trades.ts';
import { listExpired, listOpenOfStudios, listRenumbered } from './rows.repo.ts';
import { listPayouts, markCertified, moveTrades } from './trade-clocks.repo.ts';
import { listVoid, type OutsideActs } from './void-orders.ts';
import { endPublicity, settlePurchases } from './waiting-trades.ts';

const AT_ONCE = 200;

export type Clocks = {
  readonly ground: MarketGround;
  readonly pipeline: Pipeline;
  readonly exchange: ExchangeGround;
  /** A block and the clock may ask at once; two updates of the same trades in different orders would lock each other out. */
  readonly following: SerialLock;
  /** Who ends a trade that waits for publicity asks which and ends it before anybody else asks: the clock, or whose objection is upheld. */
  readonly waiting: SerialLock;
  readonly observers: Observers;
  /** Whether orders may name items by numbers that are not theirs: after a block that moved some, and at a start. */
  readonly renumbered: { isDue: boolean };
  readonly outside: OutsideActs;
};

export async function turnTradeClocks(clocks: Clocks): Promise<void> {
  const now = clocks.ground.clock.now();
  await followMembers(clocks, now);
  await endPublicity(clocks, now);
  await settlePurchases(clocks, now);
  await payOut(clocks, now);
  await endOffers(clocks, now);
  await expireOrders(clocks, now);
  await closeSunset(clocks);
  await closeAffiliates(clocks, now);
  await endOrders(clocks, await listOpenOfCooling(clocks.ground.sql, now, AT_ONCE), 'canceled', 'cool_down');
  await closeHalted(clocks, now);
  await closeRenumbered(clocks);
  await closeVoid(clocks);
}

/** Certified trades go on, refused ones are tried again or undone. */
export function followMembers(clocks: Clocks, now: Instant): Promise<void> {
  return clocks.following.run(async () => {
    await followCertified(clocks, now);
    await followRefused(clocks, now);
  });
}

async function followCertified({ ground, observers }: Clocks, now: Instant): Promise<void> {
  const { sql, outbox } = ground;
  const { certified } = await sql.begin(async (tx) => {
    const certified = await markCertified(tx, now);
    await outbox.append(
      tx,
      certified.flatMap((trade) =>
        [trade.seller, trade.buyer].map((acct) =>
          message(playerRoom(acct), 'trade.updated', now, { id: trade.tradeId, from: 'settled', to: 'protected', reason: null }),
        ),
      ),
    );
    return { certified };
  });
  tellCertified(observers, certified, now);
}

async function payOut({ ground, exchange, observers }: Clocks, now: Instant): Promise<void> {
  const { sql, ledger, outbox } = ground;
  const paid = await ledger.runGroup(() =>
    sql.begin(async (tx) => {
      const due = await listPayouts(tx, now, AT_ONCE);
      if (due.length === 0) return { due };
      const kept = await keepReserves(tx, exchange.experiments, due, now);
      const entries = due.flatMap((trade) => payoutEntries(trade, kept.bySale.get(trade.tradeId) ?? 0n, now));
      const booked = [...entries, ...fundShares(due, now)];
      await saveEntries(tx, booked);
      await moveTrades(tx, due, { state: 'paid_out', reason: null, at: now });
      await outbox.append(tx, [
        ...booked.map(paymentMessage),
        ...kept.messages,
        ...due.flatMap((trade) =>
          [trade.seller, trade.buyer].map((acct) =>
            message(playerRoom(acct), 'trade.updated', now, { id: trade.tradeId, from: 'protected', to: 'paid_out', reason: null }),
          ),
        ),
      ]);
      return { due };
    }),
  );
  observers.tell((observer) => observer.tradesReached('paid_out', paid.due.length));
  for (const { experimentId, tradeId } of paid.due) if (experimentId !== null) exchange.experiments.find(experimentId)?.caps.close(tradeId);
}

/** A studio has announced its end: what is listed or wanted of its kinds ends, and what was held for it is free. Trades run out. What is
 *  offered after the end is its owners' own. */
async function closeSunset(clocks: Clocks): Promise<void> {
  const { ledger, sql } = clocks.ground;
  const studios = ledger.pending.recordsOfKind(RECORD.sunset).map(({ key, a }) => ({ acct: accountIdOf(key), endsAt: Number(a) }));
  if (studios.length > 0) await endOrders(clocks, await listOpenOfStudios(sql, studios, AT_ONCE), 'canceled', 'studio_sunset');
}

/** A studio has declared somebody its affiliate: what he has on offer or wants of its kinds ends, unless the pack lets issuers buy back.
 *  What two people have agreed on runs out. */
async function closeAffiliates(clocks: Clocks, now: Instant): Promise<void> {
  const pack = findActivePack(clocks.ground.ledger.pending, now)?.pack ?? null;
  const mayBuy = pack !== null && mayBuyBack(pack);
  const orderIds = await listOpenOfAffiliates(clocks.ground.sql, mayBuy ? ['sell'] : ['sell', 'buy'], AT_ONCE);
  await endOrders(clocks, orderIds, 'canceled', 'issuer_refused');
}

/** A halt that ends what is open: nothing trades meanwhile, and what was held is free. */
async function closeHalted(clocks: Clocks, now: Instant): Promise<void> {
  for (const halt of clocks.exchange.halts.inForce(now)) {
    if (halt.openOrders === 'cancel')
      await endOrders(clocks, await listOpenOfHalt(clocks.ground.sql, halt, AT_ONCE), 'canceled', 'market_halted');
  }
}

/** The members decided otherwise than was told, and the Item has another number now: what its owner signed names something else. */
async function closeRenumbered(clocks: Clocks): Promise<void> {
  if (!clocks.renumbered.isDue) return;
  clocks.renumbered.isDue = false;
  const orderIds = await listRenumbered(clocks.ground.sql, AT_ONCE);
  clocks.renumbered.isDue = orderIds.length === AT_ONCE;
  await endOrders(clocks, orderIds, 'canceled', 'version_conflict');
}

/** An owner has sent away what he offers, a judgement has moved it, a key was replaced: what was signed holds no more. */
async function closeVoid(clocks: Clocks): Promise<void> {
  const { sql, ledger } = clocks.ground;
  const { voided, done } = await listVoid(sql, clocks.outside, ledger.pending, AT_ONCE);
  for (const { orderIds, reason } of voided) await endOrders(clocks, orderIds, 'canceled', reason);
  done();
}

async function expireOrders(clocks: Clocks, now: Instant): Promise<void> {
  const orderIds = await listExpired(clocks.ground.sql, new Date(now), AT_ONCE);
  await endOrders(clocks, orderIds, 'expired', 'order_expired');
}

/** Steps whose hours are over, and those whose item has moved or is no longer for sale: the thread ends, and its money is free. One reader
 *  sees every way in which an item moves; meanwhile an acceptance is refused for the item's own sake. */
async function endOffers(clocks: Clocks, now: Instant): Promise<void> {
  const due = await listEndedOffers(clocks.ground.sql, now, AT_ONCE);
  for (const reason of ['order_expired', 'item_moved', 'listing_ended'] as const) {
    const orderIds = due.filter((each) => each.reason === reason).map(({ orderId }) => orderId);
    await endOrders(clocks, orderIds, reason === 'order_expired' ? 'expired' : 'canceled', reason);
  }
}

export async function endExperimentOrders(clocks: Clocks, experimentId: string): Promise<void> {
  await endOrders(clocks, await listRestingOrders(clocks.ground.sql, experimentId), 'canceled', 'experiment_ended');
}

export async function endOrders(
  { pipeline }: Clocks,
  orderIds: readonly OrderId[],
  state: 'canceled' | 'expired',
  reason: string,
): Promise<void> {
  if (orderIds.length === 0) return;
  await pipeline.job({
    kind: 'job',
    orderIds,
    classIds: [],
    run: (group, exchange) => {
      for (const orderId of orderIds) {
        const order = group.loaded.orders.get(orderId);
        if (order === undefined || order.endedAt !== null || group.loaded.reservations.has(orderId)) continue;
        leaveBook(exchange, order);
        endOrder(group, order, state, reason);
      }
    },
  });
}
