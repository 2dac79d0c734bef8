/** Refusals of a studio that joins (product T-01). */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';
import { RefusalError } from '#server/refusal.ts';

export const JOIN_STUDIO_REFUSALS = {
  credit_code_malformed: {
    kind: 'malformed',
    message: 'The credit code has 18 characters and a check character (GB 32100). Compare it with the licence.',
  },
  studio_phone_malformed: {
    kind: 'malformed',
    message: 'This is no telephone number in China. Give a mobile number, or one with its area code.',
  },
  credit_code_taken: { kind: 'conflict', message: 'An organisation with this credit code has applied already.' },
  join_certificate_missing: {
    kind: 'malformed',
    message: 'Paste the certificate of the organisation in PEM, then those of its authorities and their lists.',
  },
  join_certificate_refused: {
    kind: 'unprocessable',
    message: 'The certificate is not trusted here, for the reason that is named. Ask its authority.',
  },
  join_name_mismatch: {
    kind: 'unprocessable',
    message: 'The certificate names another organisation. Apply under the name that it carries.',
  },
  payout_holder_mismatch: { kind: 'unprocessable', message: 'The payout account must be in the name of the organisation.' },
  join_signature_invalid: {
    kind: 'unprocessable',
    message: 'The signature is not by the key of the certificate over this application. Sign it again.',
  },
  studio_name_taken: { kind: 'conflict', message: 'Another studio here bears one of these names. Apply under your own.' },
  studio_known: { kind: 'conflict', message: 'The key of this certificate has a studio account here already.' },
  application_unknown: { kind: 'not_found', message: 'There is no such application.' },
  application_state: { kind: 'conflict', message: 'The application is in another state. Load the page again.' },
  account_open_mismatch: { kind: 'malformed', message: 'This does not open the studio account of this certificate. Build it again.' },
  console_closed: {
    kind: 'forbidden',
    message: 'The studio is not active, or suspended. Its console opens when the desk has verified it; /studio/join says where it stands.',
  },
  account_open_refused: { kind: 'unprocessable', message: 'The ledger does not open this account, for the reason that is named.' },
} as const satisfies Record<string, { readonly kind: ConstructorParameters<typeof RefusalError>[0]; readonly message: string }>;
export type JoinStudioCode = keyof typeof JOIN_STUDIO_REFUSALS;

export function refuseJoin(code: JoinStudioCode, facts: ErrorFacts = {}): RefusalError {
  const { kind, message } = JOIN_STUDIO_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
