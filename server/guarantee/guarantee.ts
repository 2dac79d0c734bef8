/**
 * The guarantee fund (product P-35). Two per cent of every platform fee go to it on the day on which the fee is final, that is when the trade is
 * paid out: nothing is ever taken back from the fund. It pays a good-faith buyer who loses an item by decision the price paid, up to
 * 50,000.00 yuan, in the order of the decisions and as far as it goes; what is still owed waits in that order.
 */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { message, paymentMessage, playerRoom } from '#server/exchange/messages.ts';
import type { DueTrade } from '#server/exchange/trade-clocks.repo.ts';
import { listBalances, saveEntries } from '#server/journal/journal.repo.ts';
import { FEE, GUARANTEE, type JournalEntry, potOf, transferEntry } from '#server/journal/journal.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { shareOf } from '#server/settlement/amounts.ts';
import { insertPayment, listOwed } from './guarantee.repo.ts';

/** Product 1.6. */
export const FUND_SHARE_BPS = 200;
export const GUARANTEE_MAX_FEN = 5_000_000n;
/** So many awards a turn; the next one goes on. */
const AT_ONCE = 100;

type Ground = { readonly sql: Sql; readonly clock: Clock; readonly outbox: Pick<Outbox, 'append'> };

/** Of trades that are paid out now. */
export function fundShares(due: readonly DueTrade[], now: Instant): readonly JournalEntry[] {
  return due.flatMap(({ tradeId, feeFen }) => {
    const amountFen = shareOf(feeFen, FUND_SHARE_BPS);
    return amountFen === 0n ? [] : [transferEntry('fund_share', now, { tradeId }, { from: FEE, to: GUARANTEE, amountFen })];
  });
}

/** In the one writer's turn: what the fund has now, to whom it has owed longest. @returns how many payments were made */
export async function payOwed(tx: Tx, { clock, outbox }: Pick<Ground, 'clock' | 'outbox'>): Promise<number> {
  const owed = await listOwed(tx, AT_ONCE);
  if (owed.length === 0) return 0;
  let left = (await listBalances(tx, [GUARANTEE])).get(GUARANTEE) ?? 0n;
  const at = clock.now();
  let payments = 0;
  for (const { awardId, acct, tradeId, leftFen } of owed) {
    if (left === 0n) break;
    const fen = leftFen < left ? leftFen : left;
    left -= fen;
    payments += 1;
    const entry = transferEntry('guarantee', at, { tradeId }, { from: GUARANTEE, to: potOf('available', acct), amountFen: fen });
    const entryId = await saveEntries(tx, [entry]);
    await insertPayment(tx, { entryId, awardId, fen, at });
    await outbox.append(tx, [
      paymentMessage(entry),
      message(playerRoom(acct), 'money.updated', at, { kinds: ['guarantee'] }),
      noticeTo(acct, 'guarantee_paid', at, { tradeId, amountFen: String(fen), link: `/trades/${tradeId}` }),
    ]);
  }
  return payments;
}

/** What waits is paid when shares have come in. */
export async function turnGuarantee(
  ground: Ground & { readonly ledger: { runGroup<T>(work: () => Promise<T>): Promise<T> } },
): Promise<number> {
  // Asked without the writer's turn first: nearly always nobody waits.
  if ((await listOwed(ground.sql, 1)).length === 0) return 0;
  const { paid } = await ground.ledger.runGroup(() => ground.sql.begin(async (tx) => ({ paid: await payOwed(tx, ground) })));
  return paid;
}
