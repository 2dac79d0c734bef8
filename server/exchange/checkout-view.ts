/** A payment order of the simulated institution as its page shows it. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { CheckoutRow } from '#server/payments/checkout.repo.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import type { CheckoutView } from '#server/trpc/views.ts';

export function checkoutView(row: CheckoutRow, { isSimulated }: Pick<PaymentProvider, 'isSimulated'>): CheckoutView {
  return {
    checkoutId: row.referenceId,
    tradeId: row.purpose,
    amountFen: String(row.amountFen),
    state: row.state,
    // Until the bank has answered nobody knows its answer.
    reason: row.state === 'failed' ? row.reason : null,
    expiresAt: toIso(row.expiresAt),
    isSimulated,
  };
}
