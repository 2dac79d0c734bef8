/** Refusals of "My data" (product P-46): kind for the transport, and the sentence that says what to do next. */
import type { RefusalKind } from '#server/refusal.ts';
import type { CloseObstacle } from '#server/trpc/views.ts';

type Refused = { readonly kind: RefusalKind; readonly message: string };
export const CLOSE_REFUSALS = {
  account_published: { kind: 'forbidden', message: 'The published accounts of the demonstration belong to everybody and are not closed.' },
  account_restricted: { kind: 'forbidden', message: 'A restriction is in force. The account can be closed when it has ended.' },
  account_claims_open: { kind: 'conflict', message: 'A dispute is open. Close the account when it is decided.' },
  account_orders_open: { kind: 'conflict', message: 'Orders or offers stand open. Cancel them first.' },
  account_gifts_open: { kind: 'conflict', message: 'A gift waits to be accepted. Take it back, accept it or decline it first.' },
  account_trades_open: { kind: 'conflict', message: 'A trade is not over: its protection has to end and be paid out first.' },
  account_transfers_open: { kind: 'conflict', message: 'A deposit or withdrawal is on its way. Wait until it has ended.' },
  account_award_open: { kind: 'conflict', message: 'The guarantee fund still owes you money. Wait until it is paid.' },
  account_balance: { kind: 'conflict', message: 'There is money on the account. Withdraw it first.' },
} as const satisfies Record<CloseObstacle, Refused>;
export const MY_DATA_REFUSALS = {
  ...CLOSE_REFUSALS,
  export_busy: { kind: 'unavailable', message: 'Another export of yours is running, or two of others. Wait a minute and ask again.' },
} as const satisfies Record<string, Refused>;
export type MyDataCode = keyof typeof MY_DATA_REFUSALS;
