/** What a reversal gives back, committed on the ledger and opened to the parties (`ledger.md` 15.1, set 1). The tax lines are those of the
 *  day of the refund and stand in the assessment. */

import type { DueTrade } from '#server/exchange/trade-clocks.repo.ts';
import type { Random } from '#server/random.ts';
import { openedFields, payFields } from '#server/settlement/pay-fields.ts';

export function reversalPay(trade: DueTrade, random: Random) {
  const { fields, root } = payFields(
    {
      grossFen: trade.grossFen,
      feeFen: trade.feeFen,
      royaltyFen: trade.royaltyFen,
      taxLines: [],
      taxTotalFen: 0n,
      sellerNetFen: trade.netFen,
      costBasisFen: null,
      assessmentHash: new Uint8Array(32),
      paymentRef: `reversal-${trade.tradeId}`,
      sellerRef: trade.seller,
      buyerRef: trade.buyer,
      mechanism: trade.mechanism,
      orderedAt: BigInt(trade.orderedAt),
      assessmentInput: '{}',
    },
    random,
  );
  return { opened: openedFields(fields), root };
}
