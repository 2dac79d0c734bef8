/** A refusal of identity as the error that a procedure may throw. */
import { IDENTITY_REFUSALS, type IdentityRefusal } from '#server/identity/identity.ts';
import { RefusalError } from '#server/refusal.ts';

export function identityRefused({ code, facts = {} }: IdentityRefusal): RefusalError {
  const { kind, message } = IDENTITY_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}
