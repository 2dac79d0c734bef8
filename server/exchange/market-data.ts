/** Trades of single kinds after a commit: not kept, numbered by the feed. Their books are `market/depth-books.ts`. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { Group } from '#server/settlement/group.ts';
import { classRoom, message } from './messages.ts';
import type { SettledTx } from './save-trades.repo.ts';

export function tapeMessages({ now }: Pick<Group, 'now'>, settled: readonly SettledTx[]): readonly NewMessage[] {
  return settled.map(({ settled: { trade } }) =>
    message(classRoom(trade.classId), 'tape.trade', now, {
      classId: trade.classId,
      tradeId: trade.tradeId,
      priceFen: String(trade.priceFen),
      quantity: trade.quantity,
      at: toIso(now),
      mechanism: trade.mechanism,
    }),
  );
}
