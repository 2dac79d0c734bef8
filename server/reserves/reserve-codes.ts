/** Refusals about the tax reserve: kind for the transport, and the sentence that says what to do next. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError } from '#server/refusal.ts';

/** In order of precedence. */
export const RESERVE_REFUSALS = {
  proof_month: {
    kind: 'unprocessable',
    message: 'You have no sale of this month inside a trial of the tax reserve: there is nothing to prove.',
  },
  proof_future: { kind: 'unprocessable', message: 'The day of filing lies in the future.' },
  proof_early: { kind: 'unprocessable', message: 'The return was filed before your first sale of this month, which is named.' },
  proof_receipt_used: {
    kind: 'conflict',
    message: 'This receipt number has been presented for another return. Compare it with your receipt.',
  },
  proof_unknown: { kind: 'not_found', message: 'There is no such proof.' },
  proof_decided: { kind: 'conflict', message: 'The proof has been decided already. Load it again.' },
  reserve_unknown: { kind: 'not_found', message: 'Nothing of this sale is kept.' },
  reserve_complained: { kind: 'conflict', message: 'You have said so about this sale already.' },
  complaint_unknown: { kind: 'not_found', message: 'There is no such complaint.' },
  complaint_answered: { kind: 'conflict', message: 'The complaint has been answered already. Load it again.' },
  tax_office_elsewhere: { kind: 'unavailable', message: 'Only a demonstration has a simulated tax office. File with yours.' },
} as const;
export type ReserveCode = keyof typeof RESERVE_REFUSALS;

export function refuseReserve(code: ReserveCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = RESERVE_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
