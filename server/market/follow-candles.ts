/** Keeps the candles up with the trades and tells those who look at a kind which bucket changed. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { followTrades } from './candle-buckets.repo.ts';

export type CandleGround = {
  readonly sql: Sql;
  now(): Instant;
  publish(messages: readonly NewMessage[]): void;
};

/** Until the end of the feed; two of them at once wait for each other at the cursor. */
export async function followCandles({ sql, now, publish }: CandleGround): Promise<void> {
  for (;;) {
    const at = now();
    const { touched, isDone } = await followTrades(sql, at);
    publish(touched.map(({ classId, start, revision }) => candleUpdated(classId, at, { bucket: start, revision })));
    if (isDone) return;
  }
}

function candleUpdated(classId: ClassId, at: Instant, body: { readonly bucket: string; readonly revision: number }): NewMessage {
  return { room: `class:${classId}`, type: 'candle.updated', at, body: { classId, ...body } };
}
