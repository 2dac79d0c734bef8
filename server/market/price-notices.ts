/** Tells those who wait for a price when a listing comes at it (product P-11). After the commit and beside the market's one line: a notice says
 *  only *look again*, and a page without it still asks now and then. */
import type { OrderId } from '#ledger/primitives/ids.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { OrderRow } from '#server/settlement/model.ts';
import { listReached } from './watched.repo.ts';

export interface PriceNotices {
  follow(newOrders: readonly OrderRow[]): void;
  /** What has been committed is told when this resolves. */
  settled(): Promise<void>;
}

export function createPriceNotices(ground: {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly outbox: Pick<Outbox, 'append'>;
}): PriceNotices {
  const { sql, clock, log, outbox } = ground;
  let fresh: OrderId[] = [];
  let running: Promise<void> | null = null;

  /** What comes while one group is told is the next one. */
  async function run(): Promise<void> {
    while (fresh.length > 0) {
      const orderIds = fresh;
      fresh = [];
      await tell(orderIds).catch((error: unknown) =>
        log.error({ error }, "couldn't tell who waits for a price; their pages ask by themselves"),
      );
    }
    running = null;
  }

  async function tell(orderIds: readonly OrderId[]): Promise<void> {
    const reached = await listReached(sql, orderIds);
    if (reached.length === 0) return;
    const at = clock.now();
    const messages = reached.map(({ acct, classId, priceFen }) =>
      noticeTo(acct, 'price_reached', at, { classId, priceFen, link: `/c/${classId}` }),
    );
    await sql.begin((tx) => outbox.append(tx, messages));
  }

  return {
    follow: (newOrders) => {
      for (const { orderId, intent, quote } of newOrders) {
        if (intent === 'listing' && (quote.document.namedBuyer ?? null) === null) fresh.push(orderId);
      }
      if (fresh.length > 0) running ??= run();
    },
    settled: async () => {
      while (running !== null) await running;
    },
  };
}
