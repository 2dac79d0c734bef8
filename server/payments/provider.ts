/**
 * What we ask of a licensed payment institution, as one would offer it: every request has our reference and is accepted once however
 * often it is sent, the outcome comes later as an event, perhaps twice and perhaps out of order. The platform never holds the money
 * (rulebook CN-PAY-01, CN-PAY-02): it sends split instructions and keeps books of whose it is.
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';

export type TransferOrder = { readonly referenceId: string; readonly acct: AccountId; readonly amountFen: bigint };

/** What a buyer pays on the institution's own page until `expiresAt`. `purpose` is what the page says it is for. */
export type CheckoutOrder = TransferOrder & { readonly purpose: string; readonly expiresAt: Instant };

export const PROVIDER_OUTCOMES = ['processing', 'paid', 'failed', 'refunded'] as const;
export type ProviderOutcome = (typeof PROVIDER_OUTCOMES)[number];
/** `eventId` is the institution's own and the same on every repetition. It is delivered until the receiver has answered. */
export type ProviderEvent = {
  readonly eventId: string;
  readonly referenceId: string;
  readonly providerRef: string;
  readonly outcome: ProviderOutcome;
  readonly reason: string | null;
};

/** `tax`: the customer's own sub-account for taxes; it is theirs, and cannot be spent or paid out while it lies there. */
export const PROVIDER_POTS = ['free', 'held', 'pending', 'leaving', 'tax', 'bank'] as const;
export type ProviderPot = (typeof PROVIDER_POTS)[number];
export type ProviderBalance = { readonly ref: string; readonly pot: ProviderPot; readonly amountFen: bigint };

/** Hold, split, capture or refund: moves money between customers' accounts at the institution. The movements sum to zero. */
export type Instruction = {
  readonly instructionId: bigint;
  readonly kind: string;
  readonly at: Instant;
  readonly movements: readonly ProviderBalance[];
};

export type ProviderTransfer = {
  readonly referenceId: string;
  readonly kind: 'pay_in' | 'pay_out' | 'refund' | 'checkout';
  readonly state: 'open' | 'accepted' | 'done' | 'failed';
  readonly amountFen: bigint;
};
/** All of one moment. */
export type ProviderBooks = {
  /** The last instruction that was followed. */
  readonly executedTo: bigint;
  readonly accounts: readonly ProviderBalance[];
  readonly transfers: readonly ProviderTransfer[];
};
export type StatementLine = {
  readonly number: bigint;
  readonly at: Instant;
  readonly kind: string;
  /** `instruction/{id}`, or the kind of transfer and our reference. */
  readonly source: string;
  readonly ref: string;
  readonly pot: ProviderPot;
  readonly amountFen: bigint;
};

export interface PaymentProvider {
  readonly name: string;
  readonly isSimulated: boolean;
  /** Durable when it resolves; not moved yet. */
  createDeposit(order: TransferOrder): Promise<void>;
  /** Opens a payment order for a purchase; the buyer pays it there, or nobody does. */
  createCheckout(order: CheckoutOrder): Promise<void>;
  requestPayout(order: TransferOrder): Promise<void>;
  /** Sends back what came in under `referenceId` after we had given up on it. */
  requestRefund(order: TransferOrder): Promise<void>;
  /** Ascending ids. Executed when it resolves; ids that were executed before are passed over. */
  execute(instructions: readonly Instruction[]): Promise<void>;
  /** The institution's own figure for one customer, by pot. */
  balances(ref: string): Promise<readonly ProviderBalance[]>;
  /** Every balance, and the state of the named transfers with their refunds. */
  books(referenceIds: readonly string[]): Promise<ProviderBooks>;
  /** Every line of one Beijing date, in the order of the books. */
  statement(day: string): Promise<readonly StatementLine[]>;
}
