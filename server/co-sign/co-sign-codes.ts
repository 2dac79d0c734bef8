/** Refusals around a signature that a supervisor gives elsewhere. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError, type RefusalKind } from '#server/refusal.ts';

export const CO_SIGN_REFUSALS = {
  co_sign_malformed: { kind: 'malformed', message: 'The request could not be read. Use the command of this version.' },
  co_sign_word_stale: {
    kind: 'unauthenticated',
    message: 'The question is older than five minutes, or from ahead. Set the clock and ask again.',
  },
  co_sign_not_supervisor: {
    kind: 'forbidden',
    message: 'This key is of nobody who has to sign this in the configuration in force. Nothing was done.',
  },
  co_sign_unknown: { kind: 'not_found', message: 'Nothing with this number waits for a signature.' },
  co_sign_waiting: { kind: 'conflict', message: 'This step waits for the supervisor’s signature already. It goes on when it is given.' },
  co_sign_answered: { kind: 'conflict', message: 'This request has been answered, or has ended. Nothing was done.' },
  co_sign_expired: { kind: 'unprocessable', message: 'The time to sign is over. Take the step again; a new request will wait.' },
  co_sign_withdrawn: { kind: 'conflict', message: 'The request was taken back before it was signed. Nothing was done.' },
  co_sign_signature_invalid: {
    kind: 'unprocessable',
    message: 'The signature is not by this key over the LedgerTx that waits here. Nothing was done.',
  },
  co_sign_ledger_refused: {
    kind: 'unprocessable',
    message: 'The ledger would not take this step even signed, for the reason that is named.',
  },
} as const satisfies Record<string, { readonly kind: RefusalKind; readonly message: string }>;
export type CoSignCode = keyof typeof CO_SIGN_REFUSALS;

export function refuseCoSign(code: CoSignCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = CO_SIGN_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
