/**
 * What a user is told when something is refused: a stable code, one sentence that says what to do next, and the trace id (product Q-07).
 * The operator's sentence goes to the log; a refusal never carries SQL, a stack or another person's id.
 */
import type { ErrorFacts } from '#ledger/primitives/errors.ts';

export const REFUSAL_STATUS = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
} as const;
export type RefusalKind = keyof typeof REFUSAL_STATUS;

/** Ends a call that has no refused answer in its type. Thrown at the edge only: inside, refusals are values. */
export class RefusalError extends Error {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly facts: ErrorFacts;
  constructor(kind: RefusalKind, code: string, message: string, facts: ErrorFacts = {}) {
    super(message);
    this.name = 'RefusalError';
    this.kind = kind;
    this.code = code;
    this.facts = facts;
  }
}
