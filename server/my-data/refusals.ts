/** Refusals of "My data" (product P-46): kind for the transport, and the sentence that says what to do next. */
import type { RefusalKind } from '#server/refusal.ts';

export const MY_DATA_REFUSALS = {
  export_busy: { kind: 'unavailable', message: 'Another export of yours is running, or two of others. Wait a minute and ask again.' },
} as const satisfies Record<string, { readonly kind: RefusalKind; readonly message: string }>;
export type MyDataCode = keyof typeof MY_DATA_REFUSALS;
