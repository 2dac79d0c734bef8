/** From any thrown value to what the caller sees (`Refusal` of views.ts) and to what the log keeps. */
import { type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { type ErrorFacts, ParseError } from '#ledger/primitives/errors.ts';
import { IDENTITY_REFUSALS, type IdentityRefusal } from '#server/identity/identity.ts';
import { RefusalError, type RefusalKind } from '#server/refusal.ts';

const TRPC_CODES = {
  malformed: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  too_large: 'PAYLOAD_TOO_LARGE',
  unprocessable: 'UNPROCESSABLE_CONTENT',
  too_many: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
} as const satisfies Record<RefusalKind, TRPC_ERROR_CODE_KEY>;

/** Makes the error that a procedure throws to refuse. */
export function refusal(kind: RefusalKind, code: string, message: string, facts: ErrorFacts = {}): TRPCError {
  return new TRPCError({ code: TRPC_CODES[kind], message, cause: new RefusalError(kind, code, message, facts) });
}

export function identityRefusal({ code, facts = {} }: IdentityRefusal): TRPCError {
  const { kind, message } = IDENTITY_REFUSALS[code];
  return refusal(kind, code, message, facts);
}

export type PublicRefusal = { readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, string>> };

/** The public half of an error. A bug shows nothing of itself: its sentence is in the log under the trace id. */
export function publicRefusal(error: TRPCError): PublicRefusal {
  const { cause } = error;
  if (cause instanceof RefusalError) return { code: cause.code, message: cause.message, facts: textFacts(cause.facts) };
  if (cause instanceof ParseError) {
    return { code: cause.code, message: 'The request could not be read. Load the page again.', facts: textFacts(cause.facts) };
  }
  if (cause instanceof z.ZodError) {
    const [issue] = cause.issues;
    const facts = { field: issue?.path.join('.') ?? '', expected: issue?.message ?? '' };
    return { code: 'input_malformed', message: `The request could not be read: ${facts.field} ${facts.expected}.`, facts };
  }
  if (error.code === 'INTERNAL_SERVER_ERROR') {
    return {
      code: 'internal_error',
      message: 'Something broke on our side; nothing was done. Try again, and quote the trace id if it stays.',
      facts: {},
    };
  }
  if (error.code === 'NOT_FOUND') return { code: 'procedure_unknown', message: 'There is no such procedure.', facts: {} };
  return { code: 'request_malformed', message: 'The request could not be read. Load the page again.', facts: {} };
}

export function isBug(error: TRPCError): boolean {
  const { cause } = error;
  const isExpected = cause instanceof RefusalError || cause instanceof ParseError || cause instanceof z.ZodError;
  return !isExpected && error.code === 'INTERNAL_SERVER_ERROR';
}

function textFacts(facts: ErrorFacts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
}
