/** Refusals of disputes: kind for the transport, and the sentence that says what to do next. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError } from '#server/refusal.ts';

export const CLAIM_REFUSALS = {
  claim_unknown: { kind: 'not_found', message: 'There is no such dispute, or it is not yours to see.' },
  claim_trade_unknown: { kind: 'not_found', message: 'There is no such trade, or it is not yours.' },
  claim_too_early: { kind: 'conflict', message: 'The members have not certified this trade yet. Try again in a few seconds.' },
  claim_too_late: {
    kind: 'conflict',
    message: 'Protection of this trade is over and the money is paid out. Ask the supervisor or a court.',
  },
  claim_running: { kind: 'conflict', message: 'A dispute about this trade is running. Add what you know there.' },
  claim_made: { kind: 'conflict', message: 'You have disputed this trade before. A decision can be appealed, not asked for twice.' },
  claim_kind: { kind: 'unprocessable', message: 'This ground is not one that your side of the trade can have.' },
  claim_files: { kind: 'unprocessable', message: 'Up to three files of 400 kB each: pictures, PDF or plain text.' },
  claim_state: { kind: 'conflict', message: 'The dispute has moved on. Load it again.' },
  claim_not_your_turn: { kind: 'forbidden', message: 'This step belongs to the other side, or to an official.' },
  claim_answer_late: { kind: 'conflict', message: 'The 48 hours for an answer are over. The desk decides on what it has.' },
  claim_appeal_late: { kind: 'conflict', message: 'The seven days for an appeal are over.' },
  claim_case_unknown: { kind: 'not_found', message: 'This dispute is not with your office.' },
  claim_not_held: {
    kind: 'conflict',
    message: 'Nothing holds the item back long enough, so the ledger would refuse the reversal. Freeze it first.',
  },
  takeover_running: {
    kind: 'conflict',
    message: 'You have declared this already, and the account is cooling. Dispute later trades one by one.',
  },
  takeover_reused: { kind: 'conflict', message: 'This declaration was made before with other words. Start it again.' },
  claim_file_unknown: { kind: 'not_found', message: 'There is no such file in this dispute.' },
} as const satisfies Record<string, { readonly kind: ConstructorParameters<typeof RefusalError>[0]; readonly message: string }>;
export type ClaimCode = keyof typeof CLAIM_REFUSALS;

export function refuseClaim(code: ClaimCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = CLAIM_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
