/** Undoes a settlement: new postings that link the first, the tax lines reversed, everybody told. Who undoes it brings the item back: what the
 *  members refuse leaves no hop, a reversal by due process is a hop of its own. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { FEE, journalEntry, potOf } from '#server/journal/journal.ts';
import type { TradeState } from '#server/trpc/views.ts';
import { message, paymentMessage, playerRoom } from './messages.ts';
import type { MarketGround } from './open-market.ts';
import { reverseAssessment } from './reverse-assessment.repo.ts';
import { type DueTrade, entryOfTrade, moveTrades, returnItems } from './trade-clocks.repo.ts';

type Ground = { readonly outbox: Pick<MarketGround['outbox'], 'append'> };

/** The whole settlement out again, dated now (`ledger.md` 6.1): price, fee, royalty, item, tax lines. */
export async function reverseTrade(tx: Tx, ground: Ground, trade: DueTrade, now: Instant): Promise<void> {
  await returnItems(tx, trade);
  await reverseBooks(tx, ground, trade, { now, from: 'settled', reason: trade.refusedCode });
}

/** Money, tax lines, state and messages. The seller's proceeds still wait, so that nobody is overdrawn. */
export async function reverseBooks(
  tx: Tx,
  { outbox }: Ground,
  trade: DueTrade,
  { now, from, reason }: { readonly now: Instant; readonly from: TradeState; readonly reason: string | null },
): Promise<void> {
  const corrects = await entryOfTrade(tx, trade.tradeId);
  const entry = journalEntry('reversal', now, { tradeId: trade.tradeId, corrects }, [
    [potOf('available', trade.buyer), trade.grossFen],
    [potOf('coming', trade.seller), -trade.netFen],
    [FEE, -trade.feeFen],
    [potOf('royalty', trade.studioAcct), -trade.royaltyFen],
  ]);
  await saveEntries(tx, [entry]);
  const corrected = await reverseAssessment(tx, trade, now);
  await moveTrades(tx, [trade], { state: 'reversed', reason, at: now });
  await outbox.append(tx, [
    ...corrected,
    message('sup:market', 'mkt.trade.corrected', now, { tradeId: trade.tradeId, to: 'reversed', reason }),
    paymentMessage(entry),
    ...[trade.seller, trade.buyer].map((acct) =>
      message(playerRoom(acct), 'trade.updated', now, { id: trade.tradeId, from, to: 'reversed', reason }),
    ),
  ]);
}
