/** What a Trade only commits to: its private fields, opened to their readers in a sealed envelope (`ledger.md` 15). */
import type { SealedEnvelope } from '#ledger/node/envelope-vault.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import { inputText } from './assessment-document.ts';
import type { OrderRow, TradeRow } from './model.ts';
import { openedFields, payFields, paymentRefOf } from './pay-fields.ts';
import type { SettleGround } from './settle-trade.ts';
import { tradeEnvelope } from './trade-envelope.ts';

export type PaymentFacts = {
  readonly trade: Omit<TradeRow, 'items' | 'state' | 'priceFen' | 'quantity' | 'sellOrderId' | 'buyOrderId' | 'classId' | 'experimentId'>;
  readonly orders: { readonly sell: OrderRow; readonly buy: OrderRow };
  readonly assessment: Assessment;
  readonly assessmentHash: Bytes;
  readonly costBasisFen: bigint | null;
  readonly now: Instant;
};
export type SealedPayment = {
  readonly root: Bytes;
  readonly opened: ReturnType<typeof openedFields>;
  readonly envelope: SealedEnvelope;
};

export function sealPayment({ random, envelopes }: SettleGround, facts: PaymentFacts): SealedPayment {
  const { trade, assessment } = facts;
  const pay = payFields(
    {
      grossFen: trade.grossFen,
      feeFen: trade.feeFen,
      royaltyFen: trade.royaltyFen,
      taxLines: assessment.lines.map((line) => ({ id: line.id, amountFen: line.amountFen })),
      taxTotalFen: assessment.taxTotalFen,
      sellerNetFen: trade.netFen,
      costBasisFen: facts.costBasisFen,
      assessmentHash: facts.assessmentHash,
      paymentRef: paymentRefOf(trade.tradeId),
      sellerRef: trade.seller,
      buyerRef: trade.buyer,
      mechanism: trade.mechanism,
      orderedAt: BigInt(trade.orderedAt),
      assessmentInput: inputText(assessment.input),
    },
    random,
  );
  const [envelope] = envelopes.seal([tradeEnvelope(trade, facts.orders, pay.fields)], BigInt(facts.now));
  assert(envelope !== undefined, 'one envelope per trade');
  return { root: pay.root, opened: openedFields(pay.fields), envelope };
}
