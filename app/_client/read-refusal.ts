/** What a failed call says to people. */
import { TRPCClientError } from '@trpc/client';
import type { Refusal } from '#server/trpc/views.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOf = (value: unknown, fallback: string): string => (typeof value === 'string' && value !== '' ? value : fallback);

/** Whether the write may have been done all the same: only its repetition tells. */
export const isUnsure = ({ code }: Pick<Refusal, 'code'>): boolean =>
  code === 'offline' || code === 'unknown_failure' || code === 'internal_error';

/** Any failure as the refusal that screens show: the server's own where there is one, `offline` or `unknown_failure` otherwise. */
export function readRefusal(error: unknown): Refusal {
  if (error instanceof TRPCClientError) {
    const data: unknown = isRecord(error.data) ? error.data.refusal : null;
    if (isRecord(data)) {
      const facts = isRecord(data.facts) ? Object.fromEntries(Object.entries(data.facts).map(([key, value]) => [key, String(value)])) : {};
      return {
        code: textOf(data.code, 'unknown_failure'),
        message: textOf(data.message, error.message),
        traceId: textOf(data.traceId, ''),
        facts,
      };
    }
    return { code: 'offline', message: '', traceId: '' };
  }
  if (isRecord(error) && typeof error.code === 'string')
    return { code: error.code, message: textOf(error.message, ''), traceId: textOf(error.traceId, '') };
  return { code: 'unknown_failure', message: error instanceof Error ? error.message : '', traceId: '' };
}
