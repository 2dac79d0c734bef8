/** Refusals of the operator's desk and of what people bring to it. */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError } from '#server/refusal.ts';

export const DESK_REFUSALS = {
  report_subject_unknown: { kind: 'not_found', message: 'There is no such item or person.' },
  report_made: { kind: 'conflict', message: 'You have reported this already. It is being looked into.' },
  theft_not_yours: { kind: 'forbidden', message: 'Only who has held the item can swear that it was stolen from them.' },
  objection_not_public: {
    kind: 'conflict',
    message: 'This is not in publicity, or not any more. A settled trade can be disputed by its parties.',
  },
  objection_own: { kind: 'forbidden', message: 'Parties do not object to their own trade: cancel the order, or dispute the trade.' },
  objection_made: { kind: 'conflict', message: 'You have objected already. The desk decides before the publicity ends.' },
  claims_barred: {
    kind: 'forbidden',
    message: 'A claim of yours was found to be false. Until the time named you cannot swear, report or object.',
  },
  desk_entry_unknown: { kind: 'not_found', message: 'This is not in the queue any more. Load the page again.' },
  desk_act_invalid: { kind: 'unprocessable', message: 'This step does not belong to this queue.' },
  content_hidden: { kind: 'conflict', message: 'The content of this kind is hidden already, or shown again. Load the page again.' },
  desk_freeze_used: {
    kind: 'conflict',
    message: 'The operator has frozen this item within thirty days, or an office holds it. Only a supervisor can go on.',
  },
} as const satisfies Record<string, { readonly kind: ConstructorParameters<typeof RefusalError>[0]; readonly message: string }>;
export type DeskCode = keyof typeof DESK_REFUSALS;

export function refuseDesk(code: DeskCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = DESK_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
