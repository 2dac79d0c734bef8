/** Refusals of opening an identity (product V-13): kind for the transport, and the sentence that says what to do next. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError } from '#server/refusal.ts';

export const OPENING_REFUSALS = {
  opening_case_missing: { kind: 'unprocessable', message: 'An identity is opened for a case only. Open the case first, or choose one.' },
  opening_ground_missing: { kind: 'unprocessable', message: 'Name the statute and article that permit to see who this is.' },
  opening_reason_missing: { kind: 'unprocessable', message: 'Say in a sentence what the identity is needed for.' },
  opening_scope_missing: {
    kind: 'unprocessable',
    message: 'Choose what of the person has to be seen: at least one field, and no more than needed.',
  },
  opening_subject_unknown: { kind: 'not_found', message: 'There is no person with this reference.' },
  opening_unknown: { kind: 'not_found', message: 'There is no such request, or it is not in the view of your role.' },
  opening_state: { kind: 'conflict', message: 'Somebody has already taken this request further, or it has lapsed. Load it again.' },
  opening_not_yours: { kind: 'forbidden', message: 'What was opened is read by the two officials who signed for it, and by nobody else.' },
  opening_second_person: { kind: 'forbidden', message: 'The two approvals must come from two people. Ask a colleague who sees the case.' },
  sealing_term: {
    kind: 'unprocessable',
    message: 'The person is told later by one sealing term of the rule pack from now at most, and never earlier than was fixed.',
  },
  sealing_over: { kind: 'conflict', message: 'The person has been told already.' },
} as const satisfies Record<string, { readonly kind: ConstructorParameters<typeof RefusalError>[0]; readonly message: string }>;
export type OpeningCode = keyof typeof OPENING_REFUSALS;

export function refuseOpening(code: OpeningCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = OPENING_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
