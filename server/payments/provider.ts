/** What we ask of a licensed payment institution. The same code runs against a real one; the platform never holds the money. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Tx } from '#server/db.ts';

export type TransferOrder = { readonly transferId: string; readonly acct: AccountId; readonly amountFen: bigint };
/** Comes late, twice or out of order. `eventId` is the institution's own and the same on repetition. */
export type ProviderEvent = {
  readonly eventId: string;
  readonly transferId: string;
  readonly providerRef: string;
  readonly outcome: 'processing' | 'paid' | 'failed';
  readonly reason: string | null;
};
export type ProviderBalance = { readonly ref: string; readonly pot: string; readonly amountFen: bigint };

export interface PaymentProvider {
  readonly name: string;
  readonly isSimulated: boolean;
  /** Accepted durably within the caller's database transaction, not moved. Idempotent by `transferId`. */
  requestPayIn(tx: Tx, order: TransferOrder): Promise<void>;
  requestPayOut(tx: Tx, order: TransferOrder): Promise<void>;
  /** Money that came after we had given up on it goes back where it came from. */
  requestRefund(tx: Tx, order: TransferOrder): Promise<void>;
  /** The institution's own figure for one person, by pot. */
  balances(ref: string): Promise<readonly ProviderBalance[]>;
}
