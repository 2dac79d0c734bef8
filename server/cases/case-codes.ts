/** Refusals of interventions: kind for the transport, and the sentence that says what to do next. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError } from '#server/refusal.ts';

export const CASE_REFUSALS = {
  case_unknown: { kind: 'not_found', message: 'There is no such case, or it is not in the view of your role.' },
  case_closed: { kind: 'conflict', message: 'The case is closed. Open another one.' },
  case_open_acts: {
    kind: 'conflict',
    message: 'Freezes of this case are in force or wait for a second person. Lift or withdraw them first.',
  },
  target_unknown: { kind: 'not_found', message: 'There is nothing with this id to freeze.' },
  freeze_term: { kind: 'unprocessable', message: 'The end must lie ahead, and at most 90 days after the first freeze of this case.' },
  freeze_rank: { kind: 'conflict', message: 'A freeze of a higher authority is in force. Only that authority can change it.' },
  freeze_unknown: { kind: 'not_found', message: 'There is no such freeze.' },
  freeze_state: { kind: 'conflict', message: 'Somebody has already taken this freeze further, or it has ended. Load it again.' },
  halt_unknown: { kind: 'not_found', message: 'There is no such halt.' },
  halt_state: { kind: 'conflict', message: 'Somebody has already taken this halt further, or it has ended. Load it again.' },
  act_reused: { kind: 'conflict', message: 'This act was taken before with other contents. Start it again.' },
  sig_invalid: { kind: 'unauthenticated', message: 'The signature is not by the key of your certificate, or covers something else.' },
  ledger_tx_mismatch: { kind: 'unprocessable', message: 'The signed LedgerTx does not say what was asked for. Load the page again.' },
  second_person_needed: { kind: 'forbidden', message: 'The two approvals must come from two people.' },
  other_official_needed: { kind: 'forbidden', message: 'An appeal is answered by somebody who had no part in the freeze.' },
  supervisor_key_elsewhere: {
    kind: 'unavailable',
    message: 'The supervisor signs at its own node; this market does not hold its key.',
  },
  not_restricted: { kind: 'forbidden', message: 'This restriction is not on you.' },
  freeze_of_claim: { kind: 'conflict', message: 'The item is held for a dispute. Say there what you have to say.' },
  appeal_made: { kind: 'conflict', message: 'You have appealed already. The answer comes within 15 days.' },
  appeal_unknown: { kind: 'not_found', message: 'There is no such appeal.' },
  appeal_answered: { kind: 'conflict', message: 'The appeal has been answered already.' },
  return_unknown: { kind: 'not_found', message: 'There is no such sworn claim, or the item exists no more.' },
  return_done: { kind: 'conflict', message: 'The item is with whom it was taken from.' },
  return_not_sold: { kind: 'unprocessable', message: 'It was not lost by a trade that the ledger has, so there is nothing to reverse.' },
  return_trade_open: { kind: 'conflict', message: 'Its price still waits at the institution: a dispute about that trade gives back both.' },
  return_not_held: { kind: 'conflict', message: 'No freeze of this case holds the item long enough. Freeze it first.' },
  return_in_trade: {
    kind: 'conflict',
    message: 'The item is part of a purchase that is being paid, or of a gift on its way. Try again when that has ended.',
  },
  judgement_item_unknown: { kind: 'not_found', message: 'There is no such item, or it exists no more.' },
  judgement_party_unknown: { kind: 'unprocessable', message: 'Nobody here has the account that the judgement gives the item to.' },
  judgement_done: { kind: 'conflict', message: 'The item is with whom the judgement gives it to.' },
  judgement_refused: {
    kind: 'unprocessable',
    message: 'The court has given another judgement under this number. Compare the file with the one that it served.',
  },
  inquiry_unknown: { kind: 'not_found', message: 'There is no such question, or it was not put to you.' },
  inquiry_party_unknown: { kind: 'not_found', message: 'There is nobody with this account to ask.' },
  inquiry_due: { kind: 'unprocessable', message: 'The answer must be due in the future, at most 90 days ahead.' },
  inquiry_tells: {
    kind: 'forbidden',
    message: 'A question would tell that there is a case. About laundering only the operator may be asked (rulebook CN-AML-04).',
  },
  inquiry_over: { kind: 'conflict', message: 'The case is closed; nothing more is asked of you.' },
  inquiry_not_extendable: { kind: 'conflict', message: 'More time is given once, to who asked for it and has not answered.' },
  inquiry_replied: { kind: 'conflict', message: 'You have said this already. Load it again.' },
  countersign_unknown: { kind: 'not_found', message: 'Nobody has put this package before the notary, or it is not ready.' },
  countersign_decided: { kind: 'conflict', message: 'The notary has answered already. Load it again.' },
  countersign_mismatch: { kind: 'unprocessable', message: 'This is not the package that was put before the notary. Load it again.' },
  ledger_refused: { kind: 'unprocessable', message: 'The ledger did not take this; nothing was done.' },
} as const satisfies Record<string, { readonly kind: ConstructorParameters<typeof RefusalError>[0]; readonly message: string }>;
export type CaseCode = keyof typeof CASE_REFUSALS;

export function refuseCase(code: CaseCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = CASE_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
