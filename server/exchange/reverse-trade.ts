/** Undoes a settlement that the members refuse: new postings that link the first, the item back, the tax lines reversed. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { FEE, journalEntry, potOf } from '#server/journal/journal.ts';
import { message, paymentMessage, playerRoom } from './messages.ts';
import type { MarketGround } from './open-market.ts';
import { reverseAssessment } from './reverse-assessment.repo.ts';
import { type DueTrade, entryOfTrade, moveTrades, returnItems } from './trade-clocks.repo.ts';

/** The whole settlement out again, dated now (`ledger.md` 6.1): price, fee, royalty, item, tax lines. */
export async function reverseTrade(tx: Tx, { outbox }: Pick<MarketGround, 'outbox'>, trade: DueTrade, now: Instant): Promise<void> {
  const corrects = await entryOfTrade(tx, trade.tradeId);
  const entry = journalEntry('reversal', now, { tradeId: trade.tradeId, corrects }, [
    [potOf('available', trade.buyer), trade.grossFen],
    [potOf('coming', trade.seller), -trade.netFen],
    [FEE, -trade.feeFen],
    [potOf('royalty', trade.studioAcct), -trade.royaltyFen],
  ]);
  await saveEntries(tx, [entry]);
  await returnItems(tx, trade);
  const corrected = await reverseAssessment(tx, trade, now);
  await moveTrades(tx, [trade], { state: 'reversed', reason: trade.refusedCode, at: now });
  await outbox.append(tx, [
    ...corrected,
    message('sup:market', 'mkt.trade.corrected', now, { tradeId: trade.tradeId, to: 'reversed', reason: trade.refusedCode }),
    paymentMessage(entry),
    ...[trade.seller, trade.buyer].map((acct) =>
      message(playerRoom(acct), 'trade.updated', now, { id: trade.tradeId, from: 'settled', to: 'reversed', reason: trade.refusedCode }),
    ),
  ]);
}
